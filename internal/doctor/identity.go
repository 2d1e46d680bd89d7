package doctor

import (
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/awxgate/awxgate/tokencore/dabjwt"
)

// identity finds out whether AWX believes the gateway who acts, and nobody else.
func (e *examination) identity() {
	const check = "identity"
	switch {
	case e.Identify == nil:
		e.report(unknown(check, "the gateway does not sign identities, so AWX does not know them",
			`write "identity dab_jwt" in the awxgate option`))
		return
	case e.User == "":
		e.report(unknown(check, "no user was named to act as", "run it again with --user NAME, best a member of some organization"))
		return
	}
	before := e.memberships()
	if e.accepted() {
		e.rolesKept(before, e.memberships())
		e.activeTold()
	}
	e.forgeryRefused()
}

// page is a list of AWX.
type page[T any] struct {
	Results []T `json:"results"`
}

func (e *examination) asUser(r *http.Request) error { return e.Identify(e.ctx, r, e.User) }

// accepted reports whether AWX takes the signed identity for the user's.
func (e *examination) accepted() bool {
	const check = "AWX knows the key"
	answer, err := e.get("/api/v2/me/", e.asUser)
	if err != nil {
		e.report(failed(check, fmt.Sprintf("AWX could not be asked as %q", e.User), err.Error()))
		return false
	}
	switch answer.status {
	case http.StatusOK:
	case http.StatusUnauthorized, statusExpired:
		e.report(failed(check, fmt.Sprintf("AWX does not accept the signed identity of %q, %s", e.User, answer.says()),
			"put what awxgate awx-settings prints into AWX's settings and restart its web service"))
		return false
	default:
		e.report(failed(check, fmt.Sprintf("AWX answers the signed identity of %q by %s", e.User, answer.says()), "look into AWX's log"))
		return false
	}
	var me page[struct {
		Username string `json:"username"`
	}]
	if json.Unmarshal([]byte(answer.body), &me) != nil || len(me.Results) != 1 {
		e.report(failed(check, "AWX does not say who acts, "+answer.says(), "use AWX 24.6.0 or later"))
		return false
	}
	if name := me.Results[0].Username; name != e.User {
		e.report(failed(check, fmt.Sprintf("AWX takes %q for %q", e.User, name),
			"keep the gateway off until it is clear why both have the same ansible_id"))
		return false
	}
	e.report(ok(check, "and acts as %q when the gateway says so", e.User))
	return true
}

// statusExpired is what AWX says from 2025 on of an identity that has expired.
const statusExpired = 498

// forgeryRefused presents an identity with a signature that is not the gateway's. It also
// finds an AWX, or something before it, that answers everybody.
func (e *examination) forgeryRefused() {
	const check = "forgeries"
	answer, err := e.get("/api/v2/me/", func(r *http.Request) error {
		if err := e.asUser(r); err != nil {
			return err
		}
		r.Header.Set(dabjwt.Header, forged(r.Header.Get(dabjwt.Header)))
		return nil
	})
	switch {
	case err != nil:
		e.report(unknown(check, "AWX could not be asked", err.Error()))
	case answer.status == http.StatusUnauthorized || answer.status == http.StatusForbidden:
		e.report(ok(check, "AWX refuses an identity that somebody else signed"))
	default:
		e.report(failed(check, "AWX does not refuse an identity that somebody else signed, "+answer.says(),
			"take AWX off the network until ANSIBLE_BASE_JWT_KEY is the gateway's public key"))
	}
}

// forged changes a bit in the middle of the signature; its last character may have bits
// that mean nothing.
func forged(token string) string {
	i := len(token) - 20
	if i < 0 {
		return token + "A"
	}
	other := byte('A')
	if token[i] == other {
		other = 'B'
	}
	return token[:i] + string(other) + token[i+1:]
}
