-- +goose Up

-- Whether a refresh token points to the token, so that verification reads one row.
ALTER TABLE tokens ADD COLUMN refreshable INTEGER NOT NULL DEFAULT FALSE;
UPDATE tokens SET refreshable = EXISTS (SELECT 1 FROM refresh_tokens WHERE token_id = tokens.id);

-- For the clean-up, which looks for the used ones that are old enough.
CREATE INDEX refresh_tokens_revoked ON refresh_tokens (revoked) WHERE revoked IS NOT NULL;

-- One row: which installation this is, and how many changes it has seen.
CREATE TABLE installation (
	id   TEXT    PRIMARY KEY,
	mark INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO installation (id, mark) SELECT lower(hex(randomblob(16))), coalesce(max(id), 0) FROM changes;

-- The tag is a random value of the transaction that wrote the row.
ALTER TABLE changes ADD COLUMN tag TEXT NOT NULL DEFAULT '';
