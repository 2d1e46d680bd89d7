package awxapi_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/awxgate/awxgate/internal/pgtest"
	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/awxapi"
	"github.com/awxgate/awxgate/tokencore/directory/local"
	"github.com/awxgate/awxgate/tokencore/store/memory"
	"github.com/awxgate/awxgate/tokencore/store/postgres"
	"github.com/awxgate/awxgate/tokencore/store/sqlite"
)

// storesUnderTest are the stores on which AWX's recordings are replayed.
var storesUnderTest = map[string]func(t *testing.T) tokencore.Store{
	"memory": func(*testing.T) tokencore.Store { return memory.New() },
	"sqlite": func(t *testing.T) tokencore.Store {
		t.Helper()
		store, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "awxgate.db"), sqlite.Options{Migrate: true})
		if err != nil {
			t.Fatal(err)
		}
		closeAfter(t, store)
		return store
	},
	"postgres": func(t *testing.T) tokencore.Store {
		t.Helper()
		store, err := postgres.Open(t.Context(), pgtest.Shared(t).Database(t), postgres.Options{Migrate: true})
		if err != nil {
			t.Fatal(err)
		}
		closeAfter(t, store)
		return store
	},
}

func closeAfter(t *testing.T, store tokencore.Store) {
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
}

// newInstallation is what a first start leaves behind, with the local directory and the
// real OAuth2 endpoints: the state in which AWX's recordings begin.
func newInstallation(t *testing.T, store tokencore.Store) *world {
	t.Helper()
	w := &world{store: store, clock: time.Date(2026, time.November, 23, 14, 58, 0, 123456000, time.UTC)}
	if _, created, err := local.Bootstrap(t.Context(), store, tokencore.NewSecret(password)); err != nil || !created {
		t.Fatalf("bootstrap: created %v, %v", created, err)
	}
	directory := &rememberingDirectory{Directory: local.New(store, local.Config{}), store: store}
	hash, err := directory.HashPassword(tokencore.NewSecret(password))
	if err != nil {
		t.Fatal(err)
	}
	if w.svc, err = tokencore.New(store, directory, tokencore.Config{Now: w.now, Node: "awx-1"}); err != nil {
		t.Fatal(err)
	}
	w.change(t, func(tx tokencore.Tx) error {
		u, err := tx.User(t.Context(), admin)
		u.Email = "admin@example.com" // the recorder's installer asked for one
		u.PasswordHash = hash
		return errors.Join(err, tx.UpdateUser(t.Context(), u))
	})
	w.api, err = awxapi.New(w.svc, awxapi.Config{Node: "awx-1", Accounts: directory, Used: w.used})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// used notes that a token was accepted, at once; a server does so later and in batches.
func (w *world) used(p *tokencore.Principal, r *http.Request) {
	_ = w.store.Update(r.Context(), func(tx tokencore.Tx) error {
		return tx.TouchTokens(r.Context(), []tokencore.TokenUse{{TokenID: p.TokenID, Time: w.clock, From: "192.0.2.1"}})
	})
}

// change does something to the database that no request did.
func (w *world) change(t *testing.T, f func(tx tokencore.Tx) error) {
	t.Helper()
	if err := w.store.Update(t.Context(), f); err != nil {
		t.Fatal(err)
	}
}

// rememberingDirectory hashes each password, and checks each right one, once for all
// tests: argon2 is slow on purpose.
type rememberingDirectory struct {
	*local.Directory
	store tokencore.Store
}

var (
	hashOf        sync.Map // by password
	rightPassword sync.Map // hash and password
)

func (d *rememberingDirectory) HashPassword(given tokencore.Secret) (string, error) {
	if hash, ok := hashOf.Load(given.Reveal()); ok {
		return hash.(string), nil
	}
	hash, err := d.Directory.HashPassword(given)
	if err == nil {
		hashOf.Store(given.Reveal(), hash)
	}
	return hash, err
}

func (d *rememberingDirectory) Authenticate(ctx context.Context, username string, given tokencore.Secret) (tokencore.User, error) {
	u, err := d.store.UserByName(ctx, username)
	key := u.PasswordHash + " " + given.Reveal()
	if _, ok := rightPassword.Load(key); ok && err == nil && u.IsActive {
		return d.User(ctx, u.ID)
	}
	user, err := d.Directory.Authenticate(ctx, username, given)
	if err == nil {
		rightPassword.Store(key, true)
	}
	return user, err
}

// The recorder's database had rows that were made, and often deleted, by recordings that
// are not here. The methods below bring a table to where AWX's was, so that ids are
// AWX's own.

// rows makes a row of a resource and deletes it again.
type rows struct {
	make func(tx tokencore.Tx) (id int64, err error)
	drop func(tx tokencore.Tx, id int64) error
}

func (w *world) rows(t *testing.T, resource string) rows {
	t.Helper()
	ctx := t.Context()
	name := func() string { return "burnt " + uuid(t) }
	switch resource {
	case "applications":
		return rows{
			func(tx tokencore.Tx) (int64, error) {
				a := tokencore.Application{
					Name: name(), ClientID: uuid(t), ClientType: tokencore.Public, GrantType: tokencore.GrantPassword,
					OrganizationID: orgDefault, Created: w.clock, Modified: w.clock,
				}
				err := tx.CreateApplication(ctx, &a)
				return a.ID, err
			},
			func(tx tokencore.Tx, id int64) error { return tx.DeleteApplication(ctx, id) },
		}
	case "tokens":
		return rows{
			func(tx tokencore.Tx) (int64, error) {
				k := tokencore.Token{
					Digest: tokencore.NewSecret(uuid(t)).Digest(tokencore.KindAccess), UserID: admin, GrantID: uuid(t),
					Scope: "read", Created: w.clock, Modified: w.clock, Expires: w.clock,
				}
				err := tx.CreateToken(ctx, &k)
				return k.ID, err
			},
			func(tx tokencore.Tx, id int64) error { return tx.DeleteToken(ctx, id) },
		}
	case "users":
		return rows{
			func(tx tokencore.Tx) (int64, error) {
				u := tokencore.User{Username: name(), AnsibleID: uuid(t), Created: w.clock}
				err := tx.CreateUser(ctx, &u)
				return u.ID, err
			},
			func(tx tokencore.Tx, id int64) error { return tx.DeleteUser(ctx, id) },
		}
	case "organizations":
		return rows{
			func(tx tokencore.Tx) (int64, error) {
				o := tokencore.Organization{Name: name(), AnsibleID: uuid(t), Created: w.clock, Modified: w.clock}
				err := tx.CreateOrganization(ctx, &o)
				return o.ID, err
			},
			func(tx tokencore.Tx, id int64) error { return tx.DeleteOrganization(ctx, id) },
		}
	case "activity_stream":
		return rows{
			func(tx tokencore.Tx) (int64, error) {
				a := tokencore.Activity{Time: w.clock, Operation: tokencore.OperationUpdate, Changes: []byte(`{}`)}
				err := tx.AppendActivity(ctx, &a)
				return a.ID, err
			},
			func(tokencore.Tx, int64) error { return nil },
		}
	default:
		t.Fatalf("no rows of %q", resource)
		return rows{}
	}
}

// align makes the next row of a resource get the id. last is the last id that the
// resource is known to have given out, if that row may be gone.
func (w *world) align(t *testing.T, resource string, id, last int64) {
	t.Helper()
	r := w.rows(t, resource)
	last = max(last, w.newest(t, resource))
	w.change(t, func(tx tokencore.Tx) error {
		for last < id-1 {
			made, err := r.make(tx)
			if err == nil && made >= id {
				err = fmt.Errorf("the next of %s gets id %d, AWX's had %d", resource, made, id)
			}
			if err = errors.Join(err, r.drop(tx, made)); err != nil {
				return err
			}
			last = made
		}
		return nil
	})
	if last >= id {
		t.Fatalf("%s has id %d already, AWX had not", resource, last)
	}
}

// newest is the largest id of the rows that are there.
func (w *world) newest(t *testing.T, resource string) (id int64) {
	t.Helper()
	ctx, q := t.Context(), tokencore.Query{Order: []tokencore.Order{{Field: "id", Descending: true}}, Limit: 1}
	var err error
	switch resource {
	case "applications":
		id, err = newestOf(func() ([]tokencore.Application, int, error) { return w.store.Applications(ctx, q) }, func(a tokencore.Application) int64 { return a.ID })
	case "tokens":
		id, err = newestOf(func() ([]tokencore.Token, int, error) { return w.store.Tokens(ctx, q) }, func(k tokencore.Token) int64 { return k.ID })
	case "users":
		id, err = newestOf(func() ([]tokencore.User, int, error) { return w.store.Users(ctx, q) }, func(u tokencore.User) int64 { return u.ID })
	case "organizations":
		id, err = newestOf(func() ([]tokencore.Organization, int, error) { return w.store.Organizations(ctx, q) }, func(o tokencore.Organization) int64 { return o.ID })
	case "activity_stream":
		id, err = newestOf(func() ([]tokencore.Activity, int, error) { return w.store.Activities(ctx, q) }, func(a tokencore.Activity) int64 { return a.ID })
	}
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func newestOf[T any](list func() ([]T, int, error), idOf func(T) int64) (int64, error) {
	page, _, err := list()
	if err != nil || len(page) == 0 {
		return 0, err
	}
	return idOf(page[0]), nil
}

var (
	_ tokencore.Directory = (*rememberingDirectory)(nil)
	_ awxapi.Accounts     = (*rememberingDirectory)(nil)
)
