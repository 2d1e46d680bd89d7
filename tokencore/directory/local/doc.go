// Package local is a directory whose users, organizations and roles live in the
// token store itself, for installations that have nothing else to ask.
//
// What it guarantees:
//
//   - Passwords are kept as argon2id only (RFC 9106, with the parameters that
//     OWASP recommends). PBKDF2 hashes of an imported AWX are accepted and
//     replaced by argon2id at the first login that succeeds.
//   - Unknown users, disabled users, users without a usable password and wrong
//     passwords get the same answer after the same work.
//   - No more than Config.Concurrency passwords are hashed at a time, so that a
//     flood of logins cannot take the memory. A request that is still waiting
//     when its context ends gets tokencore.ErrUnavailable, never "wrong password".
//   - Neither a password nor a hash is in any error, log line or returned user.
//
// What it does not do: it limits no attempts and locks no accounts, it sends no
// mail, and it does not write the time of a login. As long as an imported user
// has a PBKDF2 hash, checking it takes longer than argon2id does, which a patient
// observer can measure; AWX (Django) has the same property.
package local
