package awx

import (
	"context"
	"errors"
	"log/slog"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/awxgate/awxgate/tokencore"
)

var errDown = errors.New("down")

func newTestMemory(t *testing.T, most int) (*memory[string, int], *clock) {
	t.Helper()
	c := &clock{now: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)}
	config := Config{TTL: ttl, Grace: grace, Timeout: time.Minute, MaxEntries: most, Now: c.Now}
	return newMemory[string, int](config, &failures{log: slog.New(slog.DiscardHandler), now: c.Now}), c
}

// answering is an AWX that always says the same.
func answering(value int, err error) func(context.Context) (int, error) {
	return func(context.Context) (int, error) { return value, err }
}

// held is a question that waits for the test, or for its context.
type held struct {
	begun  chan struct{}
	answer chan int
}

func newHeld() held { return held{make(chan struct{}), make(chan int, 1)} }

func (h held) find(ctx context.Context) (int, error) {
	close(h.begun)
	select {
	case value := <-h.answer:
		return value, nil
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

type outcome struct {
	value int
	err   error
}

// begin asks from a goroutine of its own.
func begin(ctx context.Context, m *memory[string, int], find func(context.Context) (int, error)) <-chan outcome {
	done := make(chan outcome, 1)
	go func() {
		value, err := m.get(ctx, "k", find)
		done <- outcome{value, err}
	}()
	return done
}

// waitingContext tells when somebody begins to wait for its end.
type waitingContext struct {
	context.Context //nolint:containedctx // it is one
	once            sync.Once
	waiting         chan struct{}
}

func newWaiting(ctx context.Context) *waitingContext {
	return &waitingContext{Context: ctx, waiting: make(chan struct{})}
}

func (w *waitingContext) Done() <-chan struct{} {
	w.once.Do(func() { close(w.waiting) })
	return w.Context.Done()
}

func TestMemory_ManyWhoAskTheSameShareOneQuestion(t *testing.T) {
	m, _ := newTestMemory(t, 10)
	h := newHeld()
	first := begin(t.Context(), m, h.find)
	<-h.begun
	var others []<-chan outcome
	for range 20 {
		waiting := newWaiting(t.Context())
		others = append(others, begin(waiting, m, answering(0, errors.New("asked again"))))
		<-waiting.waiting
	}
	h.answer <- 7
	for _, done := range append(others, first) {
		if got := <-done; got != (outcome{7, nil}) {
			t.Errorf("got %+v", got)
		}
	}
}

func TestMemory_WhoGivesUpDoesNotSpoilItForTheOthers(t *testing.T) {
	m, _ := newTestMemory(t, 10)
	h := newHeld()
	giving, up := context.WithCancel(t.Context())
	first := begin(giving, m, h.find)
	<-h.begun
	waiting := newWaiting(t.Context())
	second := begin(waiting, m, answering(7, nil))
	<-waiting.waiting
	up()
	if got := <-first; !errors.Is(got.err, context.Canceled) {
		t.Errorf("who gave up got %+v", got)
	}
	if got := <-second; got != (outcome{7, nil}) {
		t.Errorf("who waited got %+v", got)
	}
}

func TestMemory_AWaiterLeavesInTimeAndWithWhatIsKnown(t *testing.T) {
	for _, test := range []struct {
		name  string
		age   time.Duration
		known bool
	}{{"in the grace", ttl, true}, {"after it", ttl + grace, false}} {
		t.Run(test.name, func(t *testing.T) {
			m, c := newTestMemory(t, 10)
			if _, err := m.get(t.Context(), "k", answering(1, nil)); err != nil {
				t.Fatal(err)
			}
			c.advance(test.age)
			h := newHeld()
			first := begin(t.Context(), m, h.find)
			<-h.begun
			late, cancel := context.WithTimeout(t.Context(), 0)
			defer cancel()
			value, err := m.get(late, "k", answering(2, nil))
			if known := value == 1 && err == nil; known != test.known || !known && !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got %d, %v", value, err)
			}
			h.answer <- 3
			if got := <-first; got != (outcome{3, nil}) {
				t.Errorf("who stayed got %+v", got)
			}
		})
	}
}

func TestMemory_WhoSendsAndDropsRequestsKeepsNothingAlive(t *testing.T) {
	m, c := newTestMemory(t, 10)
	if _, err := m.get(t.Context(), "k", answering(1, nil)); err != nil {
		t.Fatal(err)
	}
	c.advance(ttl)
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if value, err := m.get(gone, "k", answering(0, context.Canceled)); err == nil {
		t.Errorf("who went away got %d", value)
	}
	if value, err := m.get(t.Context(), "k", answering(2, nil)); value != 2 || err != nil {
		t.Errorf("who came next got %d, %v", value, err)
	}
}

func TestMemory_AnAWXThatIsTooSlowForTheCallerIsLeftAloneForAWhile(t *testing.T) {
	m, c := newTestMemory(t, 10)
	if _, err := m.get(t.Context(), "k", answering(1, nil)); err != nil {
		t.Fatal(err)
	}
	c.advance(ttl)
	late, cancel := context.WithTimeout(t.Context(), 0)
	defer cancel()
	if value, err := m.get(late, "k", answering(0, context.DeadlineExceeded)); value != 1 || err != nil {
		t.Errorf("got %d, %v", value, err)
	}
	if value, err := m.get(t.Context(), "k", answering(2, nil)); value != 1 || err != nil {
		t.Errorf("at once %d, %v", value, err)
	}
	c.advance(retryAfter)
	if value, err := m.get(t.Context(), "k", answering(2, nil)); value != 2 || err != nil {
		t.Errorf("a while later %d, %v", value, err)
	}
}

func TestMemory_NobodyJoinsAQuestionThatIsATTLOld(t *testing.T) {
	m, c := newTestMemory(t, 10)
	h := newHeld()
	first := begin(t.Context(), m, h.find)
	<-h.begun
	c.advance(ttl)
	if value, err := m.get(t.Context(), "k", answering(2, nil)); value != 2 || err != nil {
		t.Errorf("got %d, %v", value, err)
	}
	h.answer <- 1
	<-first
	if value, err := m.get(t.Context(), "k", answering(3, nil)); value != 2 || err != nil {
		t.Errorf("the older answer took the place of the newer: %d, %v", value, err)
	}
}

func TestMemory_AnAnswerIsAsOldAsItsQuestion(t *testing.T) {
	m, c := newTestMemory(t, 10)
	slow := func(context.Context) (int, error) { c.advance(ttl); return 1, nil }
	if value, err := m.get(t.Context(), "k", slow); value != 1 || err != nil {
		t.Fatal(value, err)
	}
	if value, err := m.get(t.Context(), "k", answering(2, nil)); value != 2 || err != nil {
		t.Errorf("got %d, %v", value, err)
	}
}

func TestMemory_APanicEndsItsOwnRequestOnly(t *testing.T) {
	m, _ := newTestMemory(t, 10)
	begun, end := make(chan struct{}), make(chan struct{})
	recovered := make(chan any, 1)
	go func() {
		defer func() { recovered <- recover() }()
		_, _ = m.get(t.Context(), "k", func(context.Context) (int, error) {
			close(begun)
			<-end
			panic("in Authorize")
		})
	}()
	<-begun
	waiting := newWaiting(t.Context())
	second := begin(waiting, m, answering(2, nil))
	<-waiting.waiting
	close(end)
	if got := <-second; !errors.Is(got.err, errNoAnswer) {
		t.Errorf("who waited got %+v", got)
	}
	if <-recovered == nil {
		t.Error("the panic was lost")
	}
	if value, err := m.get(t.Context(), "k", answering(3, nil)); value != 3 || err != nil {
		t.Errorf("afterwards %d, %v", value, err)
	}
}

func TestMemory_IsBoundedAndTheUnknownPushOutNobody(t *testing.T) {
	const most = 5
	m, _ := newTestMemory(t, most)
	for i := range most {
		_, _ = m.get(t.Context(), strconv.Itoa(i), answering(i, nil))
	}
	for i := range 100 {
		_, _ = m.get(t.Context(), "unknown"+strconv.Itoa(i), answering(0, tokencore.ErrNotFound))
		_, _ = m.get(t.Context(), "failing"+strconv.Itoa(i), answering(0, errDown))
	}
	for i := range most {
		if value, err := m.get(t.Context(), strconv.Itoa(i), answering(0, errDown)); value != i || err != nil {
			t.Errorf("%d: got %d, %v", i, value, err)
		}
	}
	_, _ = m.get(t.Context(), "one more", answering(9, nil))
	if _, err := m.get(t.Context(), "0", answering(0, errDown)); !errors.Is(err, errDown) {
		t.Errorf("the oldest is still there: %v", err)
	}
	if known, absent, flights := len(m.known.byKey), len(m.absent.byKey), len(m.flights); known != most || absent != most || flights != 0 {
		t.Errorf("%d known, %d absent, %d under way", known, absent, flights)
	}
}

func TestMemory_ManyAtOnceGetTheirOwnAnswers(t *testing.T) {
	m, c := newTestMemory(t, 50)
	var questions atomic.Int64
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			for i := range 500 {
				want := i % 70
				value, err := m.get(t.Context(), strconv.Itoa(want), func(context.Context) (int, error) {
					switch questions.Add(1) % 5 {
					case 0:
						return 0, errDown
					case 1:
						return 0, tokencore.ErrNotFound
					default:
						return want, nil
					}
				})
				if err == nil && value != want {
					t.Errorf("got %d for %d", value, want)
				}
				if i%50 == 0 {
					c.advance(ttl)
				}
			}
		})
	}
	wg.Wait()
	if n := len(m.flights); n != 0 {
		t.Errorf("%d questions are still under way", n)
	}
}
