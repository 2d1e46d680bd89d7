// Package postgres keeps a tokencore.Store in PostgreSQL 13 or later, with the driver pgx. It
// is the store of several gateways: any number of nodes may use one database.
//
// # Address
//
// Open takes a URL or libpq's keywords and values, reads libpq's environment variables and
// ~/.pgpass, and makes TLS as libpq does: sslmode, sslrootcert, sslcert, sslkey. Only
// sslmode=verify-full checks whom it talks to. Of several hosts, target_session_attrs=read-write
// finds the one that accepts writes. search_path puts everything into a schema of its own,
// which must exist. Neither a password nor the address as a whole is in any error.
//
// A pooler between the two must pool sessions (pool_mode=session): LISTEN, prepared statements
// and the timeouts that are set when a connection is made need one server process
// for as long as the connection lasts.
//
// # Transactions
//
// Each Update first locks the one row of the table installation. So the writers of all
// nodes run one after the other, each sees what the one before committed, and none
// ever fails for a conflict with another, which matters because fn runs once. It
// costs throughput: together the nodes write as often as one connection can, a few
// hundred times per second on a disk that is synced (BenchmarkUpdate_CreateToken).
// Verification only reads, and never waits. The alternative, SERIALIZABLE, would
// answer contention with errors, and advisory locks are not known everywhere.
//
// Whoever waits for the lock for longer than Options.LockTimeout gets an error that matches
// tokencore.ErrUnavailable, and so does whoever loses the connection while the commit is on
// its way. Then nobody knows whether it took effect; if it did, every node hears
// of its changes, this one too. A node that falls silent in the middle of a transaction
// holds up the others for Options.IdleTimeout.
//
// # Changes
//
// A commit notifies the other nodes of its changes (NOTIFY), which arrive within
// milliseconds. The feed has a connection of its own, and sends itself a notification
// every Options.Heartbeat. If that does not come back, Watch says FeedLost no
// later than two heartbeats, 2 seconds by default, after the link fell silent; a connection
// that is closed is noticed at once. It says FeedRestored when it listens again.
//
// # Restored backups
//
// Store implements restoremark.Store.
//
// # Related databases
//
// Amazon Aurora is PostgreSQL. YugabyteDB and CockroachDB have no LISTEN, or one that
// does not reach all their nodes: set Options.PollInterval, which bounds how long
// the changes of others go unseen, and then doubles as the bound on staleness.
// CockroachDB also lacks the session lock under which nodes migrate, so let one node
// migrate first; and its transactions are always SERIALIZABLE, so contention may come
// out as an error that matches tokencore.ErrUnavailable. Neither is tested.
//
// # Text
//
// Strings are ordered by their bytes whatever the locale of the database, which must be
// in UTF-8. Patterns are matched by package regexp, never by the server, which reads the
// distinct values of a column for each (see pattern.go).
package postgres
