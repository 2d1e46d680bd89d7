package sqlstore

import (
	"fmt"

	"github.com/awxgate/awxgate/tokencore"
)

// Tx implements tokencore.Tx on the connection of a transaction. The store begins and
// ends that.
type Tx struct {
	Reader
	changes []tokencore.Change
}

// NewTx returns what an Update hands to its function.
func NewTx(on Conn, dialect Dialect) *Tx {
	return &Tx{Reader: Reader{&session{on: on, dialect: dialect, sticky: true}}}
}

// Changes are what is to be delivered once the transaction is committed.
func (t *Tx) Changes() []tokencore.Change { return t.changes }

// Err is the technical failure after which the transaction must not be committed.
func (t *Tx) Err() error {
	if t.session.failed != nil {
		return fmt.Errorf("committing after a failure: %w", t.session.failed)
	}
	return nil
}

func (t *Tx) publish(kind tokencore.ChangeKind, id int64) {
	t.changes = append(t.changes, tokencore.Change{Kind: kind, ID: id})
}

var _ tokencore.Tx = (*Tx)(nil)
