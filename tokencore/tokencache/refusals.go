package tokencache

import (
	"sync/atomic"
	"time"

	"github.com/awxgate/awxgate/tokencore"
)

// refusals remembers tokens that do not exist, so that a client that repeats a dead token
// costs no look-ups. A place is decided by the key and overwritten by the next that comes
// there: a flood of invented tokens fills this table, less than 2 MB, and nothing else.
type refusals [1 << 14]atomic.Pointer[refusal]

// refusal ends with any change that could bring the token to life: its issue, and, because
// a token may have been refused for its user's sake, any change of a row that matters.
type refusal struct {
	digest tokencore.Digest
	since  mark // noted before the read
	until  time.Time
	err    error // matches ErrInvalidToken
}

// of returns why a token is refused, or nil if that is not known.
func (r *refusals) of(key uint64, digest tokencore.Digest, current mark, now time.Time) error {
	known := r[key%uint64(len(r))].Load()
	if known == nil || !known.digest.Equal(digest) || known.since != current || !now.Before(known.until) {
		return nil
	}
	return known.err
}

func (r *refusals) put(key uint64, known *refusal) { r[key%uint64(len(r))].Store(known) }
