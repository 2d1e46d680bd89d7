// Package sqlite keeps a tokencore.Store in one SQLite file, with the pure Go
// driver modernc.org/sqlite.
//
// # Durability
//
// The file is in WAL mode with synchronous=FULL: when Update has returned nil, a
// crash of the process, of the machine or of its power supply loses nothing of
// it. Credentials are stored as SHA-256 digests only, and a new file can be read
// by its owner alone.
//
// # Several processes
//
// Any number of processes on one machine may use the file at once, such as a
// server and a command. One of them writes at a time; another that waits for
// longer than Options.BusyTimeout gets an error that matches
// tokencore.ErrUnavailable and says that the database is locked. Changes of other
// processes reach Watch within about Options.PollInterval, a tenth of a second by
// default. If they cannot, Watch reports FeedLost no later than 0.9 seconds after
// that: with the default, nobody trusts for longer than a second what another
// process has changed.
//
// All processes must run on the same machine. A network file system breaks the
// locks and the shared memory that SQLite relies on, and cannot be recognised
// reliably; use the PostgreSQL store for more than one node.
//
// # Opening
//
// Open creates and migrates a database only if Options.Migrate says so, and
// writes nothing otherwise. SQLite itself keeps "-wal" and "-shm" files next to
// every open database, and finishes what a crash has left in them. A file that
// is not an awxgate database is never touched. Check tells beforehand what Open
// would find.
//
// # Restored backups
//
// Store implements restoremark.Store.
//
// # Text
//
// Strings are ordered by their bytes, and comparisons without regard to case fold
// ASCII letters only. Absent values sort after all others, as in AWX.
package sqlite
