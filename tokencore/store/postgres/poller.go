package postgres

import (
	"context"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/store/internal/sqlstore"
	"github.com/awxgate/awxgate/tokencore/store/internal/watch"
)

// poller reads the table of changes, where there is no LISTEN.
type poller struct {
	on   pool
	news sqlstore.News
	watch.Poller
	kept feedStats
}

func newPoller(on pool, o Options, isOwn func(string) bool, deliver func(...tokencore.Change)) *poller {
	p := &poller{on: on, news: sqlstore.News{IsOwn: isOwn}}
	p.Poller = watch.Poller{
		Poll: func(ctx context.Context) ([]tokencore.Change, error) { return p.news.Read(ctx, p.on) },
		// A poll that hangs for as long as a heartbeat may, is lost.
		Interval: o.PollInterval, Timeout: o.Heartbeat,
		Deliver: func(changes ...tokencore.Change) {
			p.kept.note(changes)
			deliver(changes...)
		},
		Finish: func() {},
	}
	return p
}

func (p *poller) start(ctx context.Context) error {
	if err := p.news.Begin(ctx, p.on); err != nil {
		return err
	}
	p.Start()
	return nil
}

func (p *poller) stop() { p.Stop() }

func (p *poller) stats() FeedStats { return p.kept.now() }

var (
	_ changeFeed = (*poller)(nil)
	_ changeFeed = (*listener)(nil)
)
