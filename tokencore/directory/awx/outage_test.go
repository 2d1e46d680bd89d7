package awx

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/awxgate/awxgate/tokencore"
)

func refusing(status int) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, _ *http.Request) bool {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, `{"detail":"Not found."}`)
		return true
	}
}

func saying(body string) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, _ *http.Request) bool {
		_, _ = io.WriteString(w, body)
		return true
	}
}

// outages are the ways not to be an AWX in order.
var outages = map[string]func(http.ResponseWriter, *http.Request) bool{
	"500":               refusing(http.StatusInternalServerError),
	"502":               refusing(http.StatusBadGateway),
	"404 of an ingress": refusing(http.StatusNotFound),
	"429":               refusing(http.StatusTooManyRequests),
	"203 of a proxy": func(w http.ResponseWriter, _ *http.Request) bool {
		w.WriteHeader(http.StatusNonAuthoritativeInfo)
		_, _ = io.WriteString(w, `{"count":0,"next":null,"results":[]}`)
		return true
	},
	"a page in HTML":         saying("<html>Down for maintenance</html>"),
	"an empty answer":        saying(""),
	"an empty object":        saying("{}"),
	"no list":                saying(`{"count":0,"next":null,"results":null}`),
	"a list without a count": saying(`{"next":null,"results":[]}`),
	"a list that is short":   saying(`{"count":1,"next":null,"results":[]}`),
	"a list without an end":  saying(`{"count":1,"next":"/api/v2/users/?page=2","results":[]}`),
	"more after the list":    saying(`{"count":0,"next":null,"results":[]}{}`),
	"a redirect": func(w http.ResponseWriter, r *http.Request) bool {
		http.Redirect(w, r, "/api/v2/me/?redirected", http.StatusFound)
		return true
	},
	"an answer beyond the bound": func(w http.ResponseWriter, _ *http.Request) bool {
		_, _ = io.WriteString(w, `{"count":0,"next":null,"results":[]}`+strings.Repeat(" ", maxBody))
		return true
	},
	"a connection that breaks": func(http.ResponseWriter, *http.Request) bool { panic(http.ErrAbortHandler) },
}

// leaks reports whether a text holds a credential in some form.
func leaks(text string) bool {
	for _, secret := range []string{lookUpPassword, alicePassword, "lookup:" + lookUpPassword, "alice:" + alicePassword} {
		if strings.Contains(text, secret) || strings.Contains(text, base64.StdEncoding.EncodeToString([]byte(secret))) {
			return true
		}
	}
	return false
}

// everything asks each look-up once.
func everything(ctx context.Context, d *Directory) map[string]error {
	_, byID := d.User(ctx, 6)
	_, byName := d.UserByName(ctx, "alice")
	_, organization := d.Organization(ctx, 1)
	_, roles := d.Roles(ctx, 6)
	return map[string]error{"User": byID, "UserByName": byName, "Organization": organization, "Roles": roles}
}

func wantUnavailable(t *testing.T, errs map[string]error) {
	t.Helper()
	for name, err := range errs {
		if !errors.Is(err, tokencore.ErrUnavailable) || errors.Is(err, tokencore.ErrNotFound) || errors.Is(err, tokencore.ErrBadCredentials) {
			t.Errorf("%s: %v", name, err)
		} else if leaks(err.Error()) || strings.Contains(err.Error(), "alice") {
			t.Errorf("%s says too much: %v", name, err)
		}
	}
}

func TestLookUps_AnOutageIsNeverAnAnswer(t *testing.T) {
	for name, broken := range outages {
		for where, concerns := range map[string]func(path string) bool{
			"everywhere":         func(string) bool { return true },
			"but for the own me": func(path string) bool { return path != "/api/v2/me/" },
		} {
			t.Run(name+" "+where, func(t *testing.T) {
				f := newFakeAWX(t)
				f.breaks(func(w http.ResponseWriter, r *http.Request) bool { return concerns(r.URL.Path) && broken(w, r) })
				d, _ := newDirectory(t, f, nil)
				wantUnavailable(t, everything(t.Context(), d))
				for _, r := range f.seen() {
					if r.URL.Query().Has("redirected") {
						t.Error("a redirect was followed")
					}
				}
				f.breaks(nil) // an outage is not remembered
				for name, err := range everything(t.Context(), d) {
					if err != nil {
						t.Errorf("afterwards %s: %v", name, err)
					}
				}
			})
		}
	}
}

func TestUser_WithoutAnAnsibleIDIsNoUserToBindTo(t *testing.T) {
	f := newFakeAWX(t)
	f.person("alice").fields["summary_fields"] = map[string]any{}
	d, _ := newDirectory(t, f, nil)
	_, byID := d.User(t.Context(), 6)
	_, byName := d.UserByName(t.Context(), "alice")
	_, byPassword := d.Authenticate(t.Context(), "alice", tokencore.NewSecret(alicePassword))
	wantUnavailable(t, map[string]error{"User": byID, "UserByName": byName, "Authenticate": byPassword})
}

func TestLookUps_NobodyListening(t *testing.T) {
	f := newFakeAWX(t)
	d, _ := newDirectory(t, f, nil)
	f.Close()
	wantUnavailable(t, everything(t.Context(), d))
}

func TestLookUps_AnAWXThatHangsIsGivenUp(t *testing.T) {
	f := newFakeAWX(t)
	f.breaks(func(_ http.ResponseWriter, r *http.Request) bool {
		<-r.Context().Done()
		return true
	})
	d, _ := newDirectory(t, f, func(c *Config) { c.Timeout = 10 * time.Millisecond })
	wantUnavailable(t, everything(t.Context(), d))
	_, err := d.Authenticate(t.Context(), "alice", tokencore.NewSecret(alicePassword))
	wantUnavailable(t, map[string]error{"Authenticate": err})
}

func TestLookUps_ARefusedLookUpAccountIsItsOwnersTrouble(t *testing.T) {
	for _, status := range []int{http.StatusUnauthorized, http.StatusForbidden} {
		f := newFakeAWX(t)
		f.breaks(refusing(status))
		d, _ := newDirectory(t, f, nil)
		errs := everything(t.Context(), d)
		wantUnavailable(t, errs)
		for name, err := range errs {
			if err == nil || !strings.Contains(err.Error(), "refused the look-up account") {
				t.Errorf("%d, %s: %v", status, name, err)
			}
		}
	}
}

func TestLookUps_AnAccountThatCannotBeAuthorizedIsAnOutageWhateverItsErrorMatches(t *testing.T) {
	f := newFakeAWX(t)
	d, _ := newDirectory(t, f, func(c *Config) {
		c.Authorize = func(*http.Request) error { return tokencore.ErrNotFound }
	})
	wantUnavailable(t, everything(t.Context(), d))
	if n := f.asked(); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
}

func TestLookUps_AnAccountThatDoesNotSeeEverybodySaysNothingAboutWhomItDoesNotSee(t *testing.T) {
	f := newFakeAWX(t)
	f.person("lookup").fields["is_system_auditor"] = false
	d, _ := newDirectory(t, f, nil)
	errs := everything(t.Context(), d)
	wantUnavailable(t, errs)
	for name, err := range errs {
		if err == nil || !strings.Contains(err.Error(), "System Auditor") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestLookUps_WithoutKnowingTheAccountNothingIsCalledAbsent(t *testing.T) {
	const nobody, two = `{"count":0,"next":null,"results":[]}`, `{"count":2,"next":null,"results":[{"is_superuser":true},{"is_superuser":true}]}`
	for name, broken := range map[string]func(http.ResponseWriter, *http.Request) bool{
		"an outage": refusing(http.StatusBadGateway), "nobody": saying(nobody), "two": saying(two),
	} {
		t.Run(name, func(t *testing.T) {
			f := newFakeAWX(t)
			f.breaks(func(w http.ResponseWriter, r *http.Request) bool {
				return strings.HasSuffix(r.URL.Path, "/me/") && broken(w, r)
			})
			d, _ := newDirectory(t, f, nil)
			_, byID := d.User(t.Context(), 99)
			_, byName := d.UserByName(t.Context(), "bob")
			_, organization := d.Organization(t.Context(), 99)
			_, roles := d.Roles(t.Context(), 6)
			_, password := d.Authenticate(t.Context(), "alice", tokencore.NewSecret(alicePassword))
			wantUnavailable(t, map[string]error{
				"User": byID, "UserByName": byName, "Organization": organization, "Roles": roles, "Authenticate": password,
			})
		})
	}
}

func TestRoles_OfSomethingWithoutAnIDAreNone(t *testing.T) {
	f := newFakeAWX(t)
	f.person("alice").auditor = []int64{0}
	d, _ := newDirectory(t, f, nil)
	_, err := d.Roles(t.Context(), 6)
	wantUnavailable(t, map[string]error{"Roles": err})
}

func TestRoles_OfMoreOrganizationsThanAreReadAreNotCutShort(t *testing.T) {
	f := newFakeAWX(t)
	f.addOrganization(1)
	f.person("alice").member = make([]int64, pageSize*maxPages+1)
	for i := range f.person("alice").member {
		f.person("alice").member[i] = 1
	}
	d, _ := newDirectory(t, f, nil)
	_, err := d.Roles(t.Context(), 6)
	wantUnavailable(t, map[string]error{"Roles": err})
}

func TestRoles_AServerThatLostOnlyThePathDeletesNobody(t *testing.T) {
	f := newFakeAWX(t)
	f.breaks(func(w http.ResponseWriter, r *http.Request) bool {
		return strings.HasSuffix(r.URL.Path, "/roles/") && refusing(http.StatusNotFound)(w, r)
	})
	d, _ := newDirectory(t, f, nil)
	_, err := d.Roles(t.Context(), 6)
	wantUnavailable(t, map[string]error{"Roles": err})
}

func TestLookUps_TellTheLogOfAnOutageOnceAMinuteAndWithoutCredentials(t *testing.T) {
	var log bytes.Buffer
	f := newFakeAWX(t)
	f.breaks(refusing(http.StatusBadGateway))
	d, c := newDirectory(t, f, func(c *Config) { c.Logger = slog.New(slog.NewTextHandler(&log, nil)) })
	for range 3 {
		everything(t.Context(), d)
	}
	if n := strings.Count(log.String(), "\n"); n != 1 || !strings.Contains(log.String(), "502") || leaks(log.String()) {
		t.Errorf("logged %q", &log)
	}
	c.advance(logEvery)
	everything(t.Context(), d)
	if n := strings.Count(log.String(), "\n"); n != 2 {
		t.Errorf("a minute later %d lines", n)
	}
}
