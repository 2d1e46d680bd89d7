package bearer_test

import (
	"net/http"
	"testing"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/bearer"
)

func TestSuccessDoesNotAllocate(t *testing.T) {
	r, _ := parsed("/api/v2/job_templates/7/launch/?a=b")
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Accept", "application/json")
	r.Header.Set("User-Agent", "Python-urllib/3.11")
	r.Header.Set("Connection", "keep-alive")
	verifier := tokencore.Verifier(live(tokencore.ScopeRead))
	hygiene := bearer.NewHygiene(bearer.HygieneConfig{Names: identityNames})

	for name, f := range map[string]func(){
		"Parse":         func() { _, _ = bearer.Parse(r.Header) },
		"Check":         func() { _, _ = bearer.Check(r, verifier) },
		"AmbiguousPath": func() { _ = bearer.AmbiguousPath(r) },
		"MethodAllowed": func() { _ = bearer.MethodAllowed(r.Method) },
		"Admit":         func() { _ = hygiene.Admit(r) },
		"Clean":         func() { hygiene.Clean(r) },
		"none":          func() { _, _ = bearer.Parse(http.Header(nil)) },
	} {
		if n := testing.AllocsPerRun(100, f); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}
