package caddymodule

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"
)

// Whoever changes AWX behind the gateway's back is followed within the ttl. A request to
// AWX in that time would carry the old identity, so these ask the gateway.
func TestDirectoryAWX_TokensFollowTheirUser(t *testing.T) {
	for name, change := range map[string]struct {
		edit       func(u *awxUser)
		ours, awxs string // what the gateway and what AWX say then
	}{
		"disabled": {func(u *awxUser) { u.Disabled = true }, "401", "401"},
		"renamed":  {func(u *awxUser) { u.Username = "alicia" }, "200 alicia true", "200 alicia"},
		"deleted":  {nil, "401", "401"},
		"demoted":  {func(u *awxUser) { u.IsSuperuser = false }, "200 alice false", "200 alice"},
	} {
		t.Run(name, func(t *testing.T) {
			r := newDirectoryRig(t, "ttl 50ms")
			r.changeUser("alice", func(u *awxUser) { u.IsSuperuser = true })
			token := r.personalToken("alice")
			if got := r.whoIs(token); got != "200 alice" {
				t.Fatalf("got %q", got)
			}
			r.changeUser("alice", change.edit)
			r.eventually(change.ours, func() string { return r.ownerOf(token) })
			if got := r.whoIs(token); got != change.awxs {
				t.Errorf("AWX says %q", got)
			}
			if u, found := r.awx.User("alice"); found && (u.FromJWT || name == "demoted" && u.IsSuperuser) {
				t.Errorf("the gateway undid it: %+v", u)
			}
		})
	}
}

// What is changed through the gateway counts at once, or a busy token would undo it.
func TestDirectoryAWX_ChangesThroughTheGatewayAreNotUndone(t *testing.T) {
	for name, change := range map[string]struct{ method, body, want string }{
		"renamed": {http.MethodPatch, `{"username":"alicia"}`, "200 alicia"},
		"demoted": {http.MethodPatch, `{"is_superuser":false}`, "200 alice"},
		"deleted": {http.MethodDelete, "", "401"},
	} {
		t.Run(name, func(t *testing.T) {
			r := newDirectoryRig(t, "ttl 1h")
			r.changeUser("alice", func(u *awxUser) { u.IsSuperuser = true })
			token := r.personalToken("alice")
			for range 3 {
				if got := r.whoIs(token); got != "200 alice" {
					t.Fatalf("got %q", got)
				}
			}
			if status, body := r.call(change.method, "/api/v2/users/5/", basicHeader("admin", adminPassword), change.body); status >= 300 {
				t.Fatalf("status %d, %s", status, body)
			}
			for range 3 {
				if got := r.whoIs(token); got != change.want {
					t.Errorf("got %q", got)
				}
			}
			if u, found := r.awx.User("alice"); found && (name != "demoted" || u.IsSuperuser) {
				t.Errorf("the gateway undid it: %+v", u)
			}
		})
	}
}

// A database that is restored, or a name that is free again, gives the old tokens to nobody.
func TestDirectoryAWX_TokensAreNobodyElses(t *testing.T) {
	for name, someoneElse := range map[string]func(u *awxUser){
		"the same id":          func(u *awxUser) { u.Username = "bob" },
		"the same name":        func(u *awxUser) { u.ID = 99 },
		"the same id and name": func(*awxUser) {},
	} {
		t.Run(name, func(t *testing.T) {
			r := newDirectoryRig(t, "ttl 50ms")
			_, clientID := r.application("admin", `{"name":"ci","organization":1,"client_type":"public","authorization_grant_type":"password"}`)
			_, granted := r.grant(url.Values{"grant_type": {"password"}, "username": {"alice"}, "password": {adminPassword}, "client_id": {clientID}})
			refresh, _ := granted["refresh_token"].(string)
			personal := r.personalToken("alice")
			alice, _ := r.awx.User("alice")
			r.changeUser("alice", nil)
			alice.AnsibleID = "99999999-8a52-4c1c-9f5e-2d6b8f6d1a11"
			someoneElse(&alice)
			r.awx.Add(alice)
			r.eventually("401", func() string { return r.ownerOf(personal) })
			r.eventually("401", func() string { return r.ownerOf(granted["access_token"].(string)) })
			if status, answer := r.grant(url.Values{"grant_type": {"refresh_token"}, "refresh_token": {refresh}, "client_id": {clientID}}); refresh == "" || status != http.StatusBadRequest {
				t.Errorf("refresh: %d %v", status, answer)
			}
			if token := r.personalToken(alice.Username); r.whoIs(token) != "200 "+alice.Username {
				t.Error("who came after gets no token")
			}
		})
	}
}

func TestDirectoryAWX_AnOutageIsNotTheEndOfAUser(t *testing.T) {
	r := newDirectoryRig(t, "ttl 50ms", "grace 1h")
	known, unknown := r.personalToken("alice"), r.personalToken("member")
	list := func(token string) string {
		status, _ := r.call(http.MethodGet, "/api/v2/tokens/", bearerHeader(token), "")
		return strconv.Itoa(status)
	}
	r.start("ttl 60ms", "grace 1h") // a directory with another memory
	if got := list(known); got != "200" {
		t.Fatalf("got %s", got)
	}
	r.awx.SetDown(true)
	for _, reload := range []bool{false, true} {
		if reload { // of the same directory
			if err := r.load(strings.Replace(r.directoryCaddyfile("ttl 60ms", "grace 1h"), "linger 10ms", "linger 20ms", 1)); err != nil {
				t.Fatal(err)
			}
		}
		deadline := time.Now().Add(200 * time.Millisecond) // several times the ttl
		for time.Now().Before(deadline) {
			if got := list(known); got != "200" {
				t.Fatalf("known, reloaded %t: %s", reload, got)
			}
			if got := list(unknown); got != "503" {
				t.Fatalf("unknown, reloaded %t: %s", reload, got)
			}
		}
	}
	if got := list("nosuchtoken"); got != "401" {
		t.Errorf("a token that does not exist: %s", got)
	}
	r.awx.SetDown(false)
	r.eventually("200", func() string { return list(unknown) })

	r.start("ttl 60ms", "grace off")
	if got := list(known); got != "200" {
		t.Fatalf("got %s", got)
	}
	r.awx.SetDown(true)
	r.eventually("503", func() string { return list(known) })
	r.awx.SetDown(false)
	r.eventually("200", func() string { return list(known) })
}
