package tokencache

import (
	"context"
	"time"

	"github.com/awxgate/awxgate/tokencore"
)

// usageBatch bounds how long one write holds the store's writer.
const usageBatch = 500

// write collects uses and hands them to the store. It is the one goroutine of a Usage.
func (u *Usage) write() {
	tick := time.NewTicker(u.config.Interval)
	defer tick.Stop()
	w := &usageWriter{usage: u, minutes: make(map[int64]int64)}
	for {
		select {
		case next := <-u.queue:
			w.add(next)
		case <-tick.C:
			w.flush()
		case <-u.stop:
			w.drain()
			return
		}
	}
}

type usageWriter struct {
	usage   *Usage
	batch   []tokencore.TokenUse
	minutes map[int64]int64 // token id: minute of the use that was taken last
	minute  int64           // the one that all of minutes are
}

// add takes a use unless the token had one in the same minute.
func (w *usageWriter) add(next use) {
	minute := minuteOf(next.at)
	if minute == w.minute-1 || w.minutes[next.tokenID] == minute {
		return // late, or not the first
	}
	if minute != w.minute { // also when the clock was set back: then times start anew
		clear(w.minutes)
		w.minute = minute
	}
	w.minutes[next.tokenID] = minute
	one := tokencore.TokenUse{TokenID: next.tokenID, Time: next.at.UTC()}
	if next.from.IsValid() {
		one.From = next.from.Unmap().String()
	}
	if w.batch = append(w.batch, one); len(w.batch) == usageBatch {
		w.flush()
	}
}

func (w *usageWriter) drain() {
	for {
		select {
		case next := <-w.usage.queue:
			w.add(next)
		default:
			w.flush()
			return
		}
	}
}

// flush writes the batch. A batch that fails is given up: the next minute brings newer uses.
func (w *usageWriter) flush() {
	if len(w.batch) == 0 {
		return
	}
	u := w.usage
	ctx, cancel := context.WithTimeout(context.Background(), u.config.WriteTimeout)
	defer cancel()
	err := u.store.Update(ctx, func(tx tokencore.Tx) error { return tx.TouchTokens(ctx, w.batch) })
	if n := uint64(len(w.batch)); err == nil {
		u.written.Add(n)
	} else {
		u.failed.Add(n)
		u.config.Logger.Warn("writing last use of tokens", "tokens", n, "error", err)
	}
	w.batch = w.batch[:0]
}
