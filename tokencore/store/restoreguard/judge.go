package restoreguard

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/store/restoremark"
)

// settingAccepted is the key under which the store keeps the name of the last acceptance.
const settingAccepted = "AWXGATE_RESTORE_ACCEPTED"

// present is what a store says of itself.
type present struct {
	mark       restoremark.Mark
	acceptance string // the last one; empty: none
	relation   restoremark.Relation
}

// ask compares the store with a mark; the zero mark is before every history.
func ask(ctx context.Context, store Store, remembered restoremark.Mark) (now present, err error) {
	settings, err := store.StoredSettings(ctx)
	if err != nil {
		return now, err
	}
	if raw, ok := settings[settingAccepted]; ok {
		if err := json.Unmarshal(raw, &now.acceptance); err != nil {
			now.acceptance = string(raw) // whatever it is, it has a name
		}
	}
	if now.mark, err = store.HighWater(ctx); err != nil {
		return now, err
	}
	if remembered == (restoremark.Mark{}) {
		now.relation = restoremark.Advanced
		return now, nil
	}
	now.relation, err = store.Relation(ctx, remembered)
	return now, err
}

// judge decides whether tokens are refused. If it cannot, that stays as it is.
func (g *Guard) judge(ctx context.Context) (present, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	doubts := g.doubts.Load()
	now, err := ask(ctx, g.store, g.mark)
	if err != nil {
		return now, err
	}
	lacks := !now.relation.Trustworthy() && g.journal.knows(now.acceptance)
	if lacks && !g.restored.Load() {
		g.log.Error("the token store was restored from a backup: revoked tokens may work again, so every token is refused; "+
			"run awxgate accept-restore to see which, and to go on", "relation", now.relation.String())
	}
	g.turn(lacks)
	g.settled.Store(doubts)
	return now, nil
}

// remember writes down what was judged to be trustworthy.
func (g *Guard) remember(now present) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.restored.Load() {
		return nil
	}
	entries := g.take()
	if now.mark != g.mark {
		// Before the journal: should this process end in between, then no acceptance is known
		// whose mark is not.
		if err := now.mark.Save(g.files.mark); err != nil {
			return err
		}
		g.mark = now.mark
	}
	if !now.relation.Trustworthy() {
		g.log.Warn("the restored token store was accepted; tokens work again")
		// Its history begins anew: ids of the lost one are given again.
		entries = nil
		if err := g.journal.rewrite(g.journal.acceptances()); err != nil {
			return err
		}
	}
	if !g.journal.knows(now.acceptance) {
		entries = append(entries, entry{at: time.Now(), kind: accepted, name: now.acceptance})
	}
	return g.journal.add(entries...)
}

// take returns what was heard since the last call.
func (g *Guard) take() []entry {
	g.seenMu.Lock()
	defer g.seenMu.Unlock()
	seen := slices.Clone(g.seen)
	g.seen = g.seen[:0]
	return seen
}

// Verifier is a tokencore.Verifier that refuses while the guard does. A nil guard does not.
func (g *Guard) Verifier(next tokencore.Verifier) tokencore.Verifier {
	if g == nil {
		return next
	}
	return verifier{g, next}
}

type verifier struct {
	guard *Guard
	next  tokencore.Verifier
}

// Verify implements tokencore.Verifier.
func (v verifier) Verify(ctx context.Context, d tokencore.Digest) (*tokencore.Principal, error) {
	if err := v.guard.Err(); err != nil {
		return nil, err
	}
	return v.next.Verify(ctx, d)
}
