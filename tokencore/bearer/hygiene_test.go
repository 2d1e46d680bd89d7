package bearer_test

import (
	"maps"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/awxgate/awxgate/tokencore/bearer"
)

var identityNames = []string{"X-DAB-JW-TOKEN", "X-Trusted-Proxy", "X-Awx-User"}

func TestHygieneRemovesIdentityInEverySpelling(t *testing.T) {
	h := bearer.NewHygiene(bearer.HygieneConfig{Names: []string{"X-Remote-Name", "X-Client-Cert"}})
	for _, name := range []string{
		"X-Remote-Name", "x-remote-name", "X_Remote_Name", "X.Remote-Name", "X-REMOTE_NAME",
		"X-Client-Cert", "X-DAB-JW-TOKEN", "X_DAB_JW_TOKEN", "X-Dab.Jw.Token", "X-Trusted-Proxy",
		"X-ANSIBLE-SERVICE-AUTH", "Remote-User", "X-Remote-User", "Secret", "X-Real-IP", "Forwarded",
		"X-HTTP-Method-Override", "X-Method-Override", "X-Http-Method", "x_http_method",
		"X-Awxgate-User", "X-Awxgate-Anything", "X_Awxgate_User", "x.awxgate.user-id",
		"X-Auth-Request-User", "X-Envoy-External-Address", "x_envoy_foo", "Trailer",
		"X-Forwarded-Uri", "X-Forwarded-Method", "X-Forwarded-Prefix", "X-Forwarded-Anything", "X-Original-URL", "X-Rewrite-URL",
		"X_Forwarded_For", "X.Forwarded.Host", "X-Forwarded_Proto", "Content_Length", "X.Other", "Proxy-Authorization",
	} {
		r := &http.Request{Header: http.Header{name: {"admin"}, "X-Other": {"kept"}}}
		h.Clean(r)
		if diff := cmp.Diff(http.Header{"X-Other": {"kept"}}, r.Header); diff != "" {
			t.Errorf("%s: (-want +got):\n%s", name, diff)
		}
	}
}

func TestHygieneKeepsWhatClientsMaySay(t *testing.T) {
	header := http.Header{
		"Accept": {"*/*"}, "Cookie": {"a=b"}, "Authorization": {"Basic eA=="}, "X-Csrftoken": {"x"}, "X-Awxgat": {"x"},
		"X-Forwarded-For": {"10.0.0.1"}, "X-Api-Request-Id": {"1"}, "Connection": {"Upgrade"}, "Upgrade": {"websocket"},
	}
	r := &http.Request{Method: http.MethodGet, Header: header.Clone()}
	bearer.NewHygiene(bearer.HygieneConfig{}).Clean(r)
	if diff := cmp.Diff(header, r.Header); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestHygieneReducesConnectionToTheConnection(t *testing.T) {
	for _, test := range []struct {
		name string
		in   []string
		want []string
	}{
		{"names an identity header", []string{"close, X-Awxgate-User"}, []string{"close"}},
		{"names cookies and credentials", []string{"Cookie, Authorization, X-Forwarded-For"}, nil},
		{"names one in a second field", []string{"keep-alive", "x-awxgate-user"}, []string{"keep-alive"}},
		{"is ordinary", []string{"keep-alive"}, []string{"keep-alive"}},
		{"upgrades to nothing", []string{"Upgrade, X-Awxgate-User"}, nil},
		{"is empty", []string{""}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := &http.Request{Header: http.Header{"Connection": test.in}}
			bearer.NewHygiene(bearer.HygieneConfig{}).Clean(r)
			if diff := cmp.Diff(test.want, r.Header["Connection"]); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestHygieneDropsTrailers(t *testing.T) {
	r := &http.Request{Header: http.Header{"Trailer": {"X-Awxgate-User"}}, Trailer: http.Header{"X-Awxgate-User": nil}}
	bearer.NewHygiene(bearer.HygieneConfig{}).Clean(r)
	if r.Trailer != nil || len(r.Header) != 0 {
		t.Errorf("trailer %v, header %v", r.Trailer, r.Header)
	}
}

func TestDropCredentialsLeavesOtherCookies(t *testing.T) {
	for _, test := range []struct {
		name   string
		cookie string
		in     []string
		want   []string
	}{
		{"only the session", "", []string{"awx_sessionid=s"}, nil},
		{"between others", "", []string{"csrftoken=c; awx_sessionid=s; lang=de"}, []string{"csrftoken=c; lang=de"}},
		{"in several fields", "", []string{"awx_sessionid=s", "csrftoken=c", "awx_sessionid=t"}, []string{"csrftoken=c"}},
		{"with odd spaces", "", []string{" awx_sessionid =s;csrftoken=c;;"}, []string{"csrftoken=c"}},
		{"a similar name", "", []string{"awx_sessionid2=s"}, []string{"awx_sessionid2=s"}},
		{"a value with an equals sign", "", []string{"a=b=c"}, []string{"a=b=c"}},
		{"another session cookie", "tower", []string{"tower=s; awx_sessionid=t"}, []string{"awx_sessionid=t"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := &http.Request{Header: http.Header{"Cookie": test.in, "Authorization": {"Bearer x"}}}
			bearer.NewHygiene(bearer.HygieneConfig{SessionCookie: test.cookie}).DropCredentials(r)
			if diff := cmp.Diff(test.want, r.Header["Cookie"]); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if r.Header["Authorization"] != nil {
				t.Error("Authorization was kept")
			}
		})
	}
}

func TestHygieneLeavesUpgradesToWebSocketOnly(t *testing.T) {
	for _, test := range []struct {
		name           string
		method         string
		upgrade        []string
		connection     string
		wantUpgrade    []string
		wantConnection []string
	}{
		{"WebSocket", http.MethodGet, []string{"websocket"}, "Upgrade", []string{"websocket"}, []string{"Upgrade"}},
		{"WebSocket in capitals", http.MethodGet, []string{"WebSocket"}, "upgrade", []string{"WebSocket"}, []string{"upgrade"}},
		{"WebSocket and more", http.MethodGet, []string{"websocket"}, "Upgrade, X-Awx-User, close", []string{"websocket"}, []string{"Upgrade, close"}},
		{"cleartext HTTP/2", http.MethodGet, []string{"h2c"}, "Upgrade, HTTP2-Settings", nil, nil},
		{"both", http.MethodGet, []string{"websocket, h2c"}, "Upgrade", nil, nil},
		{"both in two fields", http.MethodGet, []string{"websocket", "h2c"}, "keep-alive, Upgrade", nil, []string{"keep-alive"}},
		{"another version", http.MethodGet, []string{"HTTP/3.0"}, "Upgrade", nil, nil},
		{"WebSocket by another method", http.MethodPost, []string{"websocket"}, "Upgrade", nil, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := &http.Request{Method: test.method, Header: http.Header{
				"Upgrade": test.upgrade, "Connection": {test.connection}, "Http2-Settings": {"AAMAAABk"},
			}}
			bearer.NewHygiene(bearer.HygieneConfig{}).Clean(r)
			if diff := cmp.Diff(test.wantUpgrade, r.Header["Upgrade"]); diff != "" {
				t.Errorf("Upgrade (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.wantConnection, r.Header["Connection"]); diff != "" {
				t.Errorf("Connection (-want +got):\n%s", diff)
			}
			if r.Header["Http2-Settings"] != nil {
				t.Error("the settings of HTTP/2 were kept")
			}
		})
	}
}

// Any name that equals one of ours once "-", "_", "." and case are folded goes, and
// Connection names nothing but what is about the connection.
func FuzzClean(f *testing.F) {
	f.Add("X_Awx_User", "close, X-Awx-User")
	f.Add("x.trusted-PROXY", ",,X-DAB-JW-TOKEN,")
	f.Add("Accept", "Upgrade")
	hygiene := bearer.NewHygiene(bearer.HygieneConfig{Names: identityNames})
	fold := strings.NewReplacer("_", "-", ".", "-")
	ours := func(name string) bool {
		for _, our := range identityNames {
			if asciiLower(fold.Replace(name)) == strings.ToLower(our) {
				return true
			}
		}
		return false
	}
	f.Fuzz(func(t *testing.T, name, connection string) {
		r := &http.Request{Header: http.Header{"Accept": {"kept"}, name: {"x"}, "Connection": {connection}}}
		before := maps.Clone(r.Header)
		hygiene.Clean(r)
		for key := range before {
			if _, kept := r.Header[key]; kept && ours(key) {
				t.Errorf("field %q was kept", key)
			}
		}
		if r.Header["Accept"] == nil {
			t.Error("an ordinary field went")
		}
		for option := range strings.SplitSeq(strings.Join(r.Header["Connection"], ","), ",") {
			switch strings.ToLower(strings.TrimSpace(option)) {
			case "", "close", "keep-alive":
			default:
				t.Errorf("Connection still names %q", option)
			}
		}
	})
}

func asciiLower(s string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}
