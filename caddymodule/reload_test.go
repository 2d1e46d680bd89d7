package caddymodule

import (
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/caddyserver/caddy/v2"
	"go.uber.org/goleak"

	"github.com/awxgate/awxgate/tokencore"
)

func TestReloadUnderLoadGivesNoWrongAnswer(t *testing.T) {
	// Caddy, and libraries that it links, start goroutines once and never end them.
	warm := newRig(t)
	warm.do(http.MethodGet, "/", nil)
	stopCaddy(t)
	warm.client.CloseIdleConnections()
	ignore := goleak.IgnoreCurrent()

	t.Run("clients and reloads", func(t *testing.T) {
		const clients, reloads = 8, 200
		r := newRig(t)
		alice := r.tokenOfAlice()
		good, readOnly := r.token("write").Access.Reveal(), r.token("read").Access.Reveal()
		revoked := r.token("write")
		if err := r.service(nil).RevokeToken(t.Context(), tokencore.Actor{}, revoked.Token.ID); err != nil {
			t.Fatal(err)
		}
		var stop atomic.Bool
		var answers, wrong atomic.Int64
		var wait sync.WaitGroup
		for range clients {
			wait.Go(func() {
				for !stop.Load() {
					for _, question := range []struct {
						token string
						want  string
					}{
						{good, "200 upstream admin"}, {alice, "200 upstream alice"}, {readOnly, "403"}, {revoked.Access.Reveal(), "401"}, {"nosuch", "401"}, {"", "200 upstream "},
					} {
						got, err := r.ask(question.token)
						answers.Add(1)
						if err != nil || !strings.HasPrefix(got, question.want) {
							wrong.Add(1)
							t.Errorf("got %q, %v; want %q", got, err, question.want)
						}
					}
				}
			})
		}
		for n := range reloads {
			// Every second configuration has a cache of its own, over the same store.
			if err := r.load(r.caddyfile(fmt.Sprintf("cache {\nentries %d\n}", 1000+n/2))); err != nil {
				t.Fatal(err)
			}
			// What this configuration revokes, the next and the last one must know.
			issued := r.token("write")
			if got, _ := r.ask(issued.Access.Reveal()); !strings.HasPrefix(got, "200") {
				t.Errorf("a new token got %q", got)
			}
			if err := r.service(nil).RevokeToken(t.Context(), tokencore.Actor{}, issued.Token.ID); err != nil {
				t.Fatal(err)
			}
			if got, _ := r.ask(issued.Access.Reveal()); !strings.HasPrefix(got, "401") {
				t.Errorf("a revoked token got %q", got)
			}
		}
		stop.Store(true)
		wait.Wait()
		t.Logf("%d reloads, %d answers, %d wrong", reloads, answers.Load(), wrong.Load())
		stopCaddy(t)
	})
	// Caddy's storage cleaner lets go of its lock file when it wakes up next.
	goleak.VerifyNone(t, ignore, goleak.IgnoreAnyFunction("github.com/caddyserver/certmagic.keepLockfileFresh"))
}

// ask sends a write with a token; it returns the status and the body. A reload resets
// connections that were opened or reused at that very moment, because the listening
// socket changes hands; that is no answer, so it asks again, as clients do.
func (r *rig) ask(token string) (answer string, err error) {
	for range 10 {
		if answer, err = r.askOnce(token); err == nil {
			return answer, nil
		}
	}
	return "", err
}

func (r *rig) askOnce(token string) (string, error) {
	request, err := http.NewRequest(http.MethodPost, "http://"+r.address+"/api/v2/jobs/", nil)
	if err != nil {
		return "", err
	}
	if token != "" {
		request.Header = bearerHeader(token)
	}
	response, err := r.client.Do(request)
	if err != nil {
		return "", err
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	return fmt.Sprintf("%d %s", response.StatusCode, body), err
}

// stopCaddy stops Caddy, and waits until everything that was shared has been given back
// and closed.
func stopCaddy(t *testing.T) {
	t.Helper()
	var stores []*sharedStore
	storePool.Range(func(_, value any) bool {
		stores = append(stores, value.(*sharedStore))
		return true
	})
	if err := caddy.Stop(); err != nil {
		t.Fatal(err)
	}
	closed := func() bool {
		n := 0
		count := func(any, any) bool { n++; return true }
		corePool.Range(count)
		storePool.Range(count)
		for _, s := range stores {
			s.mu.Lock()
			if s.store != nil {
				n++
			}
			s.mu.Unlock()
		}
		return n == 0
	}
	for deadline := time.Now().Add(patience); !closed(); {
		if time.Now().After(deadline) {
			t.Fatal("a store or a cache was never given back")
		}
		<-time.After(time.Millisecond)
	}
}

func TestRejectedReloadKeepsServing(t *testing.T) {
	r := newRig(t)
	token := r.token("write").Access.Reveal()
	for name, config := range map[string]string{
		"a mistyped option":         r.caddyfile("stoer sqlite"),
		"a missing data directory":  strings.ReplaceAll(r.caddyfile(""), r.data, filepath.Join(r.data, "missing")),
		"a header that cannot be":   r.caddyfile("identity headers {\nuser Host\n}"),
		"a site that cannot listen": strings.Replace(r.caddyfile(""), "bind 127.0.0.1", "bind 192.0.2.1", 1),
		"a handler that fails":      strings.Replace(r.caddyfile(""), "awxgate_upstream", "templates {\nmime\n}\nawxgate_upstream", 1),
	} {
		if err := r.load(config); err == nil {
			t.Errorf("%s was accepted", name)
		}
		if got, err := r.ask(token); err != nil || !strings.HasPrefix(got, "200 upstream admin") {
			t.Errorf("after %s: %q, %v", name, got, err)
		}
		if _, err := r.service(nil).Issue(t.Context(), tokencore.Actor{}, tokencore.TokenRequest{UserID: 1}); err != nil {
			t.Errorf("after %s: %v", name, err)
		}
	}
}

func TestValidateChangesNothing(t *testing.T) {
	t.Run("no database yet", func(t *testing.T) {
		data := t.TempDir()
		validate(t, fmt.Sprintf("{\nadmin off\nawxgate {\nstore sqlite %q\n}\n}", data))
		if files, err := os.ReadDir(data); err != nil || len(files) != 0 {
			t.Errorf("there is %v now: %v", files, err)
		}
	})
	t.Run("no default directory yet", func(t *testing.T) {
		t.Chdir(t.TempDir())
		validate(t, "{\nadmin off\nawxgate\n}")
		if files, err := os.ReadDir("."); err != nil || len(files) != 0 {
			t.Errorf("there is %v now: %v", files, err)
		}
	})
	t.Run("an empty file", func(t *testing.T) {
		data := t.TempDir()
		if err := os.WriteFile(filepath.Join(data, defaultDatabaseFile), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		validate(t, fmt.Sprintf("{\nadmin off\nawxgate {\nstore sqlite %q\n}\n}", data))
		if info, err := os.Stat(filepath.Join(data, defaultDatabaseFile)); err != nil || info.Size() != 0 {
			t.Errorf("the file is %v now: %v", info, err)
		}
	})
	t.Run("a live database", func(t *testing.T) {
		r := newRig(t)
		token := r.token("write").Access.Reveal()
		before := hashes(t, r.data)
		validate(t, r.caddyfile("cache {\nentries 7\n}"))
		if after := hashes(t, r.data); after != before {
			t.Errorf("before:\n%s\nafter:\n%s", before, after)
		}
		if got, err := r.ask(token); err != nil || !strings.HasPrefix(got, "200") {
			t.Errorf("afterwards: %q, %v", got, err)
		}
	})
}

func validate(t *testing.T, caddyfile string) {
	t.Helper()
	config, err := adapt(caddyfile)
	if err != nil {
		t.Fatal(err)
	}
	parsed := new(caddy.Config)
	if err := caddy.StrictUnmarshalJSON(config, parsed); err != nil {
		t.Fatal(err)
	}
	if err := caddy.Validate(parsed); err != nil {
		t.Fatal(err)
	}
}

// hashes covers the database and its log, but not the shared memory index, in which
// readers note that they read, nor what the running gateway remembers.
func hashes(t *testing.T, directory string) string {
	t.Helper()
	var b strings.Builder
	files, err := filepath.Glob(filepath.Join(directory, "*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files: %v", len(files), err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "-shm") || strings.HasPrefix(filepath.Base(file), "restore-") {
			continue
		}
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "%x %s\n", sha256.Sum256(content), file)
	}
	return b.String()
}
