// Package restoreguard keeps tokens that were revoked from working again after their
// store was restored from a backup.
//
// A Guard remembers, in a directory that is no part of the store's backups, how far it has
// seen the store come (restoremark), and which tokens were revoked or altered. When the
// store turns out to lack what is remembered, the guard refuses every token with
// tokencore.ErrUnavailable, until somebody has looked at what came back to life (Examine)
// and accepted it (Accept).
//
// # Bounds
//
// A guard looks when it is opened, every two seconds, and whenever the feed of changes was
// lost and came back; after a loss it refuses everything until it has looked. What it
// remembers is on disk (fsync) within two seconds of the change, and when it is closed: a
// restore to a point of the last two seconds before a crash is not noticed. It remembers
// revocations for 90 days, the last 20,000 of them.
//
// # Several nodes
//
// Each node has a guard of its own. Accept writes into the store, so it counts for all.
// A guard remembers which acceptances it has seen: one that came back with a backup
// accepts nothing.
package restoreguard
