package caddymodule

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/caddyserver/caddy/v2"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/awxgate/awxgate/tokencore"
)

func (r *rig) stats() stats {
	r.t.Helper()
	app, err := caddy.ActiveContext().AppIfConfigured(appName)
	if err != nil {
		r.t.Fatal(err)
	}
	return app.(*App).core.stats()
}

func TestUnknownBearersPassToAWXIfWanted(t *testing.T) {
	r := newRig(t, "unknown_bearer pass")
	ctx, service := t.Context(), r.service(nil)
	bob, err := service.CreateUser(ctx, tokencore.Actor{}, tokencore.User{Username: "bob", IsActive: true})
	if err != nil {
		t.Fatal(err)
	}
	ofBob, err := service.Issue(ctx, tokencore.Actor{}, tokencore.TokenRequest{UserID: bob.ID})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := service.UpdateUser(ctx, tokencore.Actor{}, bob.ID, func(u *tokencore.User) error { u.IsActive = false; return nil }); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name, authorization string
		want                int
	}{
		{"a token of AWX", "Bearer abcdefghijklmnopqrstuvwxyz0123", http.StatusOK},
		{"the same again, from memory", "Bearer abcdefghijklmnopqrstuvwxyz0123", http.StatusOK},
		{"an expired one of ours", "Bearer " + r.expiredToken(), http.StatusUnauthorized},
		{"one of a disabled user", "Bearer " + ofBob.Access.Reveal(), http.StatusUnauthorized},
		{"a malformed one", "Bearer a b", http.StatusUnauthorized},
		{"one without the right", "Bearer " + r.token("read").Access.Reveal(), http.StatusForbidden},
	} {
		t.Run(test.name, func(t *testing.T) {
			status, _, _ := r.do(http.MethodPost, "/api/v2/jobs/", http.Header{
				"Authorization": {test.authorization}, "Cookie": {"csrftoken=c; awx_sessionid=s"}, "X-Awxgate-User": {"admin"},
			})
			if status != test.want {
				t.Errorf("status %d, want %d", status, test.want)
			}
			received := r.upstream.take()
			if (len(received) == 1) != (test.want == http.StatusOK) {
				t.Fatalf("AWX saw %d requests", len(received))
			}
			if len(received) == 0 {
				return
			}
			got := received[0].Header
			if got.Get("Authorization") != test.authorization || got.Get("Cookie") != "csrftoken=c" || got.Get("X-Awxgate-User") != "" {
				t.Errorf("AWX got %v", got)
			}
		})
	}
	if status, _, _ := r.do(http.MethodPost, "/api/v2/tokens/", bearerHeader("abcdefghijklmnopqrstuvwxyz0123")); status != http.StatusUnauthorized {
		t.Errorf("the token API: status %d", status)
	}
}

func TestOutageIsUnavailableThoughUnknownBearersPass(t *testing.T) {
	outage := verifierFunc(func(context.Context, tokencore.Digest) (*tokencore.Principal, error) {
		return nil, tokencore.ErrUnavailable
	})
	answer, _, passed := serve(t, &AuthHandler{app: newTestApp(t, outage), UnknownBearer: unknownPass})
	if answer.Code != http.StatusServiceUnavailable || passed {
		t.Errorf("status %d, passed %v", answer.Code, passed)
	}
}

func TestTrialRefusesNothing(t *testing.T) {
	r := newRig(t, "trial", "require")
	readOnly := "Bearer " + r.token("read").Access.Reveal()
	for _, test := range []struct {
		name, path, authorization string
		count                     func(refusedStats) uint64
	}{
		{"no token", "/api/v2/jobs/", "", func(s refusedStats) uint64 { return s.None }},
		{"an unknown token", "/api/v2/jobs/", "Bearer nosuch", func(s refusedStats) uint64 { return s.Invalid }},
		{"a malformed token", "/api/v2/jobs/", "Bearer a b", func(s refusedStats) uint64 { return s.Invalid }},
		{"a token without the right", "/api/v2/jobs/", readOnly, func(s refusedStats) uint64 { return s.Scope }},
		{"an ambiguous path", "/api/v2//jobs/", "Bearer " + r.token("write").Access.Reveal(), func(s refusedStats) uint64 { return s.Path }},
	} {
		t.Run(test.name, func(t *testing.T) {
			before := test.count(r.stats().WouldRefuse)
			header := http.Header{"Cookie": {"awx_sessionid=s"}, "X-Awxgate-User": {"admin"}, "X-Dab-Jw-Token": {"claimed"}}
			if test.authorization != "" {
				header.Set("Authorization", test.authorization)
			}
			status, _, body := r.do(http.MethodPost, test.path, header)
			received := r.upstream.take()
			if status != http.StatusOK || body != "upstream " || len(received) != 1 {
				t.Fatalf("status %d, %q, AWX saw %d requests", status, body, len(received))
			}
			got := received[0].Header
			if got.Get("Authorization") != test.authorization || got.Get("Cookie") != "awx_sessionid=s" || got.Get("X-Dab-Jw-Token") != "" {
				t.Errorf("AWX got %v", got)
			}
			if n := test.count(r.stats().WouldRefuse) - before; n != 1 {
				t.Errorf("counted %d times", n)
			}
		})
	}
	if refused := r.stats().Refused; refused != (refusedStats{}) {
		t.Errorf("counted as refused: %+v", refused)
	}
	if status, _, body := r.do(http.MethodPost, "/api/v2/jobs/", bearerHeader(r.token("write").Access.Reveal())); status != http.StatusOK || body != "upstream admin" {
		t.Errorf("a good token: status %d, %s", status, body)
	}
	r.upstream.take()
	for _, path := range []string{"/api/v2/tokens/", "/api/o/token/", "/websocket/relay/"} {
		if status, _, _ := r.do(http.MethodPost, path, bearerHeader("nosuch")); status < http.StatusBadRequest {
			t.Errorf("%s: status %d", path, status)
		}
	}
	if n := len(r.upstream.take()); n != 0 {
		t.Errorf("AWX saw %d requests for what is ours", n)
	}
}

func TestTrialPassesWhatCannotBeJudged(t *testing.T) {
	outage := verifierFunc(func(context.Context, tokencore.Digest) (*tokencore.Principal, error) {
		return nil, tokencore.ErrUnavailable
	})
	live := verifierFunc(func(context.Context, tokencore.Digest) (*tokencore.Principal, error) {
		return &tokencore.Principal{Scope: tokencore.ScopeWrite, User: tokencore.User{ID: 1, Username: "admin"}}, nil
	})
	broken := newTestApp(t, live)
	broken.identity = brokenIdentity{}
	for name, app := range map[string]*App{"the store is down": newTestApp(t, outage), "the identity cannot be told": broken} {
		if _, _, passed := serve(t, &AuthHandler{app: app, Trial: true, trialLog: zap.NewNop()}); !passed {
			t.Errorf("%s: refused", name)
		}
		if got := app.core.stats().WouldRefuse; got.Unavailable != 1 {
			t.Errorf("%s: counted %+v", name, got)
		}
	}
}

func TestTrialLogIsBounded(t *testing.T) {
	core, lines := observer.New(zap.InfoLevel)
	app := newTestApp(t, verifierFunc(func(context.Context, tokencore.Digest) (*tokencore.Principal, error) {
		return nil, tokencore.ErrInvalidToken
	}))
	h := &AuthHandler{app: app, Trial: true, trialLog: trialLog(zap.New(core))}
	for range 10 * trialLines {
		serve(t, h)
	}
	if n := lines.Len(); n == 0 || n > 2*trialLines { // a new minute may begin meanwhile
		t.Errorf("%d lines", n)
	}
	if entry := lines.All()[0]; entry.Message != "trial: would refuse: invalid" || strings.Contains(entry.Message, "abcdefghijkl") {
		t.Errorf("got %+v", entry)
	}
}
