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

func TestStripIdentity(t *testing.T) {
	tests := []struct {
		name     string
		in, want http.Header
	}{
		{"nothing of ours", http.Header{"Accept": {"*/*"}, "Connection": {"close"}}, http.Header{"Accept": {"*/*"}, "Connection": {"close"}}},
		{"the name itself", http.Header{"X-Awx-User": {"admin", "root"}}, http.Header{}},
		{"another case", http.Header{"x-AWX-user": {"admin"}}, http.Header{}},
		{"underscores", http.Header{"X_Awx_User": {"admin"}}, http.Header{}},
		{"dots", http.Header{"X.Awx.User": {"admin"}}, http.Header{}},
		{"a mixture", http.Header{"X-Awx_User": {"a"}, "x_dab-jw.TOKEN": {"b"}, "Accept": {"c"}}, http.Header{"Accept": {"c"}}},
		{"a longer name stays", http.Header{"X-Awx-User-Agent": {"a"}}, http.Header{"X-Awx-User-Agent": {"a"}}},
		{"a name without separators stays", http.Header{"Xawxuser": {"a"}}, http.Header{"Xawxuser": {"a"}}},
		{"hop-by-hop option", http.Header{"Connection": {"close, X-Awx-User"}}, http.Header{"Connection": {"close"}}},
		{"hop-by-hop option alone", http.Header{"Connection": {"x_awx_user"}}, http.Header{}},
		{
			"hop-by-hop options in two fields",
			http.Header{"Connection": {"Upgrade,\tX-DAB-JW-TOKEN ", "X-Awx-User", "keep-alive"}, "Upgrade": {"websocket"}},
			http.Header{"Connection": {"Upgrade", "keep-alive"}, "Upgrade": {"websocket"}},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			bearer.StripIdentity(tt.in, identityNames)
			if diff := cmp.Diff(tt.want, tt.in); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestStripIdentity_NilHeader(_ *testing.T) {
	bearer.StripIdentity(nil, identityNames)
}

func FuzzStripIdentity(f *testing.F) {
	f.Add("X_Awx_User", "close, X-Awx-User")
	f.Add("x.trusted-PROXY", ",,X-DAB-JW-TOKEN,")
	f.Add("Accept", "Upgrade")
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
		h := http.Header{"Accept": {"kept"}}
		h[name] = []string{"x"}
		h["Connection"] = []string{connection}
		before := maps.Clone(h)
		bearer.StripIdentity(h, identityNames)
		for key := range before {
			if _, kept := h[key]; key != "Connection" && kept == ours(key) {
				t.Errorf("field %q kept: %t", key, kept)
			}
		}
		for option := range strings.SplitSeq(strings.Join(h["Connection"], ","), ",") {
			if ours(strings.Trim(option, " \t\r\n")) {
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
