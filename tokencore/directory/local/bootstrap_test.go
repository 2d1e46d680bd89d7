package local

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/store/memory"
)

func TestBootstrap_GivesAnEmptyStoreAdminAndDefault(t *testing.T) {
	for name, given := range map[string]string{"with a password": "s3cret", "without a password": ""} {
		t.Run(name, func(t *testing.T) {
			store := memory.New()
			generated, created, err := Bootstrap(t.Context(), store, tokencore.NewSecret(given))
			if err != nil || !created {
				t.Fatalf("created %v, %v", created, err)
			}
			password := tokencore.NewSecret(given)
			if given == "" {
				password = generated
				if n := len(generated.Reveal()); n < 20 {
					t.Errorf("the generated password has %d characters", n)
				}
			} else if !generated.IsZero() {
				t.Error("a password was generated although one was given")
			}
			u, err := New(store, Config{}).Authenticate(t.Context(), "admin", password)
			if err != nil || u.ID != 1 || !u.IsSuperuser || !u.IsActive || u.AnsibleID == "" {
				t.Errorf("got %+v, %v", u, err)
			}
			o, err := store.OrganizationByName(t.Context(), "Default")
			if err != nil || o.ID != 1 || o.CreatedBy != 1 || o.ModifiedBy != 1 || o.AnsibleID == "" {
				t.Errorf("got %+v, %v", o, err)
			}
		})
	}
}

func TestBootstrap_LeavesAStoreWithUsersAlone(t *testing.T) {
	store := newStore(t, tokencore.User{Username: "somebody"})
	generated, created, err := Bootstrap(t.Context(), store, tokencore.Secret{})
	if err != nil || created || !generated.IsZero() {
		t.Fatalf("created %v, %v", created, err)
	}
	if _, err := store.UserByName(t.Context(), "admin"); !errors.Is(err, tokencore.ErrNotFound) {
		t.Errorf("there is an admin: %v", err)
	}
}

func TestBootstrap_KeepsAnImportedDefaultOrganization(t *testing.T) {
	store := memory.New()
	err := store.Update(t.Context(), func(tx tokencore.Tx) error {
		return tx.CreateOrganization(t.Context(), &tokencore.Organization{Name: "Default", Description: "imported"})
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, created, err := Bootstrap(t.Context(), store, tokencore.NewSecret("password")); err != nil || !created {
		t.Fatalf("created %v, %v", created, err)
	}
	if o, err := store.OrganizationByName(t.Context(), "Default"); err != nil || o.Description != "imported" {
		t.Errorf("got %+v, %v", o, err)
	}
}

func TestBootstrap_OfManyAtOnceExactlyOneCreates(t *testing.T) {
	store := memory.New()
	var (
		wg       sync.WaitGroup
		mu       sync.Mutex
		password tokencore.Secret
		creators int
	)
	for range 8 {
		wg.Go(func() {
			generated, created, err := Bootstrap(t.Context(), store, tokencore.Secret{})
			if err != nil {
				t.Error(err)
			}
			if created == generated.IsZero() {
				t.Error("a password without an account, or the other way round")
			}
			if created {
				mu.Lock()
				defer mu.Unlock()
				creators, password = creators+1, generated
			}
		})
	}
	wg.Wait()
	if creators != 1 {
		t.Fatalf("%d created", creators)
	}
	if _, err := New(store, Config{}).Authenticate(t.Context(), "admin", password); err != nil {
		t.Errorf("the password that was handed out: %v", err)
	}
}

func TestBootstrap_RefusesWhatItCannotDoAndLeavesNothingBehind(t *testing.T) {
	store := memory.New()
	var invalid *tokencore.InvalidError
	_, created, err := Bootstrap(t.Context(), store, tokencore.NewSecret(strings.Repeat("x", 4097)))
	if created || !errors.As(err, &invalid) || strings.Contains(err.Error(), "xxx") {
		t.Errorf("created %v, %v", created, err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	if _, created, err := Bootstrap(t.Context(), store, tokencore.Secret{}); created || !errors.Is(err, tokencore.ErrUnavailable) {
		t.Errorf("created %v, %v", created, err)
	}
}
