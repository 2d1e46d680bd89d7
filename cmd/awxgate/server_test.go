package main

import (
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	_ "modernc.org/sqlite" // to lock a database from outside
)

func TestRevokedTokensAreNeverAcceptedAgain(t *testing.T) {
	const rounds = 1000
	s := newWorld(t).start()
	admin := "Bearer " + s.create()
	accepted := 0
	for round := range rounds {
		id, token := s.createOverAPI(admin)
		for range 2 { // from the store, and from the cache
			if status := s.use(token); status != http.StatusOK {
				t.Fatalf("round %d: a live token got %d", round, status)
			}
		}
		if status, body := s.ask(http.MethodDelete, fmt.Sprintf("/api/v2/tokens/%d/", id), admin, ""); status != http.StatusNoContent {
			t.Fatalf("round %d: deleting got %d %s", round, status, body)
		}
		if s.use(token) != http.StatusUnauthorized {
			accepted++
		}
	}
	t.Logf("%d of %d revoked tokens were accepted", accepted, rounds)
	if accepted != 0 {
		t.Fail()
	}
}

func (w *world) createOverAPI(credentials string) (id int64, token string) {
	w.t.Helper()
	status, body := w.ask(http.MethodPost, "/api/v2/tokens/", credentials, `{"scope":"write","description":"test"}`)
	var created struct {
		ID    int64
		Token string
	}
	if err := json.Unmarshal([]byte(body), &created); err != nil || status != http.StatusCreated || len(created.Token) != 30 {
		w.t.Fatalf("creating a token: %d %s %v", status, body, err)
	}
	return created.ID, created.Token
}

func TestKillLosesNoAnsweredToken(t *testing.T) {
	const clients, enough = 4, 60
	w := newWorld(t)
	s := w.start()
	admin := "Bearer " + s.create()
	var mu sync.Mutex
	var answered []string
	killed := make(chan struct{})
	var wait sync.WaitGroup
	for range clients {
		wait.Go(func() {
			for {
				status, body, err := s.try(http.MethodPost, "/api/v2/tokens/", admin, `{"scope":"read"}`)
				if err != nil {
					return // killed
				}
				var created struct{ Token string }
				if status != http.StatusCreated || json.Unmarshal([]byte(body), &created) != nil {
					t.Errorf("creating a token: %d %s", status, body)
					return
				}
				mu.Lock()
				answered = append(answered, created.Token)
				if len(answered) == enough {
					close(killed)
				}
				mu.Unlock()
			}
		})
	}
	<-killed
	s.kill()
	wait.Wait()
	again := w.start()
	for _, token := range answered {
		if status := again.use(token); status != http.StatusOK {
			t.Errorf("a token that was answered got %d after the restart", status)
		}
	}
	t.Logf("%d tokens were answered before the kill", len(answered))
}

func TestNoSecretIsKeptOrLogged(t *testing.T) {
	w := newWorld(t).debug()
	s := w.start()
	personal := s.create()
	basic := "Basic " + base64.StdEncoding.EncodeToString([]byte("admin:"+password))
	_, byAPI := s.createOverAPI(basic)
	status, body := s.ask(http.MethodPost, "/api/v2/applications/", "Bearer "+personal,
		`{"name":"app","organization":1,"client_type":"confidential","authorization_grant_type":"password"}`)
	var app struct {
		ClientID     string `json:"client_id"`
		ClientSecret string `json:"client_secret"`
	}
	if err := json.Unmarshal([]byte(body), &app); err != nil || status != http.StatusCreated {
		t.Fatalf("creating an application: %d %s %v", status, body, err)
	}
	client := "Basic " + base64.StdEncoding.EncodeToString([]byte(app.ClientID+":"+app.ClientSecret))
	grant := func(form url.Values) (access, refresh string) {
		status, body := s.ask(http.MethodPost, "/api/o/token/", client, form.Encode())
		var granted struct {
			Access  string `json:"access_token"`
			Refresh string `json:"refresh_token"`
		}
		if err := json.Unmarshal([]byte(body), &granted); err != nil || status != http.StatusOK {
			t.Fatalf("asking for a grant: %d %s %v", status, body, err)
		}
		return granted.Access, granted.Refresh
	}
	access, refresh := grant(url.Values{"grant_type": {"password"}, "username": {"admin"}, "password": {password}, "scope": {"write"}})
	access2, refresh2 := grant(url.Values{"grant_type": {"refresh_token"}, "refresh_token": {refresh}})
	for _, token := range []string{personal, byAPI, access, access2, refresh, "nosuchtokennosuchtokennosuchto"} {
		s.use(token)
	}
	if status := s.use(access2); status != http.StatusOK {
		t.Errorf("the refreshed token got %d", status)
	}
	s.kill() // so that the log of the database stays

	kept := map[string]string{"the server's log": s.log.String()}
	err := filepath.WalkDir(w.data, func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(file)
		kept[file] = string(content)
		return err
	})
	if err != nil || len(kept) < 4 { // with the database, its log and the signing key
		t.Fatalf("found only %d files: %v", len(kept), err)
	}
	if !strings.Contains(kept["the server's log"], `"level":"debug"`) || !strings.Contains(kept["the server's log"], "handled request") {
		t.Fatal("there is no debug and access log to look at")
	}
	for name, secret := range map[string]string{
		"the personal token": personal, "the token of the API": byAPI, "the access token": access, "the refreshed access token": access2,
		"the refresh token": refresh, "the second refresh token": refresh2, "the client secret": app.ClientSecret, "the password": password,
		"the password, encoded": strings.TrimPrefix(basic, "Basic "), "the client's credentials": strings.TrimPrefix(client, "Basic "),
		"the password, in a form": url.QueryEscape(password),
	} {
		for place, content := range kept {
			if secret == "" || strings.Contains(content, secret) || strings.Contains(content, secret[:len(secret)-5]) {
				t.Errorf("%s is in %s", name, place)
			}
		}
	}
}

func TestRejectedReloadKeepsServing(t *testing.T) {
	w := newWorld(t)
	s := w.start()
	token := w.create()
	content, err := os.ReadFile(w.config)
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string][2]string{
		"a mistyped option":        {"\t\tidentity ", "\t\tidentitty "},
		"a missing data directory": {`"{$AWXGATE_DATA}"`, `"{$AWXGATE_DATA}/missing"`},
	} {
		bad := filepath.Join(t.TempDir(), "Caddyfile")
		if err := os.WriteFile(bad, []byte(strings.Replace(string(content), change[0], change[1], 1)), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, errOut, status := w.run("reload", "--config", bad, "--address", w.admin, "--force"); status == 0 {
			t.Errorf("%s was accepted: %s", name, errOut)
		}
		if status := s.use(token); status != http.StatusOK {
			t.Errorf("after %s: %d", name, status)
		}
		s.createOverAPI("Bearer " + token)
	}
	if _, errOut, status := w.run("reload", "--config", w.config, "--address", w.admin, "--force"); status != 0 {
		t.Errorf("a good reload was refused: %s", errOut)
	}
	if status := s.use(token); status != http.StatusOK {
		t.Errorf("after a good reload: %d", status)
	}
}

func TestMistakesStopWithOneSentence(t *testing.T) {
	write := func(t *testing.T, name, content string) {
		t.Helper()
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, test := range []struct {
		name    string
		arrange func(t *testing.T, w *world)
		want    string
	}{
		{
			"a missing data directory", func(_ *testing.T, w *world) { w.data += "/missing" },
			"missing does not exist: create it (mkdir -p -m 700 ",
		},
		{"a data directory that is a file", func(t *testing.T, w *world) {
			w.data += "/file"
			write(t, w.data, "")
		}, "is a file: name the directory"},
		{"a foreign file", func(t *testing.T, w *world) {
			write(t, w.data+"/awxgate.db", strings.Repeat("This is a text and no database. ", 10))
		}, "is not an awxgate database, and nothing was written to it: choose another file"},
		{"a locked database", func(t *testing.T, w *world) {
			w.create()
			lock(t, w.data+"/awxgate.db")
		}, "end it and start again"},
		{"an unknown sub-directive", func(t *testing.T, w *world) {
			w.config = filepath.Join(t.TempDir(), "Caddyfile")
			write(t, w.config, "{\n\tawxgate {\n\t\tstoer sqlite\n\t}\n}\n")
		}, "unrecognized subdirective: stoer, at "},
		{"a port that another program has", func(t *testing.T, w *world) {
			listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", w.address)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = listener.Close() })
		}, "already in use"},
		{"a port that another awxgate has", func(t *testing.T, w *world) {
			other := newWorld(t)
			other.address = w.address
			other.start()
		}, "already in use"},
		{"a database of an unknown kind", func(_ *testing.T, w *world) {
			w.extra = append(w.extra, "AWXGATE_STORE=mysql://awx:hunter2@db/awx")
		}, "store is neither a postgres:// address nor one of: postgres, sqlite"},
		{"AWX as the directory, and no AWX", func(_ *testing.T, w *world) {
			w.extra = append(w.extra, "AWXGATE_DIRECTORY=awx")
		}, "where is AWX? Set AWXGATE_UPSTREAM to its base URL"},
		{"AWX as the directory, and no way to look users up", func(_ *testing.T, w *world) {
			w.extra = append(w.extra, "AWXGATE_DIRECTORY=awx", "AWXGATE_UPSTREAM=http://127.0.0.1:9", "AWXGATE_IDENTITY=headers")
		}, "awx looks users up with what the identity dab_jwt signs"},
		{"a password in AWX's address", func(_ *testing.T, w *world) {
			w.extra = append(w.extra, "AWXGATE_DIRECTORY=awx", "AWXGATE_UPSTREAM=http://admin:hunter2@127.0.0.1:9")
		}, "must not hold credentials"},
		{
			"an address without a port", func(_ *testing.T, w *world) { w.address = "127.0.0.1" },
			`AWXGATE_LISTEN="127.0.0.1" is not an address to listen on; write host:port`,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t)
			test.arrange(t, w)
			_, errOut, status := w.run("run", "--config", w.config)
			if status != 1 || !strings.Contains(errOut, test.want) {
				t.Errorf("status %d, and no %q in\n%s", status, test.want, errOut)
			}
			if strings.Contains(errOut, "hunter2") {
				t.Error("a password was printed")
			}
		})
	}
}

// lock keeps every other process out of a database until the test ends.
func lock(t *testing.T, path string) {
	t.Helper()
	ctx := context.Background() // outlives the test's context, for the clean-up
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	db.SetMaxOpenConns(1)
	for _, statement := range []string{"PRAGMA locking_mode = EXCLUSIVE", "BEGIN EXCLUSIVE", "PRAGMA user_version = 7"} {
		if _, err := db.ExecContext(ctx, statement); err != nil {
			t.Fatal(err)
		}
	}
}
