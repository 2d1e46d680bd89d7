// Package bench measures what a check costs, beside what it replaces: a handler without
// any check as the floor, the same check without a memory, and the store behind it.
//
//	make bench
//
// Everything is measured in one run on one machine, because only the ratios between the
// lines mean anything elsewhere; compare runs with benchstat over -count 10, not by eye.
// What each line includes:
//
//   - Caddy/…: requests through a real Caddy over loopback: "stock" is reverse_proxy alone,
//     the others have the gateway in front of it.
//   - Request/…: one request through net/http handlers, without a network: the floor, the
//     refusal of a request without a token, and bearer.Require in front of the same
//     handler. Its distance to the floor is the whole price of the check.
//   - Check/…: bearer.Check alone: header, digest, memory, epochs, expiry, scope. "hit" is
//     one token, "10k" as many tokens by turns, "refused" a dead token that is remembered.
//     The lines that end in "-parallel" run on all processors at once.
//   - Check/miss-…: the same without a memory, so the store answers every time: what the
//     first use of a token costs, and each use while the change feed is lost.
//   - Part/…: the pieces of a check.
//   - Issue/…, Revoke/…: a personal token is made; a token is made, revoked, and refused by
//     the next check. SQLite syncs the disk for each of these transactions, so those lines
//     say more about the disk than about the code. So does PostgreSQL, on a server that each
//     line starts and that runs on the same machine.
//   - Memory: what remembered tokens take of the heap.
//   - Scale/OPERATION/STORE/rows=N: what the number of tokens costs. "make scale" takes it to
//     ten million and draws it with bench/curves; docs/scale.md says what it means.
//     "purge" lines give the time of each token that is cleaned up.
//
// A hit allocates nothing, except that ristretto starts a new buffer of 512 bytes for every
// 64 hits, which -benchmem shows as a few B/op and 0 allocs/op.
package bench
