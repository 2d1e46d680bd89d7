package caddymodule

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestHygieneRemovesIdentityInEverySpelling(t *testing.T) {
	h := newHygiene("", []string{"X-Remote-Name"}, []string{"X-Client-Cert"})
	for _, name := range []string{
		"X-Remote-Name", "x-remote-name", "X_Remote_Name", "X.Remote-Name", "X-REMOTE_NAME",
		"X-Client-Cert", "X-DAB-JW-TOKEN", "X_DAB_JW_TOKEN", "X-Dab.Jw.Token", "X-Trusted-Proxy",
		"X-ANSIBLE-SERVICE-AUTH", "Remote-User", "X-Remote-User", "Secret", "X-Real-IP", "Forwarded",
		"X-HTTP-Method-Override", "X-Method-Override", "X-Http-Method", "x_http_method",
		"X-Awxgate-User", "X-Awxgate-Anything", "X_Awxgate_User", "x.awxgate.user-id",
		"X-Auth-Request-User", "X-Envoy-External-Address", "x_envoy_foo", "Trailer",
	} {
		r := &http.Request{Header: http.Header{name: {"admin"}, "X-Other": {"kept"}}}
		h.clean(r)
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
	r := &http.Request{Header: header.Clone()}
	newHygiene("").clean(r)
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
		{"upgrades", []string{"Upgrade, X-Awxgate-User"}, []string{"Upgrade"}},
		{"is empty", []string{""}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := &http.Request{Header: http.Header{"Connection": test.in}}
			newHygiene("").clean(r)
			if diff := cmp.Diff(test.want, r.Header["Connection"]); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestHygieneDropsTrailers(t *testing.T) {
	r := &http.Request{Header: http.Header{"Trailer": {"X-Awxgate-User"}}, Trailer: http.Header{"X-Awxgate-User": nil}}
	newHygiene("").clean(r)
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
			newHygiene(test.cookie).dropCredentials(r)
			if diff := cmp.Diff(test.want, r.Header["Cookie"]); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if r.Header["Authorization"] != nil {
				t.Error("Authorization was kept")
			}
		})
	}
}
