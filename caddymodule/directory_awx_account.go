package caddymodule

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"

	"github.com/caddyserver/caddy/v2"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/dabjwt"
	"github.com/awxgate/awxgate/tokencore/directory/awx"
)

// directoryAccount is as whom AWX is asked about users.
type directoryAccount interface {
	// authorizer returns what adds the account's credential to a request to the AWX of
	// the configuration.
	authorizer(store tokencore.Store, config awx.Config) func(*http.Request) error
	// create makes what the account needs in the store, unless it is there.
	create(ctx context.Context, store tokencore.Store) error
}

// AWXCredentials are a user name and a password of AWX. Write the password as a
// placeholder such as {file./run/secrets/awx}.
type AWXCredentials struct {
	Username string `json:"username"`
	Password string `json:"password"`
}

// passwordAccount is an AWX account with a password.
type passwordAccount struct {
	username string
	password tokencore.Secret
}

// namedAccount returns the account of LookupBasic; nil if there is none.
func (d *AWXDirectory) namedAccount() (directoryAccount, error) {
	if d.LookupBasic == nil {
		return nil, nil
	}
	repl := caddy.NewReplacer()
	username, err := repl.ReplaceOrErr(d.LookupBasic.Username, true, true)
	if err != nil {
		return nil, fmt.Errorf("lookup_basic: %w", err)
	}
	password, err := repl.ReplaceOrErr(d.LookupBasic.Password, true, true)
	if err != nil {
		return nil, fmt.Errorf("lookup_basic: %w", err)
	}
	return passwordAccount{username, tokencore.NewSecret(password)}, nil
}

func (a passwordAccount) authorizer(tokencore.Store, awx.Config) func(*http.Request) error {
	return awx.Basic(a.username, a.password)
}

// create does nothing: the account is AWX's.
func (passwordAccount) create(context.Context, tokencore.Store) error { return nil }

// errNoAccount stands for the account while there is none.
func errNoAccount(*http.Request) error { return errors.New("the directory is not bound to an account") }

// settingLookup is where the store keeps the ansible_id of the gateway's own account. The
// API shows no such setting.
const settingLookup = "AWXGATE_LOOKUP_ANSIBLE_ID"

// ownAccount is an account that the gateway signs for. It must not be anybody's: AWX writes
// what the signature says into the account that it finds, so signing for a person whose
// record was not looked up could wipe an e-mail address or demote an administrator, and for
// a name that anybody could have registered before would make a superuser of them. So id
// and name are random. They are in the store, whose nodes must all be the same account,
// and not in the key, which changes.
type ownAccount struct {
	user   atomic.Pointer[tokencore.User] // nil until AWX has met it
	minter *dabjwt.Minter
	log    *slog.Logger
}

func (a *ownAccount) authorizer(store tokencore.Store, config awx.Config) func(*http.Request) error {
	return func(r *http.Request) error {
		user := a.user.Load()
		if user == nil {
			var err error
			if user, err = a.meet(r.Context(), store, config); err != nil {
				return err
			}
		}
		return a.sign(r, user)
	}
}

func (a *ownAccount) sign(r *http.Request, user *tokencore.User) error {
	token, err := a.minter.Mint(user)
	if err != nil {
		return err
	}
	r.Header[dabjwt.Header] = []string{token.Reveal()}
	return nil
}

// meet has AWX create the account, if need be, and learns the ansible_id by which AWX
// knows it: AWX 24.6.1 chooses one itself, and as long as a signature says another it
// finds the account by its name and writes it anew each time.
func (a *ownAccount) meet(ctx context.Context, store tokencore.Store, config awx.Config) (*tokencore.User, error) {
	user, err := a.record(ctx, store)
	if err != nil {
		return nil, err
	}
	config.Authorize = func(r *http.Request) error { return a.sign(r, user) }
	stranger, err := awx.New(config)
	if err != nil {
		return nil, err
	}
	known, err := stranger.LookUpAccount(ctx)
	if err != nil {
		return nil, err
	}
	met := *user
	met.AnsibleID = known.AnsibleID
	a.user.Store(&met)
	return &met, nil
}

// record is what the signature says of the account before AWX has met it: a superuser,
// because no version of AWX's JWT can say System Auditor.
func (a *ownAccount) record(ctx context.Context, store tokencore.Store) (*tokencore.User, error) {
	stored, err := store.StoredSettings(ctx)
	if err != nil {
		return nil, err
	}
	var id string
	if json.Unmarshal(stored[settingLookup], &id) != nil {
		return nil, errors.New("the account has no name yet, which the first start gives it")
	}
	return &tokencore.User{
		AnsibleID: id, Username: "awxgate-" + id[strings.LastIndexByte(id, '-')+1:],
		FirstName: "awxgate", LastName: "looks users up", IsSuperuser: true, IsActive: true,
	}, nil
}

func (a *ownAccount) create(ctx context.Context, store tokencore.Store) error {
	id, err := tokencore.NewUUID(rand.Reader)
	if err != nil {
		return err
	}
	value, err := json.Marshal(id)
	if err != nil {
		return err
	}
	created := false
	err = store.Update(ctx, func(tx tokencore.Tx) error {
		stored, err := tx.StoredSettings(ctx)
		if err != nil || stored[settingLookup] != nil {
			return err
		}
		created = true
		return tx.PutSetting(ctx, settingLookup, value)
	})
	if err != nil {
		return fmt.Errorf("naming the account for look-ups: %w", err)
	}
	if !created {
		return nil
	}
	user, err := a.record(ctx, store)
	if err != nil {
		return err
	}
	a.log.Info("users are looked up with an account of the gateway's own, which AWX creates, as a superuser without a password, on its first use",
		"account", user.Username)
	return nil
}
