// Package dabjwt makes the X-DAB-JW-TOKEN by which AWX 24.6.0 and later take the
// identity of a request from a gateway that they trust: an RS256 JWT that says who
// acts, for AWX's django-ansible-base (DAB), whose ANSIBLE_BASE_JWT_KEY is our public
// key.
//
// [Keys] reads the signing key from a PEM file or a directory and follows changes;
// [Generate] makes a first one. A [Minter] makes the tokens and remembers them for less
// than their life, so that a request costs no signature.
//
// # Guarantees
//
// One format satisfies every generation of DAB: each claim that one of them requires is
// there, none that widens rights is (resource_api_actions never), and no role is granted
// or taken away. A token is minted for an active user with an ansible_id that is a UUID,
// or not at all: for any other subject AWX would answer 500, or act as somebody else.
// A token that is handed out is good for at least half of its life. A change of the
// user's data, or of the key, makes a new token at once.
//
// # What it does not do
//
// It does not look users up: AWX writes what the token says into its own account, so the
// caller's data must be seconds old. It does not verify tokens, and it cannot revoke one;
// hence their short life. It knows nothing about scopes, which AWX cannot see: whoever
// mints has checked them. AWX up to 24.5 expects another format.
package dabjwt
