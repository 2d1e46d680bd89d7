package fleet_test

import (
	"math"
	"sort"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
)

// The promise as a model. Each access token is a register with four states. Every write
// reaches the database, so the writes alone are linearizable in the strict sense, whoever
// made them where. A node sees its own writes at once, and those of others no later than the
// bound after their answer. So what clients of one node saw is to be linearizable together
// with all writes, where the answers of the other nodes' writes are taken to have come
// later by the bound: then a node may have missed them for that long, and no longer. A
// write whose outcome is unknown may take effect at any time, or never.

type state uint8

const (
	unborn state = iota
	live
	narrowed // scope "read" only
	dead
)

type action uint8

const (
	born   action = iota // made, or given by a refresh
	read                 // a request that needs the scope "read"
	write                // one that needs "write"
	narrow               // the scope becomes "read"
	revoke
	forget  // revoke, by one who is not told whether there was anything to revoke
	consume // its refresh token was exchanged
	replay  // a refresh token before it was presented again, which ends all that came after
)

type outcome uint8

const (
	yes outcome = iota
	no
	forbidden // the scope does not suffice
	unknown   // perhaps
)

// operation is what a client did to one access token.
type operation struct {
	family, serial int // the token: which grant, and which of its access tokens
	node           int
	action         action
	readOnly       bool // of born: with the scope "read"
	replays        bool // of consume: the token may have been exchanged before
	outcome        outcome
	call, answer   time.Duration // since the beginning of the history
}

func (o operation) reads() bool { return o.action == read || o.action == write }

// isEmpty tells of an operation that it has found the token dead already; mayBeEmpty, that
// its client does not know.
func (o operation) isEmpty() bool    { return o.outcome == no && !o.reads() }
func (o operation) mayBeEmpty() bool { return o.action == forget || o.action == replay }

// step is the register: what the state is after an operation, and whether its outcome fits.
func (o operation) step(s state) (bool, state) {
	alive := s == live || s == narrowed
	switch o.action {
	case born:
		if o.readOnly {
			return s == unborn, narrowed
		}
		return s == unborn, live
	case read:
		return alive == (o.outcome == yes), s
	case write:
		return o.outcome == yes && s == live || o.outcome == forbidden && s == narrowed || o.outcome == no && !alive, s
	case narrow:
		return o.change(s, narrowed)
	case forget, replay:
		if alive {
			return true, dead
		}
		return o.outcome == unknown || o.action == forget || s == dead, s
	default:
		return o.change(s, dead)
	}
}

// change is a write that answers whether there was a live token.
func (o operation) change(before, after state) (bool, state) {
	alive := before == live || before == narrowed
	switch {
	case o.outcome == no:
		return !alive, before
	case alive:
		return true, after
	default:
		return o.outcome == unknown, before
	}
}

// view is what decides on one token by one node's answers, or by the database's.
type view struct{ family, serial, by int }

const database = -1

var register = porcupine.Model{
	Init: func() any { return unborn },
	Step: func(s, input, _ any) (bool, any) { return input.(operation).step(s.(state)) },
}

// views divides a history: each view is to be linearizable by itself.
func views(history []operation, nodes int, bound time.Duration) map[view][]porcupine.Operation {
	all := make(map[view][]porcupine.Operation)
	for _, o := range history {
		for by := database; by < nodes; by++ {
			answer := o.answer
			switch {
			case o.reads() && by != o.node, o.isEmpty() && by != database:
				continue
			case o.outcome == unknown:
				answer = math.MaxInt64
			case by != database && (by != o.node || o.mayBeEmpty()):
				answer += bound
			}
			v := view{o.family, o.serial, by}
			all[v] = append(all[v], porcupine.Operation{ClientId: len(all[v]), Input: o, Call: int64(o.call), Return: int64(answer)})
		}
	}
	return all
}

// unexplained is what no gateways that keep the promise could have answered: the operations
// of one view; nil if there are none.
func unexplained(t *testing.T, history []operation, nodes int, bound time.Duration) []porcupine.Operation {
	t.Helper()
	for v, part := range views(history, nodes, bound) {
		switch porcupine.CheckOperationsTimeout(register, part, 10*time.Second) {
		case porcupine.Ok:
		case porcupine.Illegal:
			return part
		default:
			t.Fatalf("%d operations of %+v are too many to be checked: %+v", len(part), v, part)
		}
	}
	return nil
}

func explained(t *testing.T, history []operation, nodes int, bound time.Duration) bool {
	t.Helper()
	return unexplained(t, history, nodes, bound) == nil
}

// leastBound is the smallest bound, to the millisecond, that explains a history.
func leastBound(t *testing.T, history []operation, nodes int, most time.Duration) time.Duration {
	t.Helper()
	i := sort.Search(int(most/time.Millisecond), func(i int) bool {
		return explained(t, history, nodes, time.Duration(i)*time.Millisecond)
	})
	return time.Duration(i) * time.Millisecond
}

func TestTheModelTellsGoodHistoriesFromBadOnes(t *testing.T) {
	const (
		ms    = time.Millisecond
		bound = 100 * ms
	)
	// One token, made on node 0 and known everywhere.
	at := func(node int, action action, outcome outcome, call, answer int) operation {
		return operation{
			node: node, action: action, outcome: outcome,
			call: time.Duration(call) * ms, answer: time.Duration(answer) * ms,
		}
	}
	made := at(0, born, yes, 0, 1)
	for name, test := range map[string]struct {
		history []operation
		good    bool
	}{
		"used":                        {[]operation{at(0, read, yes, 2, 3), at(1, read, yes, 200, 201)}, true},
		"refused although it is good": {[]operation{at(0, read, no, 2, 3)}, false},
		"refused elsewhere before others know of it":     {[]operation{at(1, read, no, 2, 3)}, true},
		"refused elsewhere when they must know of it":    {[]operation{at(1, read, no, 102, 103)}, false},
		"accepted by its node while it is being revoked": {[]operation{at(0, revoke, yes, 2, 9), at(0, read, yes, 3, 4)}, true},
		"accepted by its node after it was revoked":      {[]operation{at(0, revoke, yes, 2, 9), at(0, read, yes, 10, 11)}, false},
		"accepted elsewhere within the bound":            {[]operation{at(0, revoke, yes, 2, 9), at(1, read, yes, 108, 110)}, true},
		"accepted elsewhere after the bound":             {[]operation{at(0, revoke, yes, 2, 9), at(1, read, yes, 110, 111)}, false},
		"accepted elsewhere after it was refused there":  {[]operation{at(1, read, yes, 5, 6), at(0, revoke, yes, 7, 9), at(1, read, no, 20, 21), at(1, read, yes, 22, 23)}, false},
		"revoked twice":                                     {[]operation{at(0, revoke, yes, 2, 9), at(1, revoke, yes, 10, 11)}, false},
		"perhaps revoked, accepted for ever":                {[]operation{at(0, revoke, unknown, 2, 9), at(0, read, yes, 5000, 5001)}, true},
		"perhaps revoked, refused":                          {[]operation{at(0, revoke, unknown, 2, 9), at(0, read, no, 5000, 5001)}, true},
		"perhaps revoked, refused and accepted":             {[]operation{at(0, revoke, unknown, 2, 9), at(0, read, no, 10, 11), at(0, read, yes, 5000, 5001)}, false},
		"written with after it was narrowed":                {[]operation{at(0, narrow, yes, 2, 9), at(1, write, yes, 110, 111)}, false},
		"written with by its node before others know":       {[]operation{at(0, narrow, yes, 2, 9), at(0, write, yes, 10, 11)}, false},
		"read with after it was narrowed":                   {[]operation{at(0, narrow, yes, 2, 9), at(1, read, yes, 110, 111), at(1, write, forbidden, 112, 113)}, true},
		"refreshed twice":                                   {[]operation{at(0, consume, yes, 2, 9), at(1, consume, yes, 3, 9)}, false},
		"refreshed once of two times":                       {[]operation{at(0, consume, yes, 2, 9), at(1, consume, no, 3, 9)}, true},
		"accepted after its predecessor was replayed":       {[]operation{at(0, replay, yes, 2, 9), at(0, read, yes, 110, 111)}, false},
		"accepted after it was revoked without an answer":   {[]operation{at(0, forget, yes, 2, 9), at(0, read, yes, 110, 111)}, false},
		"refused, though nobody but itself said it is gone": {[]operation{at(1, revoke, no, 2, 9)}, false},
	} {
		if got := explained(t, append([]operation{made}, test.history...), 2, bound); got != test.good {
			t.Errorf("a token %s: explained is %t", name, got)
		}
	}
	late := []operation{made, at(0, revoke, yes, 2, 9), at(1, read, yes, 50, 51)}
	if got := leastBound(t, late, 2, time.Second); got != 41*ms && got != 42*ms {
		t.Errorf("the least bound is %v", got)
	}
}
