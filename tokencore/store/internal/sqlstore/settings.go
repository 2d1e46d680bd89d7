package sqlstore

import (
	"context"
	"encoding/json"

	"github.com/awxgate/awxgate/tokencore"
)

const (
	sqlSettings   = `SELECT key, value FROM settings`
	sqlPutSetting = `INSERT INTO settings (key, value) VALUES ($1, $2)
		ON CONFLICT (key) DO UPDATE SET value = excluded.value`
	sqlDeleteSetting = `DELETE FROM settings WHERE key = $1`

	sqlActivities = `SELECT id, time, operation, node, actor_id, actor_name, actor_first_name, actor_last_name,
			object, object_id, object2, object2_id, role, setting, changes
		FROM activities`
	sqlAppendActivity = `INSERT INTO activities (time, operation, node, actor_id, actor_name, actor_first_name, actor_last_name,
			object, object_id, object2, object2_id, role, setting, changes)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) RETURNING id`
)

func (r Reader) StoredSettings(ctx context.Context) (map[string]json.RawMessage, error) {
	settings := make(map[string]json.RawMessage)
	_, err := list(ctx, r.session, "reading settings", func(row Row) (key string, err error) {
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

func (t *Tx) PutSetting(ctx context.Context, key string, value json.RawMessage) error {
	if _, err := t.session.exec(ctx, "storing setting "+key, sqlPutSetting, key, string(value)); err != nil {
		return err
	}
	t.publish(tokencore.ChangeSettings, 0)
	return nil
}

func (t *Tx) DeleteSetting(ctx context.Context, key string) error {
	if _, err := t.session.exec(ctx, "deleting setting "+key, sqlDeleteSetting, key); err != nil {
		return err
	}
	t.publish(tokencore.ChangeSettings, 0)
	return nil
}

func (r Reader) Activities(ctx context.Context, q tokencore.Query) ([]tokencore.Activity, int, error) {
	return page(ctx, r.session, "listing activity", scanActivity, sqlActivities, ActivityTable, q)
}

func (t *Tx) AppendActivity(ctx context.Context, a *tokencore.Activity) error {
	id, err := t.session.insert(ctx, "appending activity", sqlAppendActivity, activityValues(*a)...)
	if err != nil {
		return err
	}
	a.ID = id
	return nil
}

// activityValues are the columns but the id, in the order of the statement above.
func activityValues(a tokencore.Activity) []any {
	return []any{
		micros(a.Time), a.Operation, a.Node, reference(a.ActorID), a.ActorName, a.ActorFirstName, a.ActorLastName,
		a.Object, reference(a.ObjectID), a.Object2, reference(a.Object2ID), string(a.Role), a.Setting, string(a.Changes),
	}
}

func scanActivity(r Row) (a tokencore.Activity, err error) {
	var changes []byte
	err = r.Scan(&a.ID, moment{&a.Time}, &a.Operation, &a.Node, id{&a.ActorID}, &a.ActorName, &a.ActorFirstName, &a.ActorLastName,
		&a.Object, id{&a.ObjectID}, &a.Object2, id{&a.Object2ID}, &a.Role, &a.Setting, &changes)
	if len(changes) > 0 {
		a.Changes = changes
	}
	return a, err
}
