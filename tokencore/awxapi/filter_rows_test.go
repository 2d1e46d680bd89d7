package awxapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/awxgate/awxgate/internal/pgtest"
	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/store/memory"
	"github.com/awxgate/awxgate/tokencore/store/postgres"
	"github.com/awxgate/awxgate/tokencore/store/sqlite"
)

// hidden is in the rows where no filter may find it.
const hidden = "Zs3cr3tZ"

// filterStores are stores with the same rows of every kind: those that need nothing but
// this process, and others.
func filterStores(t testing.TB, others ...tokencore.Store) []tokencore.Store {
	t.Helper()
	onDisk, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "store.db"), sqlite.Options{Migrate: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := onDisk.Close(); err != nil {
			t.Error(err)
		}
	})
	stores := append([]tokencore.Store{memory.New(), onDisk}, others...)
	for _, store := range stores {
		if err := store.Update(t.Context(), func(tx tokencore.Tx) error { return filterRows(t.Context(), tx) }); err != nil {
			t.Fatal(err)
		}
	}
	return stores
}

// onPostgreSQL opens an empty store.
func onPostgreSQL(t *testing.T) tokencore.Store {
	t.Helper()
	store, err := postgres.Open(t.Context(), pgtest.Shared(t).Database(t), postgres.Options{Migrate: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return store
}

// filterNames are words in which characters of patterns and other alphabets occur.
var filterNames = []string{"alice", "Bob", "c.d", "élan", "[x]"}

// filterRows are rows that refer to others, to nothing, and to users and organizations
// that are not in the store.
func filterRows(ctx context.Context, tx tokencore.Tx) error {
	at := time.Date(2026, time.November, 23, 15, 0, 0, 123456000, time.UTC)
	errs := []error{filterAccounts(ctx, tx, at), filterApplications(ctx, tx, at)}
	for i := range 9 {
		token := tokencore.Token{
			Digest: digestOf(tokencore.KindAccess, i), Hint: hidden, UserID: int64(i%5 + 1), ApplicationID: int64(i % 4),
			Description: filterNames[i%5], Scope: []string{"read", "write", "read write"}[i%3], SourceID: int64(i / 7),
			Created: at.Add(time.Duration(i) * time.Second), Modified: at, Expires: tokencore.LatestExpiry,
		}
		if i == 4 {
			token.LastUsed = at
		}
		errs = append(errs, tx.CreateToken(ctx, &token))
		if !token.Personal() && i != 1 {
			errs = append(errs, tx.CreateRefreshToken(ctx, &tokencore.RefreshToken{
				Digest: digestOf(tokencore.KindRefresh, i), Hint: hidden, UserID: token.UserID,
				ApplicationID: token.ApplicationID, TokenID: token.ID, Created: at,
			}))
		}
		errs = append(errs, tx.AppendActivity(ctx, &tokencore.Activity{
			Time: at, Operation: tokencore.OperationCreate, ActorID: int64(i % 7), ActorName: filterNames[i%5], ObjectID: int64(i),
			Object:  []string{tokencore.ObjectApplication, tokencore.ObjectToken, tokencore.ObjectUser, tokencore.ObjectOrganization}[i%4],
			Changes: json.RawMessage(fmt.Sprintf(`{"name":%q}`, filterNames[i%5])),
		}))
	}
	return errors.Join(errs...)
}

func filterAccounts(ctx context.Context, tx tokencore.Tx, at time.Time) error {
	var errs []error
	for i, name := range filterNames {
		u := tokencore.User{
			Username: name, FirstName: strings.ToUpper(name), Email: name + "@example.com", IsSuperuser: i == 0, IsActive: i != 2,
			PasswordHash: hidden, Created: at.AddDate(0, i, 0),
		}
		if i > 1 {
			u.LastLogin = at.AddDate(1, 0, 0)
		}
		errs = append(errs, tx.CreateUser(ctx, &u))
	}
	for i, name := range []string{"Default", "org A", "org+B"} {
		n := int64(i)
		errs = append(errs,
			tx.CreateOrganization(ctx, &tokencore.Organization{
				Name: name, Description: filterNames[i], MaxHosts: n, CreatedBy: n, Created: at, Modified: at,
			}),
			tx.GrantRole(ctx, n+1, n+1, tokencore.RoleMember),
			tx.GrantRole(ctx, n+1, 5-n, tokencore.RoleAdmin))
	}
	return errors.Join(errs...)
}

func filterApplications(ctx context.Context, tx tokencore.Tx, at time.Time) error {
	var errs []error
	for i, name := range filterNames {
		app := tokencore.Application{
			Name: name, Description: "app1 " + name, ClientID: hidden + name, SecretDigest: digestOf(tokencore.KindClient, i),
			ClientType: tokencore.Confidential, GrantType: tokencore.GrantPassword, RedirectURIs: "https://a.example/" + name,
			SkipAuthorization: i%2 == 0, OrganizationID: int64(i % 5), UserID: int64(i%3) * 3,
			Created: at.AddDate(0, 0, i), Modified: at.AddDate(0, 0, 2*i),
		}
		if i == 1 {
			app.ClientType, app.GrantType = tokencore.Public, tokencore.GrantAuthorizationCode
		}
		errs = append(errs, tx.CreateApplication(ctx, &app))
	}
	return errors.Join(errs...)
}

func digestOf(kind tokencore.Kind, n int) tokencore.Digest {
	return tokencore.NewSecret(fmt.Sprint(hidden, n)).Digest(kind)
}
