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

// listener brings the changes of other nodes to the watchers, over a connection of its own.
//
// A connection can be dead without anybody saying so. Therefore the feed notifies itself
// every interval, and what has not come back after another one is lost: the same way is
// tested that the changes take, which an answer to a query alone would not do.
type listener struct {
	config   *pgx.ConnConfig
	interval time.Duration
	isOwn    func(origin string) bool
	deliver  func(changes ...tokencore.Change)
	echo     string // the channel on which the feed notifies itself

	ctx     context.Context //nolint:containedctx // the life of the goroutine
	cancel  context.CancelFunc
	running sync.WaitGroup
	kept    feedStats
}

func newListener(
	config *pgx.ConnConfig, interval time.Duration, isOwn func(string) bool, deliver func(...tokencore.Change),
) *listener {
	config = config.Copy()
	config.ConnectTimeout = min(config.ConnectTimeout, lastPause)
	config.RuntimeParams["application_name"] += " feed" // so that an administrator sees which one it is
	l := &listener{config: config, interval: interval, isOwn: isOwn, deliver: deliver, echo: channelPrefix + "echo_" + newTag()}
	l.ctx, l.cancel = context.WithCancel(context.Background())
	return l
}

// start returns when the feed listens.
func (l *listener) start(ctx context.Context) error {
	connection, err := l.connect(ctx)
	if err != nil {
		return err
	}
	l.running.Go(func() { l.run(connection) })
	return nil
}

func (l *listener) stop() {
	l.cancel()
	l.running.Wait()
}

func (l *listener) stats() FeedStats { return l.kept.now() }

func (l *listener) run(connection *pgx.Conn) {
	for connection != nil {
		l.listen(connection)
		l.close(connection)
		if l.ctx.Err() != nil {
			return
		}
		l.tell(tokencore.FeedLost)
		if connection = l.reconnect(); connection != nil {
			l.tell(tokencore.FeedRestored)
		}
	}
}

func (l *listener) tell(kind tokencore.ChangeKind) {
	changes := []tokencore.Change{{Kind: kind}}
	l.kept.note(changes)
	l.deliver(changes...)
}

// connect listens, and makes sure that notifications arrive. Everything that is
// committed after that is heard.
func (l *listener) connect(ctx context.Context) (_ *pgx.Conn, err error) {
	ctx, cancel := context.WithTimeout(ctx, l.config.ConnectTimeout+l.interval)
	defer cancel()
	connection, err := pgx.ConnectConfig(ctx, l.config)
	if err != nil {
		return nil, fmt.Errorf("connecting to listen: %w", err)
	}
	defer func() {
		if err != nil {
			l.close(connection)
		}
	}()
	// After a restore it may be another installation.
	var installation string
	if err := connection.QueryRow(ctx, sqlInstallation).Scan(&installation); err != nil {
		return nil, fmt.Errorf("reading the installation: %w", err)
	}
	for _, channel := range []string{channelPrefix + installation, l.echo} {
		if _, err := connection.Exec(ctx, "LISTEN "+pgx.Identifier{channel}.Sanitize()); err != nil {
			return nil, fmt.Errorf("listening: %w", err)
		}
	}
	return connection, l.beat(connection)
}

// reconnect returns nil when the feed is stopped.
func (l *listener) reconnect() *pgx.Conn {
	for pause := firstPause; ; pause = min(2*pause, lastPause) {
		if connection, err := l.connect(l.ctx); err == nil {
			return connection
		}
		select {
		case <-l.ctx.Done():
			return nil
		case <-time.After(pause/2 + rand.N(pause/2)): //nolint:gosec // no secret
		}
	}
}

// listen returns when the connection is lost or the feed is stopped.
func (l *listener) listen(connection *pgx.Conn) {
	for {
		err := l.until(time.Now().Add(l.interval), connection, func(*pgconn.Notification) bool { return false })
		if !errors.Is(err, context.DeadlineExceeded) || connection.IsClosed() {
			return
		}
		if l.beat(connection) != nil {
			return
		}
	}
}

// beat notifies itself and waits for the echo.
func (l *listener) beat(connection *pgx.Conn) error {
	began := time.Now()
	deadline := began.Add(l.interval)
	nonce := strconv.FormatInt(began.UnixNano(), 36)
	ctx, cancel := context.WithDeadline(l.ctx, deadline)
	defer cancel()
	if _, err := connection.Exec(ctx, sqlBeat, l.echo, nonce); err != nil {
		return fmt.Errorf("notifying ourselves: %w", err)
	}
	err := l.until(deadline, connection, func(n *pgconn.Notification) bool { return n.Channel == l.echo && n.Payload == nonce })
	if err == nil {
		l.kept.beat(time.Since(began))
	}
	return err
}

// until delivers what arrives before the deadline, or before the one that is waited for.
func (l *listener) until(deadline time.Time, connection *pgx.Conn, expected func(*pgconn.Notification) bool) error {
	ctx, cancel := context.WithDeadline(l.ctx, deadline)
	defer cancel()
	for {
		notification, err := connection.WaitForNotification(ctx)
		if err != nil {
			return err
		}
		if expected(notification) {
			return nil
		}
		if notification.Channel != l.echo {
			l.hear(notification.Payload)
		}
	}
}

func (l *listener) hear(payload string) {
	if origin, changes := parsePayload(payload); !l.isOwn(origin) {
		l.deliver(changes...)
	}
}

// close does not wait for a server that does not answer.
func (l *listener) close(connection *pgx.Conn) {
	ctx, cancel := context.WithTimeout(context.Background(), firstPause)
	defer cancel()
	_ = connection.Close(ctx) // whatever it says, the connection is gone
}
