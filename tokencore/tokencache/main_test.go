package tokencache

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/awxgate/awxgate/tokencore"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// feed is a Watcher whose changes the test makes up.
type feed struct {
	mu       sync.Mutex
	watching []func(tokencore.Change)
}

func (f *feed) Watch(ctx context.Context, deliver func(tokencore.Change)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.watching = append(f.watching, func(c tokencore.Change) {
		if ctx.Err() == nil {
			deliver(c)
		}
	})
}

func (f *feed) deliver(kind tokencore.ChangeKind, id int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, deliver := range f.watching {
		deliver(tokencore.Change{Kind: kind, ID: id})
	}
}

// source is a Verifier that counts its calls. The zero answer is ErrInvalidToken.
type source struct {
	calls  atomic.Int64
	answer atomic.Pointer[func(context.Context, tokencore.Digest) (*tokencore.Principal, error)]
}

func (s *source) Verify(ctx context.Context, digest tokencore.Digest) (*tokencore.Principal, error) {
	s.calls.Add(1)
	if answer := s.answer.Load(); answer != nil {
		return (*answer)(ctx, digest)
	}
	return nil, tokencore.ErrInvalidToken
}

func (s *source) set(answer func(context.Context, tokencore.Digest) (*tokencore.Principal, error)) {
	s.answer.Store(&answer)
}

func (s *source) live(p *tokencore.Principal) {
	s.set(func(context.Context, tokencore.Digest) (*tokencore.Principal, error) { return p, nil })
}

func (s *source) fail(err error) {
	s.set(func(context.Context, tokencore.Digest) (*tokencore.Principal, error) { return nil, err })
}

// clock is a time that the test moves.
type clock struct{ offset atomic.Int64 }

var epoch = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)

func (c *clock) now() time.Time             { return epoch.Add(time.Duration(c.offset.Load())) }
func (c *clock) advance(by time.Duration)   { c.offset.Add(int64(by)) }
func digestOf(text string) tokencore.Digest { return tokencore.DigestOf(tokencore.KindAccess, text) }

func alice() *tokencore.Principal {
	return &tokencore.Principal{
		TokenID: 7, ApplicationID: 5, Scope: tokencore.ScopeRead, Expires: epoch.Add(time.Hour),
		User: tokencore.User{ID: 3, Username: "alice", IsActive: true},
	}
}

// bench is a Cache on made-up parts.
type bench struct {
	*Cache
	feed   *feed
	source *source
	clock  *clock
	view   tokencore.Verifier
}

func newBench(t *testing.T, config Config) *bench {
	t.Helper()
	b := &bench{feed: &feed{}, source: &source{}, clock: &clock{}}
	config.Now = b.clock.now
	var err error
	if b.Cache, err = New(b.feed, config); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	b.view = b.Verifier(b.source)
	return b
}

// verify asks, and waits until ristretto has taken in what there was to remember.
func (b *bench) verify(t *testing.T, text string) (*tokencore.Principal, error) {
	t.Helper()
	p, err := b.view.Verify(t.Context(), digestOf(text))
	b.table.cache.Wait()
	return p, err
}

// wants asks and compares the answer and the number of questions to the source so far.
func (b *bench) wants(t *testing.T, text string, want error, calls int64) {
	t.Helper()
	p, err := b.verify(t, text)
	if !errors.Is(err, want) || (p != nil) != (want == nil) {
		t.Errorf("answer %v, %v; want error %v", p, err, want)
	}
	if got := b.source.calls.Load(); got != calls {
		t.Errorf("%d questions to the source, want %d", got, calls)
	}
}
