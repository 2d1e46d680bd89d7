package sqlite

import (
	"testing"

	"github.com/pressly/goose/v3"
)

// A database of the version before user_ansible_id keeps its tokens: each is bound to the
// user whose it was.
func TestMigrations_BindOldTokensToTheirUsers(t *testing.T) {
	path := t.TempDir() + "/store.db"
	if err := create(path); err != nil {
		t.Fatal(err)
	}
	db, err := openDB(path, writing, defaultBusyTimeout)
	if err != nil {
		t.Fatal(err)
	}
	provider, err := newMigrations(db)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(t.Context(), sqlMarkOurs); err != nil {
		t.Fatal(err)
	}
	if _, err := provider.UpTo(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(t.Context(), `
		INSERT INTO users (id, ansible_id, username, first_name, last_name, email, is_superuser, is_system_auditor, is_active,
			password_hash, ldap_dn, external, social, created, modified)
		VALUES (3, 'uuid-of-alice', 'alice', '', '', '', 0, 0, 1, '', '', '', '[]', 0, 0);
		INSERT INTO tokens (id, digest, hint, user_id, grant_id, description, scope, created, modified, expires, last_used_from)
		VALUES (1, zeroblob(32), '', 3, '', '', 'write', 0, 0, 0, ''), (2, randomblob(32), '', 4, '', '', 'write', 0, 0, 0, '');
		INSERT INTO refresh_tokens (id, digest, hint, user_id, token_id, grant_id, scope, created)
		VALUES (1, zeroblob(32), '', 3, 1, '', 'write', 0);`); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}

	s, err := Open(t.Context(), path, Options{Migrate: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for id, want := range map[int64]string{1: "uuid-of-alice", 2: ""} {
		if token, err := s.Token(t.Context(), id); err != nil || token.UserAnsibleID != want {
			t.Errorf("token %d: got %q, %v, want %q", id, token.UserAnsibleID, err, want)
		} else if refreshable := id == 1; token.Refreshable != refreshable {
			t.Errorf("token %d: refreshable %t", id, token.Refreshable)
		}
	}
	refresh, err := s.RefreshTokenByDigest(t.Context(), [32]byte{})
	if err != nil || refresh.UserAnsibleID != "uuid-of-alice" {
		t.Errorf("refresh token: got %q, %v", refresh.UserAnsibleID, err)
	}
}

func TestMigrations_LatestVersionIsThatOfTheNewestFile(t *testing.T) {
	files, err := migrationFiles.ReadDir("migrations")
	if err != nil {
		t.Fatal(err)
	}
	newest, err := goose.NumericComponent(files[len(files)-1].Name())
	if err != nil || newest != latestVersion {
		t.Errorf("got %d, %v; latestVersion is %d", newest, err, latestVersion)
	}
}
