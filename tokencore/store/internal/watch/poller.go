package watch

import (
	"context"
	"sync"
	"time"

	"github.com/awxgate/awxgate/tokencore"
)

// Poller brings the changes of other processes to the watchers by asking for them again
// and again. Its goroutine runs from Start to Stop.
type Poller struct {
	// Poll returns what is new.
	Poll func(ctx context.Context) ([]tokencore.Change, error)
	// Interval is how often, Timeout when a poll that hangs counts as failed.
	Interval, Timeout time.Duration
	// Deliver takes the changes, and FeedLost and FeedRestored.
	Deliver func(changes ...tokencore.Change)
	// Finish is called when the goroutine ends.
	Finish func()

	begin   sync.Once
	cancel  context.CancelFunc
	running sync.WaitGroup
}

// Start starts the goroutine, if it has not been started or stopped before.
func (p *Poller) Start() {
	p.begin.Do(func() {
		ctx, cancel := context.WithCancel(context.Background())
		p.cancel = cancel
		p.running.Go(func() { p.run(ctx) })
	})
}

// Stop waits for the goroutine, if there is one.
func (p *Poller) Stop() {
	p.begin.Do(func() {}) // too late to start
	if p.cancel != nil {
		p.cancel()
	}
	p.running.Wait()
}

func (p *Poller) run(ctx context.Context) {
	defer p.Finish()
	ticker := time.NewTicker(p.Interval)
	defer ticker.Stop()
	lost := false
	for {
		changes, err := p.look(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err == nil && lost:
			lost = false
			p.Deliver(append(changes, tokencore.Change{Kind: tokencore.FeedRestored})...)
		case err == nil && len(changes) > 0:
			p.Deliver(changes...)
		case err != nil && !lost:
			lost = true
			p.Deliver(tokencore.Change{Kind: tokencore.FeedLost})
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

func (p *Poller) look(ctx context.Context) ([]tokencore.Change, error) {
	ctx, cancel := context.WithTimeout(ctx, p.Timeout)
	defer cancel()
	return p.Poll(ctx)
}
