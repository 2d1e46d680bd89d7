// Package fleet is test support: it runs several awxgate processes against one real
// PostgreSQL, as an installation does, and lets tests harm any part of it. Nothing of the
// product imports it.
//
//   - New builds the program and starts the nodes with the shipped Caddyfile.example.
//   - Node speaks to one of them as clients do; it can be killed and started again.
//   - Traffic keeps using, making and revoking tokens on all nodes, and notes whatever
//     breaks a promise: a revoked token that is accepted, a good one that is refused.
//   - MeasureRevocation says how long a revoked token lives on other nodes.
//
// docs/reliability.md lists what the tests of this package do, and what they measured.
package fleet
