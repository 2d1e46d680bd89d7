// Package sqlstore is what the stores on SQL databases have in common: the statements,
// the translation of tokencore.Query into SQL, and what is recorded of every change. A
// store adds its connections, its schema, its feed and a Dialect.
//
// Statements number their parameters ($1), which PostgreSQL asks for and SQLite accepts.
// Both schemas have the same tables: times are microseconds since 1970, digests
// 32 bytes, absent references NULL, and texts are compared by their bytes.
package sqlstore
