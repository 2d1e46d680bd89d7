// Package tokenwatch ends what outlives the check of its token: a WebSocket, a stream, a
// download of hours. A request is judged when it comes; what it opened goes on after its
// token was revoked, unless somebody watches.
//
// Hold returns a context that lives as long as the token is good for the given scope. It
// ends, with the reason as its cause, when
//
//   - the token is revoked or expires, its user is disabled or deleted, its application
//     deleted, or its scope no longer suffices: as soon as the store tells (in the same
//     process before the change has answered, otherwise within the bound of the store's
//     feed), and at the second of the expiry;
//   - the same happened without anybody telling, in a remote directory or while the feed is
//     broken: within Interval, because every token is verified anew that often;
//   - nobody can say any more whether the token is good, for longer than Grace. An outage of
//     a few seconds must not cut every connection at once, and one that lasts must not keep
//     a door open.
//
// However many contexts are held, one goroutine serves them, and a token that several
// connections use is verified once. Verifications here go to the store, never to a cache:
// that would have to have heard of a change first.
package tokenwatch
