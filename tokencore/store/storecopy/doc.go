// Package storecopy copies everything that one store keeps into another, empty one, with
// ids, digests and times. An interrupted copy is continued by another one from the same store.
//
// Nobody should use either store meanwhile: what changes behind the copy is missed, and
// then the comparison at the end says so.
package storecopy
