// Package awx is a directory that asks AWX itself: AWX 24.6.0 or later knows the users,
// their passwords, the organizations and the roles, and this package keeps nothing of it
// for longer than seconds.
//
// Passwords are checked by asking AWX GET /api/v2/me/ with them; AWX must accept HTTP
// Basic for that (AUTH_BASIC_ENABLED, its default). Everything else is looked up with an
// account of the caller's (Config.Authorize), which must be a System Auditor or a
// superuser.
//
// What it guarantees:
//
//   - An answer is used for Config.TTL. After that a user who was disabled, demoted,
//     renamed or deleted in AWX is seen as such. AWX's API takes is_active as a filter but
//     does not show it, so a user is first asked for among the active ones.
//   - While AWX cannot be asked, what was known goes on for Config.Grace longer, and then
//     everything is tokencore.ErrUnavailable. What was not known, and "no such user", is
//     ErrUnavailable at once: an outage deletes nobody.
//   - "Not found" is said only if AWX answered with an empty list and the look-up account
//     sees everybody. A 404, which a proxy or an ingress without a backend also sends, and
//     an account that was demoted are ErrUnavailable.
//   - "Bad credentials" is said only if AWX refused them (401 or 403). A refusal of the
//     look-up account is ErrUnavailable, and its text says which account is meant.
//   - Nobody's password, and no answer to one, is remembered. No cookie is kept, so no
//     session of one user can answer for another. No redirect and no URL in an answer is
//     followed, and no more than 1 MiB of an answer is read.
//   - Callers who ask the same at the same time share one question. Memory is bounded, and
//     names that do not exist cannot push out users who do.
//   - No credential is in any error or log line.
//
// # Tokens and ansible_id
//
// AWX gives the id of a deleted user to nobody else as long as its database lives, but a
// restored database does, and a name is free again after a deletion or a rename. What
// stays with one account, and with it alone, is User.AnsibleID. This package always
// returns it (an account without one is ErrUnavailable) and takes no notice of a change.
// Who binds something to a user, such as a token, keeps the AnsibleID of that day beside
// the id and refuses when the one of today is another.
//
// # What it does not do
//
// It changes nothing in AWX, limits no login attempts, and does not know of changes before
// the TTL is over. A memory in front of it, such as tokencache, adds its own time to that.
// Roles are those that AWX lists for the user itself: what a team or a superuser may do
// besides is not among them.
package awx
