// Package awxapi serves AWX 24.6.1's API of OAuth2 applications and tokens, with
// users, organizations and settings as far as they belong to it. It is a plain
// http.Handler and the only place that knows AWX's JSON.
//
// Unmodified clients work with it (the awx command line, the awx.awx collection, goawx,
// curl): paths, fields and their order, status codes and error texts are AWX's. The
// package's tests replay what a real AWX answered; where this package answers
// differently on purpose, the test's table of deviations says why.
//
// The API describes itself at /api/v2/schema/, in OpenAPI 3.1 and as a page. The
// description is made from the routes, the types that are sent and the tables of fields.
//
// It guarantees:
//
//   - What could not be checked is not refused as wrong: an outage of the store or
//     the directory is 503, never 401 or 404.
//   - A credential is in exactly one answer, the one to the request that made it.
//   - A bad bearer token is 401 whatever other credentials the request carries, and a
//     token without the right gets as far as 403 before anything about the object is said.
//   - A session's cookie alone changes nothing: every unsafe request must also prove that
//     it was not made by another site (tokencore/session).
//   - Nothing that is stored in secret can be filtered, searched or sorted by.
//   - Owns knows every spelling of its paths, so that a proxy in front of AWX can keep
//     them from reaching AWX.
//   - Of what AWX and this API answer together (Merges, ServeMerged), nothing changes but what
//     is put in: AWX's members keep their order and their text, and its refusals their bytes.
//
// It does not limit the rate of password checks, terminate TLS, or cache: hand it a
// tokencore.Verifier that caches. It does not decide who may do what either; that is
// tokencore.Actor.
package awxapi
