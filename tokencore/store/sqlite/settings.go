package sqlite

import (
	"context"
	"encoding/json"

	"github.com/awxgate/awxgate/tokencore"
)

const (
	sqlSettings   = `SELECT key, value FROM settings`
	sqlPutSetting = `INSERT INTO settings (key, value) VALUES (?, ?)
		ON CONFLICT (key) DO UPDATE SET value = excluded.value`
	sqlDeleteSetting = `DELETE FROM settings WHERE key = ?`

	sqlActivities = `SELECT id, time, operation, node, actor_id, actor_name, actor_first_name, actor_last_name,
			object, object_id, object2, object2_id, role, setting, changes
		FROM activities`
	sqlAppendActivity = `INSERT INTO activities (time, operation, node, actor_id, actor_name, actor_first_name, actor_last_name,
			object, object_id, object2, object2_id, role, setting, changes)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`
)

func (r reader) StoredSettings(ctx context.Context) (map[string]json.RawMessage, error) {
	settings := make(map[string]json.RawMessage)
	_, err := list(ctx, r.session, "reading settings", func(row row) (key string, err error) {
		var value []byte
		err = row.Scan(&key, &value)
		settings[key] = value
		return key, err
	}, sqlSettings)
	if err != nil {
		return nil, err
	}
	return settings, nil
}

func (t *tx) PutSetting(ctx context.Context, key string, value json.RawMessage) error {
	if _, err := t.session.exec(ctx, "storing setting "+key, sqlPutSetting, key, string(value)); err != nil {
		return err
	}
	t.publish(tokencore.ChangeSettings, 0)
	return nil
}

func (t *tx) DeleteSetting(ctx context.Context, key string) error {
	if _, err := t.session.exec(ctx, "deleting setting "+key, sqlDeleteSetting, key); err != nil {
		return err
	}
	t.publish(tokencore.ChangeSettings, 0)
	return nil
}

func (r reader) Activities(ctx context.Context, q tokencore.Query) ([]tokencore.Activity, int, error) {
	return page(ctx, r.session, "listing activity", scanActivity, sqlActivities, activityTable, q)
}

func (t *tx) AppendActivity(ctx context.Context, a *tokencore.Activity) error {
	id, err := one(ctx, t.session, "appending activity", scanID, sqlAppendActivity,
		micros(a.Time), a.Operation, a.Node, reference(a.ActorID), a.ActorName, a.ActorFirstName, a.ActorLastName,
		a.Object, reference(a.ObjectID), a.Object2, reference(a.Object2ID), string(a.Role), a.Setting, string(a.Changes))
	if err != nil {
		return err
	}
	a.ID = id
	return nil
}

func scanActivity(r row) (a tokencore.Activity, err error) {
	var changes []byte
	err = r.Scan(&a.ID, moment{&a.Time}, &a.Operation, &a.Node, id{&a.ActorID}, &a.ActorName, &a.ActorFirstName, &a.ActorLastName,
		&a.Object, id{&a.ObjectID}, &a.Object2, id{&a.Object2ID}, &a.Role, &a.Setting, &changes)
	if len(changes) > 0 {
		a.Changes = changes
	}
	return a, err
}
