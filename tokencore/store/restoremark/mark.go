// Package restoremark notices that a store was restored from a backup, which makes revoked
// tokens live again.
//
// A store counts its changes: each transaction moves its position forward and leaves a
// random tag there. Who uses the store remembers, beside it and not in its backups, the
// last Mark that it has seen (Save), and compares it with the store when it starts and
// whenever it has been cut off (Load, Compare).
//
// # What is noticed
//
// A restored store is at an earlier position than the mark, or it has gone on since. Then
// its transaction at the remembered position is another one, and has another tag: two
// tags are the same by chance once in 2^128 times. Another installation in the place
// of this one has another id. The same holds after a failover to a replica that lacked
// acknowledged transactions.
//
// Stores forget most tags after 10,000 changes, but never those at every thousandth
// position, of which a Mark holds the last. So somebody who comes back after more than that
// still notices each restoration to a point before that checkpoint. What remains is one to a
// point after it, by fewer than a thousand changes, with more than 10,000 since,
// none of which anybody who remembers has looked at.
package restoremark

import "fmt"

// Mark is a point in the history of a store. The zero Mark is before every history.
type Mark struct {
	Installation string `json:"installation"` // a random id that a store gets when it is set up
	Last         Point  `json:"last"`
	Checkpoint   Point  `json:"checkpoint"` // at or before Last, at a position that is never forgotten
}

// Point is a position and the tag of the transaction there.
type Point struct {
	Position int64  `json:"position"` // 0: nothing has happened yet
	Tag      string `json:"tag"`
}

// Relation says how a store stands to a Mark.
type Relation uint8

// The relations.
const (
	// Same: nothing has happened since.
	Same Relation = iota + 1
	// Advanced: everything up to the mark is there, and more.
	Advanced
	// WentBack: something that was there is there no longer.
	WentBack
	// OtherInstallation: it is not the store of the mark.
	OtherInstallation
)

// Trustworthy reports whether nothing that was remembered is missing.
func (r Relation) Trustworthy() bool { return r == Same || r == Advanced }

// String says it in a word.
func (r Relation) String() string {
	switch r {
	case Same:
		return "same"
	case Advanced:
		return "advanced"
	case WentBack:
		return "went back"
	case OtherInstallation:
		return "other installation"
	default:
		return fmt.Sprintf("relation %d", uint8(r))
	}
}

// Compare says how a store that is at now stands to what was remembered. The tags are
// those that the store has at the remembered positions; empty: it has forgotten.
func Compare(remembered, now Mark, tagAtLast, tagAtCheckpoint string) Relation {
	last := remembered.Last
	switch {
	case remembered.Installation != now.Installation:
		return OtherInstallation
	case last.Position > now.Last.Position:
		return WentBack
	case last == now.Last:
		return Same
	case last.Position == 0:
		return Advanced
	case tagAtLast != "":
		return advancedIf(tagAtLast == last.Tag)
	case last.Position == now.Last.Position:
		return WentBack
	case remembered.Checkpoint.Position == 0:
		return Advanced
	default:
		return advancedIf(tagAtCheckpoint == remembered.Checkpoint.Tag)
	}
}

func advancedIf(same bool) Relation {
	if same {
		return Advanced
	}
	return WentBack
}
