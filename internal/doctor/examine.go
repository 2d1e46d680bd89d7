package doctor

import (
	"context"
	"net/http"
	"time"
)

// Gateway is what the checks need to know of a gateway.
type Gateway struct {
	// URL is AWX's base URL, without a slash at its end.
	URL string
	// Transport reaches AWX as the gateway does.
	Transport http.RoundTripper
	// Identify makes a request one of that user's, as the gateway would. Nil: the
	// gateway does not sign identities.
	Identify func(ctx context.Context, r *http.Request, username string) error
	// LookUp makes a request one of an account that sees everybody, other than User. Nil:
	// there is none.
	LookUp func(r *http.Request) error
	// Life is how long a signed identity is good for.
	Life time.Duration
	// User is whom to act as. Empty: nobody, and what needs it stays unknown.
	User string
	// Origin is the address of AWX's pages in browsers, such as "https://awx.example.com".
	// Empty: that check is left out.
	Origin string
	// Direct lists addresses at which clients must not find AWX.
	Direct []string
	// Now is the clock. Default: time.Now.
	Now func() time.Time
}

// timeout bounds one request: long for a check, short for a person who waits.
const timeout = 10 * time.Second

// Examine makes every check, one after the other, and reports each finding as it is made.
// A check that makes no sense after an earlier one failed is left out.
func Examine(ctx context.Context, g Gateway, report func(Finding)) {
	if g.Now == nil {
		g.Now = time.Now
	}
	e := &examination{Gateway: g, ctx: ctx, report: report}
	if e.answers() {
		e.clock()
		e.identity()
		e.origin()
	}
	e.exposure()
}

// examination is one run.
type examination struct {
	Gateway
	ctx    context.Context //nolint:containedctx // of the run, which is one call
	report func(Finding)

	asked   time.Time // when AWX answered
	date    string    // what its Date field said
	version string
}
