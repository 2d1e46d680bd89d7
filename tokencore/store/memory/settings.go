package memory

import (
	"bytes"
	"context"
	"encoding/json"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/store/internal/match"
)

func (r reader) StoredSettings(ctx context.Context) (map[string]json.RawMessage, error) {
	if err := r.guard.enter(ctx); err != nil {
		return nil, err
	}
	defer r.guard.leave()
	settings := make(map[string]json.RawMessage, len(r.data.settings))
	for key, value := range r.data.settings {
		settings[key] = bytes.Clone(value)
	}
	return settings, nil
}

func (t *tx) PutSetting(ctx context.Context, key string, value json.RawMessage) error {
	if err := t.guard.enter(ctx); err != nil {
		return err
	}
	if err := match.Writable(key, string(value)); err != nil {
		return err
	}
	set(&t.journal, t.data.settings, key, json.RawMessage(bytes.Clone(value)))
	t.publish(tokencore.ChangeSettings, 0)
	return nil
}

func (t *tx) DeleteSetting(ctx context.Context, key string) error {
	if err := t.guard.enter(ctx); err != nil {
		return err
	}
	drop(&t.journal, t.data.settings, key)
	t.publish(tokencore.ChangeSettings, 0)
	return nil
}
