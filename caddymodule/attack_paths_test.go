package caddymodule

import (
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// AWX up to 24.6.1 has a token API of its own; what slips through makes a token there
// that lives for 1000 years and that nobody here can revoke.
func TestAttackTokenAPIInOtherSpellings(t *testing.T) {
	r := newAttackRig(t, instead(t, "linger", "ambiguous_paths pass\nlinger")) // Owns decides alone
	r.each(t, func(t *testing.T, at edge) {
		for _, path := range []string{
			"/api/v2/tokens/", "/api/v2/tokens", "/api/v2/tokens/7/", "/api/v2/applications/", "/api/o/", "/api/o/token/", "/api/o/authorize/",
			"/api/v2/users/1/tokens/", "/api/v2/users/1/personal_tokens/", "/api/v2/users/alice/authorized_tokens/", "/api/v2/organizations/1/applications/",
			"/api/controller/v2/tokens/", "/api/controller/v2/users/1/personal_tokens/", "/api/awx/o/token/", "/api/eda/v2/applications/",
		} {
			for _, target := range otherSpellings(path) {
				for _, credentials := range []string{"X-Nothing: here", authorization(r.write)} {
					got, seen := r.one(t, at, "POST "+target+" HTTP/1.1", "", credentials, "Content-Length: 0")
					if len(seen) != 0 || got.status == 0 || strings.HasPrefix(got.body, "upstream") {
						t.Errorf("P1 POST %s: status %d, the upstream saw %d requests", target, got.status, len(seen))
					}
				}
			}
		}
	})
}

// otherSpellings are what some server, or a chain of servers, reads as the same path.
func otherSpellings(path string) []string {
	last := strings.TrimSuffix(path, "/")
	cut := strings.LastIndexByte(last, '/') + 1
	front, name := last[:cut], last[cut:]
	slashes := strings.ReplaceAll(path[1:], "/", "%2f")
	return []string{
		path, last, path + "?format=api", last + "/.json", path + "?", "http://other.example" + path,
		"/" + path, strings.ReplaceAll(path, "/", "//"), strings.ToUpper(path), front + strings.ToUpper(name[:1]) + name[1:] + "/",
		front + percent(name) + "/", front + strings.ReplaceAll(percent(name), "%", "%25") + "/", front + strings.ReplaceAll(percent(name), "%", "%2525"),
		"/" + slashes, "/" + strings.ReplaceAll(slashes, "%2f", "%252F"), "/" + strings.ReplaceAll(path[1:], "/", "%5c"), "/" + strings.ReplaceAll(path[1:], "/", `\`),
		"/x/.." + path, "/x/%2e%2e" + path, "/x/..%2f" + path[1:], "/../.." + path, "/x/y/.%2e/%2E." + path, "/x;/..;a" + path, "/." + path,
		front + "./" + name + "/", front + "%2e/" + name + "/", last + "/.", last + "/%2e/", last + "/x/../", last + "/x/..%2f",
		last + ";x=1/", last + "%3bx=1/", strings.ReplaceAll(path, "/api", "/api;v=1"), front + ";/" + name,
		last + "%00/", last + "%00.html", last + "%0a", last + "%0d%0a/", last + "%20/", front + "%20" + name + "/", front + "%09" + name, last + "%c2%a0/", last + "%7f",
	}
}

// percent escapes every byte.
func percent(text string) string {
	const digits = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(text) {
		b.WriteString("%" + string(digits[text[i]>>4]) + string(digits[text[i]&15]))
	}
	return b.String()
}

// ambiguousTargets are paths with two readings; each is the way round some rule about
// /api/v2/job_templates/7/.
var ambiguousTargets = []string{
	"/api/v2/job_templates/7/../8/launch/", "/api/v2/job_templates/7/..%2f8/", "/api/v2/job_templates/7/%2e%2e/8/", "/api/v2/job_templates/7%2f..%2f8/",
	"/api/v2/job_templates/7/..;/8/", "/api/v2/job_templates/7//../8/", "/api/v2/job_templates/7%00/", "/api/v2/job_templates/7%00/../8",
	"/api/v2/job_templates/7/.%2e/8/", "/api/v2/job_templates/7/%252e%252e/8/", "/api/v2/job_templates/7/%25%32%65%2e/8/", "/api/v2/job_templates/7%5c..%5c8/",
	`/api/v2/job_templates/7\..\8/`, "/api/v2/job_templates/7%0d%0aX-Awxgate-User:%20admin/", "/api/v2/job_templates/7%0a/", "/api/v2/job_templates/7%7f/",
	"/api/v2/job_templates/7;x=1/", "/api/v2/job_templates/7%3bx=1/", "/api/v2/job_templates//7/", "//api/v2/job_templates/7/", "/api/v2/job_templates/7//",
	"/api/v2/./job_templates/7/", "/api/v2/job_templates/7/.", "/api/v2/job_templates/7/..", "/api/v2/job_templates/7/%2e", "/api/v2/job_templates/%ff/",
	"/api/v2/job_templates/%c0%ae%c0%ae/8/", "/api/v2/job_templates/\xff/", "/api/v2/job_templates/7/#/../8/", "/api/v2/job_templates/%e0%80%af8/",
	"/api/v2/job_templates/7/%u002e%u002e/8/", "/api/v2/job_templates/7%2/", "/api/v2/job_templates/%/", "/x/../api/v2/job_templates/7/", "/..", "/%2e%2e/",
	"*", "api/v2/job_templates/7/", "http:api/v2/job_templates/7/", "http://gate.example", "?x=/",
}

func TestAttackAmbiguousPaths(t *testing.T) {
	r := newAttackRig(t)
	r.each(t, func(t *testing.T, at edge) {
		for _, target := range ambiguousTargets {
			for _, credentials := range []string{"X-Nothing: here", authorization(r.write), authorization("bad")} {
				for _, method := range []string{"GET", "OPTIONS"} {
					got, seen := r.one(t, at, method+" "+target+" HTTP/1.1", "", credentials)
					// net/http itself answers OPTIONS * (RFC 9110, 9.3.7), and nobody else hears of it.
					general := method+target == "OPTIONS*" && got.status == http.StatusOK && got.body == ""
					if got.status != http.StatusBadRequest && !general || len(seen) != 0 {
						t.Errorf("P2 P3 %s %q: status %d, the upstream saw %d requests", method, target, got.status, len(seen))
					}
				}
			}
		}
	})
}

func TestAttackAmbiguousPathsThatTheOperatorLetsPass(t *testing.T) {
	r := newAttackRig(t, instead(t, "linger", "ambiguous_paths pass\nlinger"))
	for _, target := range []string{"/api/v2/job_templates/a%2Fb++Default/", "/api/v2/job_templates/a%3Bb++Default/launch/", "/static//app.js", "/a%5Cb", "/x/../y"} {
		got, seen := r.get(t, r.edges[0], target, authorization(r.read))
		if got.status != http.StatusOK || len(seen) != 1 || seen[0].target != target {
			t.Errorf("P3 %s: status %d, the upstream saw %+v", target, got.status, seen)
		}
	}
}

// What AWX's clients really send arrives byte for byte.
func TestAttackPathsKeepOrdinaryOnes(t *testing.T) {
	r := newAttackRig(t)
	long := "/api/v2/hosts/?name__in=" + strings.Repeat("h,", 2000)
	many := "/api/v2/jobs/?" + strings.Repeat("scope=read&", 1300) + "scope=write"
	r.each(t, func(t *testing.T, at edge) {
		for _, target := range []string{
			"/", "/api/v2/job_templates/7/", "/api/v2/job_templates/7", "/api/v2/job_templates/My%20JT++Default/callback/", "/api/v2/job_templates/a[+]b++Default/",
			"/api/v2/job_templates/a%5B+%5Db++Default/", "/api/v2/job_templates/a%3Fb%3Dc%26d%40e%3A++Default/", "/api/v2/hosts/J%C3%BCrgen++inv++Default/",
			"/api/v2/hosts/?name=a%2Fb%00&x=..%2f", "/api/v2/hosts/?page=2&order_by=-name", "/static/js/main.3f2a.js", "/api/v2/hosts/%EF%BC%97/", "/x/100%25/",
			"/api/v2/ad_hoc_commands/?", "/api/v2/hosts/?q=%zz", "/websocket/", "/sso/complete/saml/", long, many,
		} {
			got, seen := r.get(t, at, target, authorization(r.read))
			if got.status != http.StatusOK || len(seen) != 1 {
				t.Fatalf("P2 %.80s: status %d, the upstream saw %d requests", target, got.status, len(seen))
			}
			// net/http/httputil drops what it cannot parse from the query, Caddy nothing.
			want, have := target, seen[0].target
			if at.name != "Caddy" {
				want, _, _ = strings.Cut(want, "?")
				have, _, _ = strings.Cut(have, "?")
			}
			if have != want {
				t.Errorf("P2 the upstream got %.80q instead of %.80q", have, want)
			}
		}
	})
}

// Nobody parses the query but the one who answers, and its size is bounded.
func TestAttackQueries(t *testing.T) {
	r := newAttackRig(t)
	for name, query := range map[string]string{
		"P4 semicolons":          "a=1;b=2",
		"P4 repeated parameters": "scope=read&scope=write&scope=",
		"P4 odd escapes":         "a=%zz&%00=%0d%0a&=&&",
		"P4 methods":             "_method=DELETE&method=POST",
		"P4 beyond ASCII":        "a=\u00fc",
		"P4 a URL":               "next=http://evil.example/?a=b#c",
	} {
		if got, seen := r.get(t, r.edges[0], "/api/v2/jobs/?"+query, authorization(r.read)); got.status != http.StatusOK || len(seen) != 1 ||
			seen[0].target != "/api/v2/jobs/?"+query || seen[0].Method != http.MethodGet {
			t.Errorf("%s: status %d, the upstream saw %+v", name, got.status, seen)
		}
	}
	r.each(t, func(t *testing.T, at edge) {
		// 10,000 parameters of the token API are refused or filtered, never a 500.
		for _, query := range []string{strings.Repeat("a&", 5000), strings.Repeat("id=1&", 3000), strings.Repeat("or__id=1&", 1600), "page=1;page_size=2", "scope=read&scope=write"} {
			if got, _ := r.get(t, at, "/api/v2/tokens/?"+query, authorization(r.read)); got.status != http.StatusOK && (got.status < 400 || got.status >= 500) {
				t.Errorf("P4 %.40s: status %d", query, got.status)
			}
		}
	})
	for _, target := range []string{"/api/v2/jobs/?" + strings.Repeat("x=1&", 10_000), "/" + strings.Repeat("x", 40_000)} {
		if got, seen := r.get(t, r.edges[0], target, authorization(r.read)); got.status != http.StatusRequestHeaderFieldsTooLarge || len(seen) != 0 {
			t.Errorf("P4 %.40s: status %d, the upstream saw %d requests", target, got.status, len(seen))
		}
	}
}

// The path that was judged is the path that is forwarded: whatever reaches the upstream
// of many random targets is what was sent, and has one reading.
func TestAttackTheJudgedPathIsForwarded(t *testing.T) {
	const targets = 800
	r := newAttackRig(t)
	pieces := []string{
		"api", "v2", "o", "tokens", "users", "7", "job_templates", "x", "a+b", "/", "/", "/", "/", "//", ".", "..", ";", "%2e", "%2f", "%2F", "%5c", `\`, "%25", "%00", "%3b",
		"%41", "%7e", "~", "%C3%BC", "\u00fc", "\xff", "%ff", "?", "&", "=", "#", "%", "[", "]", "!", "'", "(", "*", "@", ":", ",", "$", "|", "{", "}", "\"", "^", "`", "<", "API", " ",
	}
	random := rand.New(rand.NewPCG(1, 2))
	r.each(t, func(t *testing.T, at edge) {
		forwarded := 0
		for range targets {
			var b strings.Builder
			b.WriteString("/")
			for range 1 + random.IntN(9) {
				b.WriteString(pieces[random.IntN(len(pieces))])
			}
			target := b.String()
			credentials := authorization(r.write)
			if random.IntN(2) == 0 {
				credentials = "X-Nothing: here"
			}
			_, seen := r.get(t, at, target, credentials)
			switch {
			case len(seen) == 0:
			case len(seen) > 1:
				t.Errorf("%q became %d requests", target, len(seen))
			default:
				forwarded++
				checkForwarded(t, target, seen[0].target)
			}
		}
		if forwarded < targets/20 {
			t.Errorf("only %d of %d targets were forwarded", forwarded, targets)
		}
	})
}

func checkForwarded(t *testing.T, sent, forwarded string) {
	t.Helper()
	sent, _, _ = strings.Cut(sent, "?")
	forwarded, _, _ = strings.Cut(forwarded, "?")
	if (sent == "/api" || sent == "/api/v2") && forwarded == sent+"/" {
		sent = forwarded // for these documents, awxgate_api asks AWX by their full names, and those are judged
	}
	// What must not be in a URI as it is (RFC 3986) is escaped on the way.
	if !strings.ContainsFunc(sent, func(c rune) bool { return c >= 0x80 || strings.ContainsRune("\"<>^`{|}[]", c) }) && sent != forwarded {
		t.Errorf("%q arrived as %q", sent, forwarded)
	}
	meant, err := url.PathUnescape(sent)
	if err != nil {
		t.Errorf("%q arrived", sent)
	}
	arrived, err := url.PathUnescape(forwarded)
	if err != nil || arrived != meant {
		t.Errorf("%q arrived as %q: another path", sent, forwarded)
	}
	lower := strings.ToLower(arrived)
	if strings.ContainsAny(arrived, "\\;\x00") || strings.Contains(arrived, "//") || strings.Contains(arrived, "/../") || strings.Contains(arrived, "/./") ||
		lower == "/api/v2/tokens" || strings.HasPrefix(lower, "/api/v2/tokens/") || strings.HasPrefix(lower, "/api/o/") {
		t.Errorf("%q arrived as %q", sent, forwarded)
	}
}

// A rewrite in front is judged by what it makes of the path, which is what is forwarded.
func TestAttackRewrittenPaths(t *testing.T) {
	r := newAttackRig(t, instead(t, "bind 127.0.0.1", "bind 127.0.0.1\nuri strip_prefix /gw"))
	for _, test := range []struct {
		target string
		status int
		want   string // at the upstream; empty: it sees nothing
	}{
		{"/gw/api/v2/jobs/?a=b", 200, "/api/v2/jobs/?a=b"},
		{"/api/v2/jobs/", 200, "/api/v2/jobs/"},
		{"/gw/api/v2/tokens/", 200, ""}, // ours
		{"/gw/api/v2/%74okens/", 404, ""},
		{"/gw/x/../api/v2/tokens/", 200, ""}, // Caddy cleans what it rewrites
		{"/gw/x/../api/v2/jobs/", 200, "/api/v2/jobs/"},
		{"/gw/api/v2/jobs/%5c", 400, ""},
		{"/gw/api/v2/jobs;x/", 400, ""},
		{"/x/../api/v2/jobs/", 200, "/api/v2/jobs/"},
	} {
		got, seen := r.get(t, r.edges[0], test.target, authorization(r.read))
		if got.status != test.status || len(seen) > 1 || (len(seen) == 1) != (test.want != "") || test.want != "" && seen[0].target != test.want {
			t.Errorf("P2 %s: status %d, the upstream saw %+v", test.target, got.status, seen)
		}
	}
}

// Without awxgate_api on a site, its paths are nobody's.
func TestAttackTokenAPIWithAuthAlone(t *testing.T) {
	r := newAttackRig(t, instead(t, "awxgate {\n\t\t\t\n\t\t}", "awxgate_auth"))
	for _, credentials := range []string{"X-Nothing: here", authorization(r.write)} {
		got, seen := r.one(t, r.edges[0], "POST /api/v2/tokens/ HTTP/1.1", "", credentials, "Content-Length: 0")
		if got.status != http.StatusNotFound || len(seen) != 0 {
			t.Errorf("P1: status %d, the upstream saw %d requests", got.status, len(seen))
		}
	}
}
