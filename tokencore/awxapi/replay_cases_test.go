package awxapi_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/awxgate/awxgate/tokencore"
)

// TestReplay sends AWX's recorded cases in the order of the recording, since each
// stands on those before it.
func TestReplay(t *testing.T) {
	p := newReplayer(newWorld(t))
	for _, file := range []string{
		"01-roots.http", "02-applications.http", "04-tokens.http", "20-misc.http", "21-misc2.http",
	} {
		t.Run(file, func(t *testing.T) { p.replay(t, file) })
	}
	for i, d := range deviations {
		if !p.used[i] {
			t.Errorf("no case for the listed deviation %q in %s", d.request, d.file)
		}
	}
}

// deviation is a recorded case that we answer differently, and meant to.
type deviation struct {
	file    string
	request string // recorded.request(), or its beginning if it ends in "*"
	label   string // empty: any
	// status is what we answer. 0: the case is not sent, because what it is about
	// is not served yet.
	status int
	reason string
}

const (
	slashless = "served without a slash: AWX's redirect turns a POST into a GET in most clients"
	noHTML    = "JSON instead of browsable HTML"
	english   = "English is the contract"
	ownWords  = "descriptions in our own words"
	failure   = "AWX fails with 500"
)

var deviations = []deviation{
	{file: "01-roots.http", request: "GET /api", status: 200, reason: slashless},
	{file: "01-roots.http", request: "GET /api/o", status: 200, reason: slashless},
	{file: "01-roots.http", request: "GET /api/v2", status: 200, reason: slashless},
	{file: "01-roots.http", request: "GET /api/v2/applications [admin]", status: 200, reason: slashless},
	{file: "01-roots.http", request: "POST /api/v2/applications [admin] {}", status: 400, reason: slashless},
	{file: "01-roots.http", request: "POST /api/v2/applications?x=1 [admin] {}", status: 400, reason: slashless},
	{file: "01-roots.http", request: "GET /api/v2/tokens [admin]", status: 200, reason: slashless},
	{file: "01-roots.http", request: "POST /api/v2/tokens [admin] {}", status: 201, reason: slashless},
	{file: "01-roots.http", request: "GET /api/v2/me [admin]", status: 200, reason: slashless},
	{file: "01-roots.http", request: "POST /api/v2/me [admin] {}", status: 405, reason: slashless},
	{file: "01-roots.http", request: "GET /api/o/token [admin]", status: 200, reason: slashless},
	{file: "01-roots.http", request: "POST /api/o/token [admin] {}", status: 200, reason: slashless},
	{file: "01-roots.http", request: "GET /api/o/authorize [admin]", status: 200, reason: slashless},
	{file: "01-roots.http", request: "POST /api/o/authorize [admin] {}", status: 200, reason: slashless},
	{file: "01-roots.http", request: "GET /api/o/revoke_token [admin]", status: 200, reason: slashless},
	{file: "01-roots.http", request: "POST /api/o/revoke_token [admin] {}", status: 200, reason: slashless},
	{file: "01-roots.http", request: "GET /api/", label: "api root accept html", status: 200, reason: noHTML},
	{file: "01-roots.http", request: "GET /api/?format=api", status: 200, reason: noHTML},
	{file: "01-roots.http", request: "GET /nosuch/*", status: 404, reason: "the page of AWX's UI"},
	{file: "01-roots.http", request: "GET /api/v2/", status: 200, reason: "only the resources that are served"},
	{file: "01-roots.http", request: "GET /api/v2/config/", status: 401, reason: "no license to POST or DELETE, so not in Allow"},
	{file: "01-roots.http", request: "GET /api/v2/config/ [*", status: 200, reason: "no analytics, no projects"},
	{file: "01-roots.http", request: "OPTIONS /api/v2/", status: 200, reason: ownWords},

	{file: "04-tokens.http", request: "OPTIONS /api/v2/tokens/5/ [admin]", reason: "OPTIONS metadata is not served yet"},

	{file: "20-misc.http", request: "POST /api/v2/organizations/ [admin]*", status: 201, reason: "ids of role objects are our own"},
	{file: "20-misc.http", request: "GET /api/v2/me/", label: "french", status: 401, reason: english},
	{file: "20-misc.http", request: "POST /api/v2/applications/ [admin] {}", label: "spanish 400", status: 400, reason: english},

	{file: "21-misc2.http", request: "POST /api/v2/tokens/ [orgadmin] null", status: 400, reason: failure},
	{file: "21-misc2.http", request: "GET /api/v2/users/6/ [alice]", status: 200, reason: "she had signed in with a session, which is not served yet"},
	{
		file: "21-misc2.http", request: `POST /api/v2/tokens/ [alice] b'{"description":"\xff"}'`, status: 400,
		reason: "AWX repeats the body, which may hold a password",
	},
}

func (p *replayer) deviation(c recorded) (deviation, bool) {
	for i, d := range deviations {
		beginning, open := strings.CutSuffix(d.request, "*")
		if d.file != c.file || d.label != "" && d.label != c.label {
			continue
		}
		if c.request() == d.request || open && strings.HasPrefix(c.request(), beginning) {
			p.used[i] = true
			return d, true
		}
	}
	return deviation{}, false
}

// passwordOf is the password that a case was sent with.
func passwordOf(c recorded) string {
	if c.label == "bad basic" {
		return "wrong"
	}
	return password
}

// removedAgain reports whether the recorder deleted what a case had created before
// it went on: the same name is created again by the next case.
func removedAgain(c recorded) bool {
	return c.file == "02-applications.http" && !strings.Contains(c.body, `"app1"`)
}

// before does what the recorder did between the cases without recording it. The
// keys are file and label.
var before = map[string]func(*testing.T, *replayer){
	"20-misc.http detail 12 tokens": func(t *testing.T, p *replayer) {
		const firstRecorded, tokens = 242, 12
		application, err := strconv.ParseInt(p.ids["applications"]["96"], 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		for i := range tokens {
			issued := p.world.token(t, admin, application, tokencore.DefaultScope)
			p.ids["tokens"][strconv.Itoa(firstRecorded+i)] = strconv.FormatInt(issued.Token.ID, 10)
		}
	},
}
