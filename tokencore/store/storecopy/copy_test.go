package storecopy_test

import (
	"context"
	"errors"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/store/sqlite"
	"github.com/awxgate/awxgate/tokencore/store/storecopy"
)

const families = 700 // more than one batch

func opened(t *testing.T) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "a.db"), sqlite.Options{Migrate: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func update(t *testing.T, s *sqlite.Store, fn func(ctx context.Context, tx tokencore.Tx) error) {
	t.Helper()
	if err := s.Update(t.Context(), func(tx tokencore.Tx) error { return fn(t.Context(), tx) }); err != nil {
		t.Fatal(err)
	}
}

// filled has families of an access token, its refresh token, and the access token that was
// obtained with that.
func filled(t *testing.T) *sqlite.Store {
	t.Helper()
	s := opened(t)
	update(t, s, func(ctx context.Context, tx tokencore.Tx) error {
		user := tokencore.User{Username: "ada", Created: time.Now(), Modified: time.Now()}
		organization := tokencore.Organization{Name: "Default", Created: time.Now(), Modified: time.Now()}
		err := errors.Join(tx.CreateUser(ctx, &user), tx.CreateOrganization(ctx, &organization))
		if err == nil {
			err = tx.GrantRole(ctx, organization.ID, user.ID, tokencore.RoleAdmin)
		}
		for n := range families {
			first := tokencore.Token{Digest: digest(tokencore.KindAccess, n), UserID: user.ID, Created: time.Now(), Modified: time.Now(), Expires: time.Now()}
			err = errors.Join(err, tx.CreateToken(ctx, &first))
			refresh := tokencore.RefreshToken{Digest: digest(tokencore.KindRefresh, n), UserID: user.ID, TokenID: first.ID, Created: time.Now()}
			err = errors.Join(err, tx.CreateRefreshToken(ctx, &refresh))
			second := first
			second.Digest, second.SourceID = digest(tokencore.KindAccess, -1-n), refresh.ID
			err = errors.Join(err, tx.CreateToken(ctx, &second))
		}
		return errors.Join(err, tx.PutSetting(ctx, "AUTH_BASIC_ENABLED", []byte("false")))
	})
	return s
}

func digest(kind tokencore.Kind, n int) tokencore.Digest {
	return tokencore.DigestOf(kind, strconv.Itoa(n))
}

func quiet(storecopy.Kind, int, bool) {}

func TestCopy_GoesOnAfterAnInterruption(t *testing.T) {
	from, to := filled(t), opened(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	_, err := storecopy.Copy(ctx, from, to, func(kind storecopy.Kind, _ int, _ bool) {
		if kind == storecopy.RefreshTokens {
			cancel()
		}
	})
	if err == nil {
		t.Fatal("it was not interrupted")
	}
	if _, err := storecopy.Copy(t.Context(), filled(t), to, quiet); !errors.Is(err, storecopy.ErrOccupied) {
		t.Errorf("a copy of another store: %v", err)
	}
	counts, err := storecopy.Copy(t.Context(), from, to, quiet)
	if err != nil {
		t.Fatal(err)
	}
	if counts[storecopy.Tokens] != 2*families || counts[storecopy.RefreshTokens] != families || counts[storecopy.Settings] != 1 {
		t.Errorf("counted %v", counts)
	}
	here, err := from.TokenByDigest(t.Context(), digest(tokencore.KindAccess, -families))
	if err != nil {
		t.Fatal(err)
	}
	there, err := to.TokenByDigest(t.Context(), here.Digest)
	if err != nil || there != here || there.SourceID == 0 {
		t.Errorf("got %+v, %v; want %+v", there, err, here)
	}
	if settings, err := to.StoredSettings(t.Context()); err != nil || len(settings) != 1 {
		t.Errorf("settings %v, %v", settings, err)
	}
}

func TestCopy_ReportsWhatChangedBehindIt(t *testing.T) {
	from, to := filled(t), opened(t)
	_, err := storecopy.Copy(t.Context(), from, to, func(kind storecopy.Kind, rows int, comparing bool) {
		if kind == storecopy.RefreshTokens && rows == families && !comparing {
			update(t, from, func(ctx context.Context, tx tokencore.Tx) error { return tx.DeleteToken(ctx, 1) })
		}
	})
	if !errors.Is(err, storecopy.ErrDiffers) {
		t.Errorf("got %v", err)
	}
}

func TestCopy_LeavesOtherDataAlone(t *testing.T) {
	from, to := filled(t), opened(t)
	if _, err := storecopy.Copy(t.Context(), from, from, quiet); !errors.Is(err, storecopy.ErrSame) {
		t.Errorf("onto itself: %v", err)
	}
	update(t, to, func(ctx context.Context, tx tokencore.Tx) error { return tx.PutSetting(ctx, "A", []byte("1")) })
	if _, err := storecopy.Copy(t.Context(), from, to, quiet); !errors.Is(err, storecopy.ErrOccupied) {
		t.Errorf("into a store with a setting: %v", err)
	}
}
