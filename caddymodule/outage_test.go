package caddymodule

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
	"go.uber.org/zap"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/awxapi"
	"github.com/awxgate/awxgate/tokencore/bearer"
	"github.com/awxgate/awxgate/tokencore/directory/local"
	"github.com/awxgate/awxgate/tokencore/store/memory"
	"github.com/awxgate/awxgate/tokencore/tokencache"
)

type verifierFunc func(context.Context, tokencore.Digest) (*tokencore.Principal, error)

func (f verifierFunc) Verify(ctx context.Context, d tokencore.Digest) (*tokencore.Principal, error) {
	return f(ctx, d)
}

// brokenIdentity cannot tell who acts.
type brokenIdentity struct{}

func (brokenIdentity) Headers() []string { return nil }

func (brokenIdentity) Apply(*http.Request, *tokencore.Principal) error { return errors.New("no key") }

// newTestApp is an app without Caddy, over a verifier of one's own. Without a verifier
// its first start is not done yet.
func newTestApp(t *testing.T, verifier tokencore.Verifier) *App {
	t.Helper()
	identity := new(HeadersIdentity)
	if err := identity.Provision(caddy.Context{}); err != nil {
		t.Fatal(err)
	}
	a := &App{parts: parts{identity: identity}, hygiene: bearer.NewHygiene(bearer.HygieneConfig{}), log: zap.NewNop(), core: new(core)}
	if verifier == nil {
		return a
	}
	store := memory.New()
	service, err := tokencore.New(store, local.New(store, local.Config{}), tokencore.Config{})
	if err != nil {
		t.Fatal(err)
	}
	api, err := awxapi.New(service, awxapi.Config{})
	if err != nil {
		t.Fatal(err)
	}
	usage := tokencache.NewUsage(store, tokencache.UsageConfig{})
	t.Cleanup(usage.Close)
	a.gate.Store(&gate{verifier: verifier, api: api, usage: usage, outcomes: &a.core.refused, refuses: new(opened).refuses})
	return a
}

// serve sends a request with a token through a handler; passed reports whether it would
// have gone on.
func serve(t *testing.T, h caddyhttp.MiddlewareHandler) (answer *httptest.ResponseRecorder, repl *caddy.Replacer, passed bool) {
	t.Helper()
	repl = caddy.NewReplacer()
	ctx := context.WithValue(t.Context(), caddy.ReplacerCtxKey, repl)
	ctx = context.WithValue(ctx, caddyhttp.VarsCtxKey, map[string]any{caddyhttp.ClientIPVarKey: "192.0.2.7"})
	r := httptest.NewRequestWithContext(ctx, http.MethodGet, "/api/v2/jobs/", nil)
	r.Header.Set("Authorization", "Bearer abcdefghijklmnopqrstuvwxyz0123")
	answer = httptest.NewRecorder()
	err := h.ServeHTTP(answer, r, caddyhttp.HandlerFunc(func(http.ResponseWriter, *http.Request) error {
		passed = true
		return nil
	}))
	if err != nil {
		t.Fatal(err)
	}
	return answer, repl, passed
}

func TestOutageIsUnavailableAndNeverUnauthorized(t *testing.T) {
	outage := verifierFunc(func(context.Context, tokencore.Digest) (*tokencore.Principal, error) {
		return nil, fmt.Errorf("looking up token: %w: disk on fire", tokencore.ErrUnavailable)
	})
	live := verifierFunc(func(context.Context, tokencore.Digest) (*tokencore.Principal, error) {
		return &tokencore.Principal{Scope: tokencore.ScopeWrite, User: tokencore.User{ID: 1, Username: "admin"}}, nil
	})
	broken := newTestApp(t, live)
	broken.identity = brokenIdentity{}
	for name, handler := range map[string]caddyhttp.MiddlewareHandler{
		"the store is down":                      &AuthHandler{app: newTestApp(t, outage)},
		"the first start is not done":            &AuthHandler{app: newTestApp(t, nil)},
		"the first start is not done, API":       &APIHandler{app: newTestApp(t, nil)},
		"the identity cannot be told":            &AuthHandler{app: broken},
		"the store is down, tokens not optional": &AuthHandler{app: newTestApp(t, outage), Require: true},
	} {
		t.Run(name, func(t *testing.T) {
			answer, _, passed := serve(t, handler)
			if answer.Code != http.StatusServiceUnavailable || answer.Header().Get("Retry-After") == "" || passed {
				t.Errorf("status %d, header %v, passed %v", answer.Code, answer.Header(), passed)
			}
			if body := answer.Body.String(); strings.Contains(body, "disk on fire") || strings.Contains(body, "no key") {
				t.Errorf("the body tells too much: %s", body)
			}
		})
	}
}

func TestRefusalsAreCounted(t *testing.T) {
	for name, test := range map[string]struct {
		err  error
		want refusedStats
	}{
		"invalid":     {tokencore.ErrInvalidToken, refusedStats{Invalid: 1}},
		"unavailable": {tokencore.ErrUnavailable, refusedStats{Unavailable: 1}},
		"scope":       {nil, refusedStats{Scope: 1}},
	} {
		app := newTestApp(t, verifierFunc(func(context.Context, tokencore.Digest) (*tokencore.Principal, error) {
			return &tokencore.Principal{}, test.err
		}))
		serve(t, &AuthHandler{app: app})
		if got := app.core.stats().Refused; got != test.want {
			t.Errorf("%s: got %+v", name, got)
		}
	}
}

func TestPlaceholdersAreAlwaysSet(t *testing.T) {
	alice := &tokencore.Principal{
		TokenID: 9, ApplicationID: 3, Scope: tokencore.ScopeRead,
		User: tokencore.User{ID: 6, Username: "{env.HOME}", Email: "a@b.c", IsSystemAuditor: true},
	}
	const all = "id user_id email is_superuser is_system_auditor scope token_id application_id"
	for _, test := range []struct {
		name      string
		principal *tokencore.Principal
		want      string
	}{
		{"with a token", alice, "%7Benv.HOME%7D 6 a@b.c false true read 9 3"},
		{"without", nil, "       "},
	} {
		t.Run(test.name, func(t *testing.T) {
			repl := caddy.NewReplacer()
			ctx := context.WithValue(t.Context(), caddy.ReplacerCtxKey, repl)
			repl.Set("http.auth.user.scope", "") // of an earlier handler
			setPlaceholders(httptest.NewRequestWithContext(ctx, http.MethodGet, "/", nil), test.principal)
			var template []string
			for key := range strings.FieldsSeq(all) {
				template = append(template, "{http.auth.user."+key+"}")
			}
			if got := repl.ReplaceKnown(strings.Join(template, " "), ""); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestProviderTellsOutageFromRefusal(t *testing.T) {
	for _, test := range []struct {
		name      string
		err       error
		authed    bool
		fails     bool
		challenge string
	}{
		{"a live token", nil, true, false, ""},
		{"an invalid token", tokencore.ErrInvalidToken, false, false, `error="invalid_token"`},
		{"an outage", tokencore.ErrUnavailable, false, true, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			app := newTestApp(t, verifierFunc(func(context.Context, tokencore.Digest) (*tokencore.Principal, error) {
				if test.err != nil {
					return nil, test.err
				}
				return &tokencore.Principal{Scope: tokencore.ScopeRead, User: tokencore.User{ID: 6, Username: "alice"}}, nil
			}))
			r := httptest.NewRequestWithContext(context.WithValue(t.Context(), caddyhttp.VarsCtxKey, map[string]any{}), http.MethodGet, "/", nil)
			r.Header.Set("Authorization", "Bearer abc")
			w := httptest.NewRecorder()
			user, authed, err := (&Provider{app: app}).Authenticate(w, r)
			if authed != test.authed || (err != nil) != test.fails {
				t.Fatalf("got %v, %v", authed, err)
			}
			if test.authed && (user.ID != "alice" || user.Metadata["user_id"] != "6") {
				t.Errorf("got %+v", user)
			}
			if !strings.Contains(w.Header().Get("WWW-Authenticate"), test.challenge) {
				t.Errorf("got challenge %q", w.Header().Get("WWW-Authenticate"))
			}
		})
	}
}
