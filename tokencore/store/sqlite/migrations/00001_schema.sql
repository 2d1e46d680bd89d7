-- +goose Up

-- Times are unix microseconds, digests 32 bytes, absent references NULL.
-- AUTOINCREMENT: the id of a deleted row is never given to another one.
-- Users and organizations may live in another directory (AWX itself), so only
-- roles, which are ours, refer to those tables.

CREATE TABLE applications (
	id                 INTEGER PRIMARY KEY AUTOINCREMENT,
	name               TEXT    NOT NULL,
	description        TEXT    NOT NULL,
	client_id          TEXT    UNIQUE,
	secret_digest      BLOB    NOT NULL CHECK (length(secret_digest) = 32),
	client_type        TEXT    NOT NULL,
	redirect_uris      TEXT    NOT NULL,
	grant_type         TEXT    NOT NULL,
	skip_authorization INTEGER NOT NULL,
	organization_id    INTEGER,
	user_id            INTEGER,
	created            INTEGER NOT NULL,
	modified           INTEGER NOT NULL,
	UNIQUE (organization_id, name)
) STRICT;

CREATE TABLE tokens (
	id             INTEGER PRIMARY KEY AUTOINCREMENT,
	digest         BLOB    NOT NULL UNIQUE CHECK (length(digest) = 32),
	hint           TEXT    NOT NULL,
	user_id        INTEGER NOT NULL,
	application_id INTEGER REFERENCES applications (id),
	source_id      INTEGER REFERENCES refresh_tokens (id) ON DELETE SET NULL,
	grant_id       TEXT    NOT NULL,
	description    TEXT    NOT NULL,
	scope          TEXT    NOT NULL,
	created        INTEGER NOT NULL,
	modified       INTEGER NOT NULL,
	expires        INTEGER NOT NULL,
	last_used      INTEGER,
	last_used_from TEXT    NOT NULL
) STRICT;

CREATE INDEX tokens_user ON tokens (user_id);
CREATE INDEX tokens_application ON tokens (application_id);
CREATE INDEX tokens_source ON tokens (source_id);
CREATE INDEX tokens_grant ON tokens (grant_id);
CREATE INDEX tokens_expires ON tokens (expires);

CREATE TABLE refresh_tokens (
	id             INTEGER PRIMARY KEY AUTOINCREMENT,
	digest         BLOB    NOT NULL UNIQUE CHECK (length(digest) = 32),
	hint           TEXT    NOT NULL,
	user_id        INTEGER NOT NULL,
	application_id INTEGER REFERENCES applications (id) ON DELETE CASCADE,
	token_id       INTEGER REFERENCES tokens (id) ON DELETE SET NULL,
	grant_id       TEXT    NOT NULL,
	scope          TEXT    NOT NULL,
	created        INTEGER NOT NULL,
	revoked        INTEGER
) STRICT;

CREATE INDEX refresh_tokens_user ON refresh_tokens (user_id);
CREATE INDEX refresh_tokens_application ON refresh_tokens (application_id);
CREATE INDEX refresh_tokens_token ON refresh_tokens (token_id);
CREATE INDEX refresh_tokens_grant ON refresh_tokens (grant_id);

CREATE TABLE codes (
	id               INTEGER PRIMARY KEY AUTOINCREMENT,
	digest           BLOB    NOT NULL UNIQUE CHECK (length(digest) = 32),
	user_id          INTEGER NOT NULL,
	application_id   INTEGER REFERENCES applications (id) ON DELETE CASCADE,
	grant_id         TEXT    NOT NULL,
	redirect_uri     TEXT    NOT NULL,
	scope            TEXT    NOT NULL,
	challenge        TEXT    NOT NULL,
	challenge_method TEXT    NOT NULL,
	created          INTEGER NOT NULL,
	expires          INTEGER NOT NULL,
	used             INTEGER
) STRICT;

CREATE INDEX codes_user ON codes (user_id);
CREATE INDEX codes_application ON codes (application_id);
CREATE INDEX codes_expires ON codes (expires);

CREATE TABLE sessions (
	id      INTEGER PRIMARY KEY AUTOINCREMENT,
	digest  BLOB    NOT NULL UNIQUE CHECK (length(digest) = 32),
	user_id INTEGER NOT NULL,
	created INTEGER NOT NULL,
	expires INTEGER NOT NULL
) STRICT;

CREATE INDEX sessions_user ON sessions (user_id, created);
CREATE INDEX sessions_expires ON sessions (expires);

CREATE TABLE users (
	id                INTEGER PRIMARY KEY AUTOINCREMENT,
	ansible_id        TEXT    NOT NULL,
	username          TEXT    NOT NULL UNIQUE,
	first_name        TEXT    NOT NULL,
	last_name         TEXT    NOT NULL,
	email             TEXT    NOT NULL,
	is_superuser      INTEGER NOT NULL,
	is_system_auditor INTEGER NOT NULL,
	is_active         INTEGER NOT NULL,
	password_hash     TEXT    NOT NULL,
	ldap_dn           TEXT    NOT NULL,
	external          TEXT    NOT NULL,
	social            TEXT    NOT NULL,
	created           INTEGER NOT NULL,
	modified          INTEGER NOT NULL,
	last_login        INTEGER
) STRICT;

CREATE TABLE organizations (
	id          INTEGER PRIMARY KEY AUTOINCREMENT,
	ansible_id  TEXT    NOT NULL,
	name        TEXT    NOT NULL UNIQUE,
	description TEXT    NOT NULL,
	created_by  INTEGER,
	modified_by INTEGER,
	max_hosts   INTEGER NOT NULL,
	created     INTEGER NOT NULL,
	modified    INTEGER NOT NULL
) STRICT;

CREATE TABLE roles (
	user_id         INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
	organization_id INTEGER NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
	role            TEXT    NOT NULL CHECK (role IN ('admin', 'member', 'auditor')),
	PRIMARY KEY (user_id, organization_id, role)
) STRICT, WITHOUT ROWID;

CREATE INDEX roles_organization ON roles (organization_id, role, user_id);

CREATE TABLE settings (
	key   TEXT PRIMARY KEY,
	value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- The last four columns say what an entry is about, of each type, so that the
-- entries about one row can be found.
CREATE TABLE activities (
	id         INTEGER PRIMARY KEY AUTOINCREMENT,
	time       INTEGER NOT NULL,
	operation  TEXT    NOT NULL,
	node       TEXT    NOT NULL,
	actor_id   INTEGER,
	actor_name       TEXT NOT NULL,
	actor_first_name TEXT NOT NULL,
	actor_last_name  TEXT NOT NULL,
	object     TEXT    NOT NULL,
	object_id  INTEGER,
	object2    TEXT    NOT NULL,
	object2_id INTEGER,
	role       TEXT    NOT NULL,
	setting    TEXT    NOT NULL,
	changes    TEXT    NOT NULL,

	application_id  INTEGER AS (CASE 'o_auth2_application' WHEN object THEN object_id WHEN object2 THEN object2_id END),
	token_id        INTEGER AS (CASE 'o_auth2_access_token' WHEN object THEN object_id WHEN object2 THEN object2_id END),
	user_id         INTEGER AS (CASE 'user' WHEN object THEN object_id WHEN object2 THEN object2_id END),
	organization_id INTEGER AS (CASE 'organization' WHEN object THEN object_id WHEN object2 THEN object2_id END)
) STRICT;

-- Most entries are about one row, so these indexes leave out the others.
CREATE INDEX activities_actor ON activities (actor_id) WHERE actor_id IS NOT NULL;
CREATE INDEX activities_application ON activities (application_id) WHERE application_id IS NOT NULL;
CREATE INDEX activities_token ON activities (token_id) WHERE token_id IS NOT NULL;
CREATE INDEX activities_user ON activities (user_id) WHERE user_id IS NOT NULL;
CREATE INDEX activities_organization ON activities (organization_id) WHERE organization_id IS NOT NULL;

-- What happened to rows that verification depends on, for other processes. The
-- origin is the store instance that committed it; old rows are pruned.
CREATE TABLE changes (
	id      INTEGER PRIMARY KEY AUTOINCREMENT,
	origin  TEXT    NOT NULL,
	kind    INTEGER NOT NULL,
	subject INTEGER NOT NULL
) STRICT;
