package caddymodule

import (
	"context"
	"net/http"

	"github.com/awxgate/awxgate/tokencore"
)

// The namespaces in which other packages can register parts of the app.
const (
	storeNamespace     = "awxgate.stores"
	directoryNamespace = "awxgate.directories"
	identityNamespace  = "awxgate.identities"
)

// StoreModule is a guest module of the namespace awxgate.stores. Its Provision opens
// nothing: several configurations share one opened store, see Key.
type StoreModule interface {
	// Key names what is opened, after placeholders are resolved: modules with equal
	// keys share one store. It may contain credentials; only its digest is kept.
	Key() string
	// Open opens a store that exists and is current, and writes nothing. The error
	// matches fs.ErrNotExist if nothing is there yet that Create would not make.
	Open(ctx context.Context) (tokencore.Store, error)
	// Create opens the store after creating it, or bringing it up to date, as needed.
	Create(ctx context.Context) (tokencore.Store, error)
}

// DirectoryModule is a guest module of the namespace awxgate.directories.
type DirectoryModule interface {
	// Directory builds the directory over the store. It is called for every
	// configuration and must be cheap.
	Directory(store tokencore.Store) (tokencore.Directory, error)
	// Bootstrap gives an empty store its first accounts and leaves any other alone.
	Bootstrap(ctx context.Context, store tokencore.Store) (FirstAccounts, error)
}

// FirstAccounts tells what Bootstrap did.
type FirstAccounts struct {
	// Created: the store was empty and has accounts now.
	Created bool
	// Password of the user "admin" if it was generated, to be told to a person once.
	Password tokencore.Secret
}

// Identity is a guest module of the namespace awxgate.identities: it tells the
// upstream who acts.
type Identity interface {
	// Headers lists the header fields that Apply may set. Whatever a client sends
	// under these names, in any spelling, is removed from every request.
	Headers() []string
	// Apply states the principal's identity in the request. The client's versions of
	// Headers, its Authorization and AWX's session cookie are gone already. An error
	// means that the request must not go on; the client gets 503.
	Apply(r *http.Request, p *tokencore.Principal) error
}
