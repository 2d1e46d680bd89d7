package tokencache

import (
	"sync/atomic"

	"github.com/awxgate/awxgate/tokencore"
)

// Revocation is a number that moves on, not a deletion: a deletion can be overtaken by
// a reader that loaded the row before it and stores the entry after it, or by a queued
// write of the cache itself.
//
// Every entry carries the epochs of its token, user and application and the epoch of
// everything, as they were before its row was read, and a hit compares them with those
// of now. Unequal is a miss. Equal means that nothing was delivered since before the
// read, so a fresh read would say the same.
//
// A reader knows the token's id, user and application only after the read, so it cannot
// note these epochs before. seq makes up for that. A writer counts seq up first and the
// epoch second, both after the commit. A reader notes seq, reads the row, notes the
// epochs, and remembers the row only if seq is still the same. Take any change to that row:
//
//   - Its epoch moves after the reader noted it: the entry is a miss from then on.
//   - Its epoch moved before the reader noted it. Then its seq moved still earlier. Not
//     after the reader noted seq, for then the second look at seq would have differed.
//     So before, and the commit, which comes first of all, was before the read: the row
//     shows the change.
//
// Either way the entry is as good as one whose epochs were noted before the read. The
// argument needs a total order of the atomic operations, which Go's memory model gives.

// stripes is how many epochs there are per kind. Ids that share one end each other's
// entries needlessly: a look-up, not a fault.
const stripes = 4096

type stripeSet [stripes]atomic.Uint64

func (s *stripeSet) of(id int64) *atomic.Uint64 {
	return &s[uint64(id)%stripes] //nolint:gosec // any bit pattern is fine
}

type epochs struct {
	seq         atomic.Uint64 // of everything but issued
	all         atomic.Uint64
	token       stripeSet
	user        stripeSet
	application stripeSet
	issued      stripeSet   // by key of the digest
	blind       atomic.Bool // the feed is lost
}

// apply takes in one change. The Store calls it, from any goroutine, after the commit.
func (e *epochs) apply(change tokencore.Change) {
	switch change.Kind {
	case tokencore.ChangeToken:
		e.bump(e.token.of(change.ID))
	case tokencore.ChangeUser:
		e.bump(e.user.of(change.ID))
	case tokencore.ChangeApplication:
		e.bump(e.application.of(change.ID))
	case tokencore.ChangeIssued:
		// The digest is known before the read, so no seq is needed: mark has the epoch itself.
		e.issued.of(change.ID).Add(1)
	case tokencore.ChangeSettings:
		// Settings decide about new tokens, not about existing ones.
	case tokencore.FeedLost:
		e.blind.Store(true)
		e.bumpAll()
	case tokencore.FeedRestored:
		e.bumpAll()
		e.blind.Store(false)
	case tokencore.ChangeAll:
		e.bumpAll()
	default: // a kind of the future may mean anything
		e.bumpAll()
	}
}

func (e *epochs) bump(epoch *atomic.Uint64) {
	e.seq.Add(1)
	epoch.Add(1)
}

func (e *epochs) bumpAll() { e.bump(&e.all) }

// mark is what can be noted before a read. While it is the same, no delivered change can
// have altered the answer about that digest, whatever the answer was.
type mark struct{ seq, issued uint64 }

func (e *epochs) mark(digest tokencore.Digest) mark {
	return mark{e.seq.Load(), e.issued.of(digest.Key()).Load()}
}

// stamp is what an entry carries.
type stamp struct{ all, issued, token, user, application uint64 }

func (e *epochs) stamp(digest tokencore.Digest, p *tokencore.Principal) stamp {
	return stamp{
		e.all.Load(),
		e.issued.of(digest.Key()).Load(),
		e.token.of(p.TokenID).Load(),
		e.user.of(p.User.ID).Load(),
		e.application.of(p.ApplicationID).Load(),
	}
}
