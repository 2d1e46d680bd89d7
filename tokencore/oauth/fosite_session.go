package oauth

import (
	"time"

	"github.com/ory/fosite"
)

// fositeSession is empty. fosite stores sessions and computes expiry in them; here rows
// have columns and expiry comes from the settings, so there is nothing to share
// between requests and nothing to overflow.
type fositeSession struct{}

func (fositeSession) SetExpiresAt(fosite.TokenType, time.Time)       {}
func (fositeSession) GetExpiresAt(fosite.TokenType) (none time.Time) { return none }
func (fositeSession) GetUsername() string                            { return "" }
func (fositeSession) GetSubject() string                             { return "" }
func (fositeSession) Clone() fosite.Session                          { return fositeSession{} }

var _ fosite.Session = fositeSession{}
