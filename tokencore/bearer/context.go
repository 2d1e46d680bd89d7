package bearer

import (
	"context"

	"github.com/awxgate/awxgate/tokencore"
)

type principalKey struct{}

// NewContext returns a context that carries the principal of a request.
func NewContext(ctx context.Context, p *tokencore.Principal) context.Context {
	return context.WithValue(ctx, principalKey{}, p)
}

// FromContext returns the principal that Require, or NewContext, put there.
func FromContext(ctx context.Context) (*tokencore.Principal, bool) {
	p, ok := ctx.Value(principalKey{}).(*tokencore.Principal)
	return p, ok && p != nil
}
