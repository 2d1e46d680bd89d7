// Package tokencache remembers verified tokens, so that checking one costs no look-up
// and no allocation, without ever accepting a token after its revocation was answered.
//
// New takes the Store whose changes it follows; Verifier puts the memory in front of
// anything that verifies, usually a tokencore.Service over that store. Usage, beside it,
// writes down when tokens were used, far from the request.
//
// Guarantees:
//   - A change that the Store has delivered is in force for every Verify that starts
//     afterwards. A Store delivers its own commits before Update returns, so after a
//     revocation has answered, this process accepts the token zero times; for changes of
//     other processes the Store's bound applies.
//   - A hit looks at the expiry of the token and of the entry each time, and compares the
//     whole digest: a collision of keys is a miss.
//   - Errors are not remembered, and an outage is reported as one. A token that was refused
//     is remembered briefly, in a table of its own that cannot crowd out good ones.
//   - While the Store says that its feed is lost, every Verify asks the store.
//   - Close may be called while others verify; they go on without the memory.
//
// What it does not do: it does not know scopes (bearer compares them for each request),
// and it cannot know of changes that no Store delivers. Users of a remote directory are
// such: Config.TTL bounds how long they are trusted. After replacing a Service by one that
// answers differently, say with another directory, call Purge.
package tokencache
