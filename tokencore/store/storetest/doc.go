// Package storetest is the contract of tokencore.Store in executable form. Every
// store, also one that lives in another module, proves itself with one call:
//
//	func TestStore(t *testing.T) {
//		storetest.Run(t, func(t *testing.T) tokencore.Store { return mystore.New(t.TempDir()) })
//	}
//
// The names of the subtests read as the specification. They check what a caller
// can see: results, errors, cascades, transactions, published changes, queries and
// the exact values that come back. They do not check durability, speed or the
// delivery of changes between processes, which need knowledge of the store.
package storetest
