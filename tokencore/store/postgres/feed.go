package postgres

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/awxgate/awxgate/tokencore"
)

const (
	sqlInstallation = `SELECT id FROM installation`
	sqlBeat         = `SELECT pg_notify($1, $2)`
)

// Attempts to reconnect wait longer and longer, by chance, so that not all nodes come at once.
const (
	firstPause = 100 * time.Millisecond
	lastPause  = 2 * time.Second
)

// feed brings the changes of other nodes to the watchers, over a connection of its own.
//
// A connection can be dead without anybody saying so. Therefore the feed notifies itself
// every interval, and what has not come back after another one is lost: the same way is
// tested that the changes take, which an answer to a query alone would not do.
type feed struct {
	config   *pgx.ConnConfig
	interval time.Duration
	isOwn    func(origin string) bool
	deliver  func(changes ...tokencore.Change)
	echo     string // the channel on which the feed notifies itself

	ctx     context.Context //nolint:containedctx // the life of the goroutine
	cancel  context.CancelFunc
	running sync.WaitGroup
	stats   feedStats
}

func newFeed(
	config *pgx.ConnConfig, interval time.Duration, isOwn func(string) bool, deliver func(...tokencore.Change),
) *feed {
	config = config.Copy()
	config.ConnectTimeout = min(config.ConnectTimeout, lastPause)
	f := &feed{config: config, interval: interval, isOwn: isOwn, deliver: deliver, echo: channelPrefix + "echo_" + newTag()}
	f.ctx, f.cancel = context.WithCancel(context.Background())
	return f
}

// start returns when the feed listens.
func (f *feed) start(ctx context.Context) error {
	connection, err := f.connect(ctx)
	if err != nil {
		return err
	}
	f.running.Go(func() { f.run(connection) })
	return nil
}

func (f *feed) stop() {
	f.cancel()
	f.running.Wait()
}

func (f *feed) run(connection *pgx.Conn) {
	for connection != nil {
		f.listen(connection)
		f.close(connection)
		if f.ctx.Err() != nil {
			return
		}
		f.stats.lose()
		f.deliver(tokencore.Change{Kind: tokencore.FeedLost})
		if connection = f.reconnect(); connection != nil {
			f.stats.restore()
			f.deliver(tokencore.Change{Kind: tokencore.FeedRestored})
		}
	}
}

// connect listens, and makes sure that notifications arrive. Everything that is
// committed after that is heard.
func (f *feed) connect(ctx context.Context) (_ *pgx.Conn, err error) {
	ctx, cancel := context.WithTimeout(ctx, f.config.ConnectTimeout+f.interval)
	defer cancel()
	connection, err := pgx.ConnectConfig(ctx, f.config)
	if err != nil {
		return nil, fmt.Errorf("connecting to listen: %w", err)
	}
	defer func() {
		if err != nil {
			f.close(connection)
		}
	}()
	// After a restore it may be another installation.
	var installation string
	if err := connection.QueryRow(ctx, sqlInstallation).Scan(&installation); err != nil {
		return nil, fmt.Errorf("reading the installation: %w", err)
	}
	for _, channel := range []string{channelPrefix + installation, f.echo} {
		if _, err := connection.Exec(ctx, "LISTEN "+pgx.Identifier{channel}.Sanitize()); err != nil {
			return nil, fmt.Errorf("listening: %w", err)
		}
	}
	return connection, f.beat(connection)
}

// reconnect returns nil when the feed is stopped.
func (f *feed) reconnect() *pgx.Conn {
	for pause := firstPause; ; pause = min(2*pause, lastPause) {
		if connection, err := f.connect(f.ctx); err == nil {
			return connection
		}
		select {
		case <-f.ctx.Done():
			return nil
		case <-time.After(pause/2 + rand.N(pause/2)): //nolint:gosec // no secret
		}
	}
}

// listen returns when the connection is lost or the feed is stopped.
func (f *feed) listen(connection *pgx.Conn) {
	for {
		err := f.until(time.Now().Add(f.interval), connection, func(*pgconn.Notification) bool { return false })
		if !errors.Is(err, context.DeadlineExceeded) || connection.IsClosed() {
			return
		}
		if f.beat(connection) != nil {
			return
		}
	}
}

// beat notifies itself and waits for the echo.
func (f *feed) beat(connection *pgx.Conn) error {
	began := time.Now()
	deadline := began.Add(f.interval)
	nonce := strconv.FormatInt(began.UnixNano(), 36)
	ctx, cancel := context.WithDeadline(f.ctx, deadline)
	defer cancel()
	if _, err := connection.Exec(ctx, sqlBeat, f.echo, nonce); err != nil {
		return fmt.Errorf("notifying ourselves: %w", err)
	}
	err := f.until(deadline, connection, func(n *pgconn.Notification) bool { return n.Channel == f.echo && n.Payload == nonce })
	if err == nil {
		f.stats.beat(time.Since(began))
	}
	return err
}

// until delivers what arrives before the deadline, or before the one that is waited for.
func (f *feed) until(deadline time.Time, connection *pgx.Conn, expected func(*pgconn.Notification) bool) error {
	ctx, cancel := context.WithDeadline(f.ctx, deadline)
	defer cancel()
	for {
		notification, err := connection.WaitForNotification(ctx)
		if err != nil {
			return err
		}
		if expected(notification) {
			return nil
		}
		if notification.Channel != f.echo {
			f.hear(notification.Payload)
		}
	}
}

func (f *feed) hear(payload string) {
	if origin, changes := parsePayload(payload); !f.isOwn(origin) {
		f.deliver(changes...)
	}
}

// close does not wait for a server that does not answer.
func (f *feed) close(connection *pgx.Conn) {
	ctx, cancel := context.WithTimeout(context.Background(), firstPause)
	defer cancel()
	_ = connection.Close(ctx) // whatever it says, the connection is gone
}
