package awx

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// logEvery bounds how often an outage is told: there is a failure for each request.
const logEvery = time.Minute

// failures tells the log that AWX cannot be asked. Answers may hide it for the grace.
type failures struct {
	log *slog.Logger
	now func() time.Time

	mu   sync.Mutex
	told time.Time
}

func (f *failures) note(ctx context.Context, err error) {
	now := f.now()
	f.mu.Lock()
	due := f.told.IsZero() || !within(now, f.told, logEvery)
	if due {
		f.told = now
	}
	f.mu.Unlock()
	if due {
		f.log.WarnContext(ctx, "AWX cannot be asked about users", "error", err)
	}
}
