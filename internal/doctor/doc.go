// Package doctor finds out whether a gateway and the AWX behind it fit together: whether
// AWX answers, believes the gateway who acts, leaves roles alone, tells the same time,
// takes forms from the gateway's address, and cannot be reached in another way.
//
// It knows AWX by its API only and asks it little: a handful of reads, and, where it is
// told which address browsers use, one login that must fail. It acts as one named user,
// for whom AWX then does what it does at every request: it takes over the user's
// attributes from the gateway's directory.
package doctor
