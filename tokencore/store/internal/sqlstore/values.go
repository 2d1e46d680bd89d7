package sqlstore

import (
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"time"

	"github.com/awxgate/awxgate/tokencore"
)

// micros is how a time is stored. Both ends of what tokencore allows, the zero
// time and LatestExpiry, fit.
func micros(t time.Time) int64 { return t.UnixMicro() }

// maybe stores a zero time as NULL.
func maybe(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return micros(t)
}

// reference stores a zero id as NULL.
func reference(id int64) any {
	if id == 0 {
		return nil
	}
	return id
}

// moment reads a time; NULL is the zero time.
type moment struct{ to *time.Time }

func (m moment) Scan(value any) error {
	switch value := value.(type) {
	case nil:
		*m.to = time.Time{}
	case int64:
		*m.to = time.UnixMicro(value).UTC()
	default:
		return fmt.Errorf("a time is stored as %T", value)
	}
	return nil
}

// id reads a reference; NULL is zero.
type id struct{ to *int64 }

func (i id) Scan(value any) error {
	switch value := value.(type) {
	case nil:
		*i.to = 0
	case int64:
		*i.to = value
	default:
		return fmt.Errorf("an id is stored as %T", value)
	}
	return nil
}

// digest reads 32 bytes.
type digest struct{ to *tokencore.Digest }

func (d digest) Scan(value any) error {
	bytes, ok := value.([]byte)
	if !ok || len(bytes) != len(d.to) {
		return fmt.Errorf("a digest is stored as %T of %d bytes", value, len(bytes))
	}
	copy(d.to[:], bytes)
	return nil
}

// socialLogins are stored as a JSON array of pairs.
type socialLogins struct{ of *[]tokencore.SocialLogin }

func (l socialLogins) Value() (driver.Value, error) {
	pairs := make([][2]string, len(*l.of))
	for i, login := range *l.of {
		pairs[i] = [2]string{login.Provider, login.UID}
	}
	encoded, err := json.Marshal(pairs)
	return string(encoded), err
}

func (l socialLogins) Scan(value any) error {
	text, ok := value.(string)
	var pairs [][2]string
	if !ok || json.Unmarshal([]byte(text), &pairs) != nil {
		return fmt.Errorf("logins are stored as %T", value)
	}
	*l.of = nil
	for _, pair := range pairs {
		*l.of = append(*l.of, tokencore.SocialLogin{Provider: pair[0], UID: pair[1]})
	}
	return nil
}

// scanID reads a row that is an id alone.
func scanID(r Row) (n int64, err error) {
	err = r.Scan(&n)
	return n, err
}

// scanReference reads a row that is a reference alone.
func scanReference(r Row) (n int64, err error) {
	err = r.Scan(id{&n})
	return n, err
}

// scanTruth reads a row that is a condition.
func scanTruth(r Row) (holds bool, err error) {
	err = r.Scan(&holds)
	return holds, err
}

var (
	_ sql.Scanner = moment{}
	_ sql.Scanner = id{}
	_ sql.Scanner = digest{}
	_ sql.Scanner = socialLogins{}

	_ driver.Valuer = socialLogins{}
)
