// Package tokencore issues, verifies and revokes OAuth2 tokens as AWX 24.6.1 did:
// applications, personal tokens, read and write scopes, refresh with rotation, and
// expiry that can be changed while the program runs.
//
// It is the domain: who may do what, what a token is, when it is dead. It imports
// the standard library only. Around it stand
//
//   - tokencore/store: where rows are kept (sqlite, memory; storetest is the contract),
//   - tokencore/directory: who the users are,
//   - tokencore/oauth: the OAuth2 endpoints, on ory/fosite,
//   - tokencore/awxapi: AWX's REST API,
//   - tokencore/bearer: RFC 6750 over net/http, for whoever guards a handler,
//   - tokencore/tokencache: a cache in which a revoked token never survives.
//
// # Guarantees
//
// A credential in clear is a [Secret], which no formatting verb, logger or encoder
// shows; stores keep digests only. An unknown token is [ErrInvalidToken]; a store or
// directory that cannot answer is [ErrUnavailable], never the same. Every change and
// its [Activity] entry are one transaction. Once a revocation has returned, no
// [Verifier] over the same [Store] accepts the token again.
//
// # What it does not do
//
// It does not serve HTTP, hash passwords or keep sessions, and it does not check
// permissions by itself: [Actor] answers who may do what, and the API asks.
package tokencore
