package tokencore

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
)

// masked is what AWX shows in place of a stored secret.
const masked = "************"

// Record appends an activity entry in the caller's transaction, with the time and
// the actor filled in, unless the activity stream is switched off.
func (s *Service) Record(ctx context.Context, tx Tx, by Actor, entry Activity) error {
	return s.record(ctx, tx, by, entry)
}

func (s *Service) record(ctx context.Context, tx Tx, by Actor, entry Activity) error {
	settings, err := settingsOf(ctx, tx)
	if err != nil || !settings.ActivityStream {
		return err
	}
	return s.appendActivity(ctx, tx, by, entry)
}

// appendActivity records whether or not the activity stream is switched on.
func (s *Service) appendActivity(ctx context.Context, tx Tx, by Actor, entry Activity) error {
	entry.Time, entry.Node = s.Now(), s.node
	entry.ActorID, entry.ActorName = by.User.ID, by.User.Username
	entry.ActorFirstName, entry.ActorLastName = by.User.FirstName, by.User.LastName
	return Unavailable("recording activity", tx.AppendActivity(ctx, &entry))
}

// pair is one key of an activity entry's changes; the order is AWX's.
type pair struct {
	key   string
	value any
}

// changesOf encodes an ordered object.
func changesOf(pairs ...pair) json.RawMessage {
	b := []byte{'{'}
	for i, p := range pairs {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendJSON(b, p.key)
		b = append(b, ':')
		b = appendJSON(b, p.value)
	}
	return append(b, '}')
}

// appendJSON encodes a string, number, boolean, nil, JSON or slice of them.
func appendJSON(b []byte, value any) []byte {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(value); err != nil {
		panic("tokencore: a change that JSON cannot say: " + err.Error()) // programmer error
	}
	return append(b, bytes.TrimSuffix(buf.Bytes(), []byte("\n"))...)
}

// changedPairs keeps the pairs whose value differs, each as [old, new].
func changedPairs(before, after []pair) []pair {
	var changed []pair
	for i, p := range after {
		if before[i].value != p.value {
			changed = append(changed, pair{p.key, []any{before[i].value, p.value}})
		}
	}
	return changed
}

// organizationNames looks up names for activity entries. It asks the directory, which
// may be remote, and therefore is never called within a transaction.
func (s *Service) organizationNames(ctx context.Context, ids ...int64) (map[int64]string, error) {
	names := make(map[int64]string, len(ids))
	for _, id := range ids {
		if _, known := names[id]; known || id == 0 {
			continue
		}
		switch o, err := s.directory.Organization(ctx, id); {
		case err == nil:
			names[id] = o.Name
		case !errors.Is(err, ErrNotFound):
			return nil, Unavailable("looking up organization", err)
		}
	}
	return names, nil
}

func applicationPairs(a Application, organizationNames map[int64]string) []pair {
	var organization any
	if a.OrganizationID != 0 {
		organization = fmt.Sprintf("%s-%d", organizationNames[a.OrganizationID], a.OrganizationID)
	}
	return []pair{
		{"name", a.Name},
		{"description", a.Description},
		{"client_type", string(a.ClientType)},
		{"redirect_uris", a.RedirectURIs},
		{"authorization_grant_type", string(a.GrantType)},
		{"skip_authorization", a.SkipAuthorization},
		{"organization", organization},
	}
}

func tokenPairs(t Token, applicationName any) []pair {
	return []pair{{"description", t.Description}, {"application", applicationName}, {"scope", t.Scope}}
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
