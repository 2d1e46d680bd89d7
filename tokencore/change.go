package tokencore

import "encoding/binary"

// ChangeKind says what a Change is about.
type ChangeKind uint8

// The kinds of change. The first six come from commits; the last two are about
// the feed itself.
const (
	// ChangeToken: the access token with this ID was revoked or altered.
	ChangeToken ChangeKind = iota + 1
	// ChangeIssued: a token was created, or, announced, is not there any more; ID is the
	// Key of its digest. It ends what is remembered about that digest.
	ChangeIssued
	// ChangeUser: the user with this ID was altered, disabled or deleted.
	ChangeUser
	// ChangeApplication: the application with this ID was altered or deleted.
	ChangeApplication
	// ChangeSettings: a setting changed.
	ChangeSettings
	// ChangeAll: anything may have changed.
	ChangeAll
	// FeedLost: changes of other processes may be missed from now on. Nothing
	// cached may be trusted until FeedRestored.
	FeedLost
	// FeedRestored: the feed is complete again; what happened meanwhile is unknown.
	FeedRestored
)

// Change says that something which verification depends on is no longer what it was.
type Change struct {
	Kind ChangeKind
	ID   int64
}

// Key folds the digest into a Change ID and a cache key. It identifies nothing by
// itself: whoever uses it compares the full digest.
func (d Digest) Key() int64 { return int64(binary.BigEndian.Uint64(d[:8])) } //nolint:gosec // any bit pattern is fine
