-- +goose Up

-- For whom a credential was made: the id of a user may become somebody else's in another
-- directory, the ansible_id never does. Until now users were rows of this database.

ALTER TABLE tokens ADD COLUMN user_ansible_id TEXT NOT NULL DEFAULT '';
ALTER TABLE refresh_tokens ADD COLUMN user_ansible_id TEXT NOT NULL DEFAULT '';
ALTER TABLE codes ADD COLUMN user_ansible_id TEXT NOT NULL DEFAULT '';

UPDATE tokens SET user_ansible_id = coalesce((SELECT ansible_id FROM users WHERE id = user_id), '');
UPDATE refresh_tokens SET user_ansible_id = coalesce((SELECT ansible_id FROM users WHERE id = user_id), '');
UPDATE codes SET user_ansible_id = coalesce((SELECT ansible_id FROM users WHERE id = user_id), '');
