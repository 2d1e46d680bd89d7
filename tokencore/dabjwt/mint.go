package dabjwt

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/awxgate/awxgate/tokencore"
)

// Header is the request header in which AWX takes the token, in Go's canonical form.
const Header = "X-Dab-Jw-Token"

const (
	defaultLife    = 2 * time.Minute
	defaultEntries = 4096

	// minLife leaves something of half a life for the way to AWX; maxLife bounds how
	// long AWX follows what was true once.
	minLife = 10 * time.Second
	maxLife = time.Hour
)

// keySource gives the key to sign with: Keys, or one Key.
type keySource interface {
	Current() (*Key, error)
}

// Config tunes a Minter.
type Config struct {
	// How long a token is good for, in whole seconds from 10s to 1h. The clocks of AWX
	// and of this machine may differ by half of it. Default: 2m.
	Life time.Duration
	// How many tokens are remembered, at about 1.5 kB each. Default: 4096.
	Entries int
	// A UUID that names this issuer. Default: one of our own.
	ServiceID string
	// The clock. Default: time.Now.
	Now func() time.Time
}

// Minter mints tokens. It may be used by several goroutines at a time.
type Minter struct {
	keys      keySource
	life      time.Duration
	entries   int
	serviceID string
	now       func() time.Time

	mu     sync.RWMutex
	minted map[mintKey]*minted
}

// mintKey is all that goes into a token but the time.
type mintKey struct {
	key *Key
	subject
}

// minted is a token that exists once sign has run, which the first who needs it does,
// while others wait for it instead of signing too.
type minted struct {
	from, to time.Time // when it may be handed out
	sign     func() (tokencore.Secret, error)
}

// New returns a Minter that signs with the keys.
func New(keys keySource, config Config) (*Minter, error) {
	m := &Minter{
		keys: keys, life: config.Life, entries: config.Entries, serviceID: config.ServiceID, now: config.Now,
		minted: make(map[mintKey]*minted),
	}
	if m.life == 0 {
		m.life = defaultLife
	}
	if m.entries == 0 {
		m.entries = defaultEntries
	}
	if m.serviceID == "" {
		m.serviceID = defaultServiceID
	}
	if m.now == nil {
		m.now = time.Now
	}
	switch {
	case m.life < minLife || m.life > maxLife || m.life%time.Second != 0:
		return nil, fmt.Errorf("a token cannot live for %v; choose whole seconds from %v to %v", m.life, minLife, maxLife)
	case m.entries < 0:
		return nil, errors.New("the number of remembered tokens is negative")
	case !isUUID(m.serviceID):
		return nil, fmt.Errorf("the service id %q is not a UUID", m.serviceID)
	}
	return m, nil
}

// Life is how long a token is good for.
func (m *Minter) Life() time.Duration { return m.life }

// Mint returns a token for the user that is good for at least half of its life. It
// refuses users who are disabled or have no ansible_id.
func (m *Minter) Mint(u *tokencore.User) (tokencore.Secret, error) {
	who, err := subjectOf(u)
	if err != nil {
		return tokencore.Secret{}, fmt.Errorf("minting a token for user %d: %w", u.ID, err)
	}
	key, err := m.keys.Current()
	if err != nil {
		return tokencore.Secret{}, fmt.Errorf("minting a token: %w", err)
	}
	now, mine := m.now(), mintKey{key, who}
	m.mu.RLock()
	token := m.minted[mine]
	m.mu.RUnlock()
	if !token.isFresh(now) {
		token = m.remember(mine, now)
	}
	signed, err := token.sign()
	if err != nil {
		m.forget(mine, token)
		return tokencore.Secret{}, fmt.Errorf("minting a token: %w", err)
	}
	return signed, nil
}

// isFresh is false as well for a token from the future, which a clock that was set back
// leaves: it would live for too long.
func (t *minted) isFresh(now time.Time) bool {
	return t != nil && !now.Before(t.from) && !now.After(t.to)
}

// remember makes room for a token and does not sign it: nobody waits for a signature
// but those who need it.
func (m *Minter) remember(mine mintKey, now time.Time) *minted {
	m.mu.Lock()
	defer m.mu.Unlock()
	known, replaced := m.minted[mine]
	if known.isFresh(now) {
		return known
	}
	if !replaced && len(m.minted) >= m.entries {
		for some := range m.minted { // any: most are out of date, and the others cost a signature
			delete(m.minted, some)
			break
		}
	}
	seconds := now.Unix()
	expires := seconds + int64(m.life/time.Second)
	token := &minted{
		from: time.Unix(seconds, 0), to: time.Unix(expires, 0).Add(-m.life / 2),
		sign: sync.OnceValues(func() (tokencore.Secret, error) {
			payload, err := mine.payload(m.serviceID, expires)
			if err != nil {
				return tokencore.Secret{}, err
			}
			signed, err := mine.key.sign(payload)
			return tokencore.NewSecret(signed), err
		}),
	}
	m.minted[mine] = token
	return token
}

// forget drops a token that could not be signed.
func (m *Minter) forget(mine mintKey, token *minted) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.minted[mine] == token {
		delete(m.minted, mine)
	}
}
