package postgres

import (
	"sync"
	"time"

	"github.com/awxgate/awxgate/tokencore"
)

// FeedStats says how the feed of changes fares, for metrics.
type FeedStats struct {
	Lost   bool          // now
	Losses uint64        // since Open
	Gap    time.Duration // how long it was lost altogether, until now
	Lag    time.Duration // how long the last heartbeat took
}

// FeedStats returns the state of the feed.
func (s *Store) FeedStats() FeedStats { return s.feed.stats() }

// PoolStats says how busy the connections are, for metrics.
type PoolStats struct {
	Max, Open, Busy int
	Waits           uint64 // how often, since Open, a caller had to wait for a connection
}

// PoolStats returns the state of the connections, without that of the feed.
func (s *Store) PoolStats() PoolStats {
	now := s.db.Stat()
	return PoolStats{
		Max: int(now.MaxConns()), Open: int(now.TotalConns()), Busy: int(now.AcquiredConns()),
		Waits: uint64(max(now.EmptyAcquireCount(), 0)),
	}
}

type feedStats struct {
	mu     sync.Mutex
	all    FeedStats
	lostAt time.Time
}

// note keeps what is said about the feed itself.
func (s *feedStats) note(changes []tokencore.Change) {
	for _, change := range changes {
		switch change.Kind {
		case tokencore.FeedLost:
			s.lose()
		case tokencore.FeedRestored:
			s.restore()
		default:
		}
	}
}

func (s *feedStats) lose() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all.Lost, s.lostAt = true, time.Now()
	s.all.Losses++
}

func (s *feedStats) restore() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all.Lost = false
	s.all.Gap += time.Since(s.lostAt)
}

func (s *feedStats) beat(took time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all.Lag = took
}

func (s *feedStats) now() FeedStats {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.all
	if now.Lost {
		now.Gap += time.Since(s.lostAt)
	}
	return now
}
