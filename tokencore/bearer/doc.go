// Package bearer is RFC 6750 over net/http: it finds the bearer token of a request,
// has it verified, and answers the refusals that the RFC defines.
//
// Require is the middleware for any Go program. Parse and Check are its parts for
// those who answer in their own words; Status says which code each error means.
// A Hygiene, by itself or as an option of Require, keeps requests honest that are going
// to be forwarded in the name of a user.
//
// Guarantees: a token is taken from the Authorization header and from nowhere else,
// never from the query or the body (RFC 9700, 2.1); a header that could be read in
// two ways is refused; a store that cannot answer is 503 and neither 401 nor an open
// door; a success allocates nothing in Parse, Check, Hygiene.Admit and Hygiene.Clean;
// no error and no answer carries any part of a credential.
//
// The package does not know whether a path needs a token, writes no log, and does not
// remember answers: give it a tokencache view for that.
package bearer
