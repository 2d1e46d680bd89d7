// Package memory keeps a tokencore.Store in maps. It is made for tests, examples
// and demonstrations: nothing survives Close, and a query walks every row.
//
// Transactions are real. Update excludes everything else, and an error, a panic
// or an ended context undoes whatever fn did. Changes are delivered to watchers
// after the commit and before Update returns; there are no other processes, so
// the feed can never be lost.
//
// Strings are ordered by their bytes and folded in ASCII only, as SQLite does
// it; absent values sort after all others, as in AWX (PostgreSQL).
package memory
