package sqlite

import (
	"database/sql"
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

// scanID reads a row that is an id alone.
func scanID(r row) (n int64, err error) {
	err = r.Scan(&n)
	return n, err
}

// scanTruth reads a row that is a condition.
func scanTruth(r row) (holds bool, err error) {
	err = r.Scan(&holds)
	return holds, err
}

var (
	_ sql.Scanner = moment{}
	_ sql.Scanner = id{}
	_ sql.Scanner = digest{}
)
