package tokenwatch

import (
	"errors"

	"github.com/awxgate/awxgate/tokencore"
)

// Stats counts contexts.
type Stats struct {
	// Held is how many there are now.
	Held int64
	// Ended because the token is not good any more, its scope does not suffice any more,
	// or nobody could say for too long.
	EndedInvalid, EndedScope, EndedUnavailable uint64
}

// Stats returns the counts.
func (w *Watch) Stats() Stats {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.counts
}

// drop ends every context of a token.
func (w *Watch) drop(t *token, cause error) {
	for h := range t.holds {
		w.end(t, h, cause)
	}
	w.forget(t)
}

// dropBeyond ends the contexts that need more than the scope gives.
func (w *Watch) dropBeyond(t *token, scope tokencore.Scope) {
	for h := range t.holds {
		if !scope.Includes(h.required) {
			w.end(t, h, tokencore.ErrScope)
		}
	}
	if len(t.holds) == 0 {
		w.forget(t)
	}
}

func (w *Watch) end(t *token, h *hold, cause error) {
	delete(t.holds, h)
	w.counts.Held--
	h.end(cause)
	if t.principal == nil {
		return // it never began
	}
	switch {
	case errors.Is(cause, tokencore.ErrUnavailable):
		w.counts.EndedUnavailable++
	case errors.Is(cause, tokencore.ErrScope):
		w.counts.EndedScope++
	default:
		w.counts.EndedInvalid++
	}
}
