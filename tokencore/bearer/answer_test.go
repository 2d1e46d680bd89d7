package bearer_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/textproto"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/bearer"
)

// seen is what a client sees; informational are the headers of 1xx answers.
type seen struct {
	status          int
	header, trailer http.Header
	body            string
	informational   []http.Header
}

// answered serves what next does behind the hygiene, on a real server.
func answered(t *testing.T, acted bool, next http.HandlerFunc) seen {
	t.Helper()
	hygiene := bearer.NewHygiene(bearer.HygieneConfig{Names: identityNames})
	handler := hygiene.Handler(next)
	if acted {
		handler = bearer.Require(live(tokencore.ScopeRead), bearer.WithHygiene(hygiene))(next)
	}
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	var got seen
	ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{
		Got1xxResponse: func(_ int, header textproto.MIMEHeader) error {
			got.informational = append(got.informational, http.Header(header))
			return nil
		},
	})
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+token)
	response, err := server.Client().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	got.status, got.header, got.trailer, got.body = response.StatusCode, response.Header, response.Trailer, string(content)
	return got
}

func TestAnswer_TellsNoIdentity(t *testing.T) {
	claim := func(w http.ResponseWriter) {
		w.Header().Set("X-DAB-JW-TOKEN", "leaked")
		w.Header()["X_Awx_User"] = []string{"leaked"}
		w.Header().Set("X-Other", "kept")
	}
	for name, next := range map[string]http.HandlerFunc{
		"written":          func(w http.ResponseWriter, _ *http.Request) { claim(w); _, _ = io.WriteString(w, "body") },
		"with a status":    func(w http.ResponseWriter, _ *http.Request) { claim(w); w.WriteHeader(http.StatusNotFound) },
		"nothing written":  func(w http.ResponseWriter, _ *http.Request) { claim(w) },
		"flushed":          func(w http.ResponseWriter, _ *http.Request) { claim(w); _ = http.NewResponseController(w).Flush() },
		"flushed directly": func(w http.ResponseWriter, _ *http.Request) { claim(w); w.(http.Flusher).Flush() },
		"copied": func(w http.ResponseWriter, _ *http.Request) {
			claim(w)
			_, _ = io.Copy(w, strings.NewReader("body"))
		},
		"informational": func(w http.ResponseWriter, _ *http.Request) {
			claim(w)
			w.WriteHeader(http.StatusEarlyHints)
			claim(w)
			w.WriteHeader(http.StatusOK)
		},
		"in an announced trailer": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Trailer", "X-Awx-User")
			w.Header().Set("X-Other", "kept")
			_, _ = io.WriteString(w, "body")
			claim(w)
		},
		"in a trailer": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Other", "kept")
			_, _ = io.WriteString(w, "body")
			w.Header().Set(http.TrailerPrefix+"X-DAB-JW-TOKEN", "leaked")
		},
	} {
		for _, acted := range []bool{true, false} {
			t.Run(name, func(t *testing.T) {
				got := answered(t, acted, next)
				for _, header := range append(got.informational, got.header, got.trailer) {
					for field, values := range header {
						if strings.Contains(strings.Join(values, ""), "leaked") {
							t.Errorf("the client sees %s", field)
						}
					}
				}
				if got.header.Get("X-Other") != "kept" {
					t.Errorf("an ordinary field is gone: %v", got.header)
				}
			})
		}
	}
}

func TestAnswer_AboutTheIdentityIsNotAboutTheToken(t *testing.T) {
	for _, test := range []struct {
		name           string
		acted          bool
		status, want   int
		mark, later    string
		cookies, taken []string
	}{
		{name: "a refused identity is marked", acted: true, status: 401, want: 401, mark: "401"},
		{name: "a refused password is not", status: 401, want: 401},
		{name: "an identity that has expired is an outage", acted: true, status: 498, want: 503, mark: "498", later: "5"},
		{name: "without an identity none has expired", status: 498, want: 498},
		{name: "a missing right is the user's own affair", acted: true, status: 403, want: 403},
		{
			name: "a token begins no session", acted: true, status: 200, want: 200,
			cookies: []string{"awx_sessionid=s; Path=/", "csrftoken=c; Path=/"}, taken: []string{"csrftoken=c; Path=/"},
		},
		{name: "a login does", status: 200, want: 200, cookies: []string{"awx_sessionid=s"}, taken: []string{"awx_sessionid=s"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := answered(t, test.acted, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set(bearer.UpstreamField, "made up")
				for _, cookie := range test.cookies {
					w.Header().Add("Set-Cookie", cookie)
				}
				w.WriteHeader(test.status)
				_, _ = io.WriteString(w, "as it was")
			})
			if got.status != test.want || got.body != "as it was" {
				t.Errorf("got %d %q", got.status, got.body)
			}
			if mark, later := got.header.Get(bearer.UpstreamField), got.header.Get("Retry-After"); mark != test.mark || later != test.later {
				t.Errorf("marked %q, Retry-After %q", mark, later)
			}
			if diff := cmp.Diff(test.taken, got.header["Set-Cookie"]); diff != "" {
				t.Errorf("cookies (-want +got):\n%s", diff)
			}
		})
	}
}

// The handler behind may take the connection over, or send without copies.
func TestAnswer_HidesNothingThatTheServerCan(t *testing.T) {
	answered(t, true, func(w http.ResponseWriter, _ *http.Request) {
		if _, ok := w.(io.ReaderFrom); !ok {
			t.Error("bodies are copied")
		}
		connection, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		_, _ = io.WriteString(connection, "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
		_ = connection.Close()
	})
}
