// Package session signs people in with a cookie, as AWX 24.6.1 does for its own login
// page, awxkit and every browser. It is plain net/http over a tokencore.Service.
//
// [Sessions.SignIn] checks a password and begins a session, [Sessions.Actor] says who
// is behind a request, [Sessions.SignOut] ends it. Forms carry what
// [Sessions.FormToken] returns, and [Sessions.CheckCSRF] refuses those of other sites.
//
// # Guarantees
//
// A session is a row in the store, so all nodes know it, and only the digest of the
// cookie's value is kept. Signing in always makes a new value: one that somebody
// planted in a browser beforehand is worth nothing. After SignOut has returned the old
// value opens nothing, and so it is when the user is disabled, deleted or given another
// password, or local accounts are switched off.
//
// A session lives for SESSION_COOKIE_AGE seconds after its last use, give or take what
// saves a write for every request (never less, at most a minute more), and for
// thirty days in all unless that setting is longer. SESSIONS_PER_USER bounds how
// many a user has; the oldest end first.
//
// Requests that change something need the token of the csrftoken cookie in a header or
// form field, and must not come from another site, by the rules of Django 4.2 and in its
// words, plus Sec-Fetch-Site where browsers send it.
//
// What cannot be checked matches tokencore.ErrUnavailable and is never "nobody". No
// value of a cookie is in any error or log.
//
// # What it does not do
//
// It shows no pages, limits no rate of attempts and decides nothing about rights. It
// knows nothing about sessions of a remote AWX.
package session
