// Package pgtest gives tests a real PostgreSQL of their own: a private cluster in a
// temporary directory, on loopback, that nothing else uses. It can be stopped, killed,
// frozen and started again.
//
// The programs come from the Debian package postgresql (make test-deps). Where they are
// missing, tests fail; they are never skipped.
package pgtest
