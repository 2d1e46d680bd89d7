package storetest

import (
	"encoding/json"
	"testing"

	"github.com/awxgate/awxgate/tokencore"
)

var settingTests = []test{
	{"stored settings come back as they were put", func(t *testing.T, s store) {
		settings, err := s.StoredSettings(s.ctx)
		same(t, "at first", len(found(t, settings, err)), 0)
		put := func(key, value string) {
			t.Helper()
			s.update(t, func(tx tokencore.Tx) error { return tx.PutSetting(s.ctx, key, json.RawMessage(value)) })
		}
		put("OAUTH2_PROVIDER", `{"ACCESS_TOKEN_EXPIRE_SECONDS": 31536000000}`)
		put("ALLOW", `false`)
		put("ALLOW", `true`)
		settings, err = s.StoredSettings(s.ctx)
		same(t, "settings", found(t, settings, err), map[string]json.RawMessage{
			"OAUTH2_PROVIDER": json.RawMessage(`{"ACCESS_TOKEN_EXPIRE_SECONDS": 31536000000}`),
			"ALLOW":           json.RawMessage(`true`),
		})
	}},
	{"deleting goes back to the default, also when there is nothing to delete", func(t *testing.T, s store) {
		s.update(t, func(tx tokencore.Tx) error { return tx.PutSetting(s.ctx, "A", json.RawMessage(`1`)) })
		for range 2 {
			s.update(t, func(tx tokencore.Tx) error { return tx.DeleteSetting(s.ctx, "A") })
		}
		settings, err := s.StoredSettings(s.ctx)
		same(t, "settings", len(found(t, settings, err)), 0)
	}},
	{"what a caller does to a value does not reach the store", func(t *testing.T, s store) {
		value := json.RawMessage(`1`)
		s.update(t, func(tx tokencore.Tx) error { return tx.PutSetting(s.ctx, "A", value) })
		value[0] = '2'
		settings, err := s.StoredSettings(s.ctx)
		found(t, settings, err)["A"][0] = '3'
		settings, err = s.StoredSettings(s.ctx)
		same(t, "value", string(found(t, settings, err)["A"]), `1`)
	}},
}

var activityTests = []test{
	{"entries come back in the order of their ids", func(t *testing.T, s store) {
		one := tokencore.Activity{
			Time: start, Operation: tokencore.OperationAssociate, Node: "one",
			ActorID: 1, ActorName: "ann", ActorFirstName: "Ann", ActorLastName: "Other",
			Object: tokencore.ObjectUser, ObjectID: 2, Object2: tokencore.ObjectOrganization, Object2ID: 3,
			Role: tokencore.RoleMember, Setting: "A",
			Changes: json.RawMessage(`{"name": ["a", "b"]}`),
		}
		two := tokencore.Activity{Time: start, Operation: tokencore.OperationDelete}
		s.update(t, func(tx tokencore.Tx) error {
			if err := tx.AppendActivity(s.ctx, &one); err != nil {
				return err
			}
			return tx.AppendActivity(s.ctx, &two)
		})
		if one.ID == 0 || two.ID <= one.ID {
			t.Errorf("ids %d and %d", one.ID, two.ID)
		}
		page, count, err := s.Activities(s.ctx, tokencore.Query{})
		same(t, "page", found(t, page, err), []tokencore.Activity{one, two})
		same(t, "count", count, 2)
	}},
}
