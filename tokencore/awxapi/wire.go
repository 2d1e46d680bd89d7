package awxapi

import (
	"time"
)

// masked is what AWX shows in place of a credential.
const masked = "************"

// moment is a time as AWX writes it: UTC, six digits of the second's fraction, none
// when it is zero. The zero moment is null.
type moment time.Time

// MarshalJSON implements json.Marshaler.
func (m moment) MarshalJSON() ([]byte, error) {
	t := time.Time(m)
	if t.IsZero() {
		return []byte("null"), nil
	}
	t = t.UTC().Truncate(time.Microsecond)
	layout := `"2006-01-02T15:04:05Z"`
	if t.Nanosecond() != 0 {
		layout = `"2006-01-02T15:04:05.000000Z"`
	}
	return []byte(t.Format(layout)), nil
}

// nullable is an id that is null when there is none.
func nullable(id int64) *int64 {
	if id == 0 {
		return nil
	}
	return &id
}

// capabilities says what the requester may do with an object.
type capabilities struct {
	Edit   bool `json:"edit"`
	Delete bool `json:"delete"`
}

// userSummary names a user within another object.
type userSummary struct {
	ID        int64  `json:"id"`
	Username  string `json:"username"`
	FirstName string `json:"first_name"`
	LastName  string `json:"last_name"`
}

// organizationSummary names an organization within another object.
type organizationSummary struct {
	ID          int64  `json:"id"`
	Name        string `json:"name"`
	Description string `json:"description"`
}
