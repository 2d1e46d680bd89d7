package awxapi_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/awxgate/awxgate/internal/awxstub"
	"github.com/awxgate/awxgate/tokencore"
)

const firstOfOurs = 1_000_000_000_001

// stream is an API with an AWX behind, both with entries of the same minutes.
type stream struct {
	*world
	awx *awxstub.Stub
}

func newStream(t testing.TB, ours, theirs []time.Time) *stream {
	t.Helper()
	s := &stream{world: newWorld(t, withRemote), awx: awxstub.New(nil, []awxstub.User{
		{ID: admin, Username: "admin", Password: password, IsSuperuser: true}, {ID: alice, Username: "alice", Password: password},
	}, nil)}
	err := s.store.Update(t.Context(), func(tx tokencore.Tx) error {
		for i, at := range ours {
			entry := tokencore.Activity{
				Time: at, Operation: []string{"create", "update"}[i%2], Object: tokencore.ObjectToken, ObjectID: 77, ActorID: admin, Changes: json.RawMessage("{}"),
			}
			if err := tx.AppendActivity(t.Context(), &entry); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for i, at := range theirs {
		s.awx.Record(awxstub.Entry{ID: int64(i + 1), Time: at, Operation: []string{"create", "delete"}[i%2], ActorID: admin})
	}
	return s
}

type streamRow struct {
	ID        int64     `json:"id"`
	URL       string    `json:"url"`
	Timestamp time.Time `json:"timestamp"`
	Operation string    `json:"operation"`
}

type streamBody struct {
	Count          int
	Next, Previous *string
	Results        []streamRow
}

func (s *stream) page(t testing.TB, user, path string) streamBody {
	t.Helper()
	got := s.merged(t, s.awx, asked(t, user, "GET", path, ""))
	var body streamBody
	if err := json.Unmarshal(got.Body.Bytes(), &body); err != nil || got.Code != http.StatusOK {
		t.Fatalf("%s: %d %s", path, got.Code, got.Body)
	}
	return body
}

// walk follows the links to the next page, and checks those to the previous one.
func (s *stream) walk(t testing.TB, user, path string) []streamRow {
	t.Helper()
	var rows []streamRow
	for previous := ""; path != ""; {
		body := s.page(t, user, path)
		rows = append(rows, body.Results...)
		if previous != "" && (body.Previous == nil || !slices.Equal(s.page(t, user, *body.Previous).Results, s.page(t, user, previous).Results)) {
			t.Fatalf("%s: previous is %v, want %s", path, body.Previous, previous)
		}
		if body.Next == nil {
			if body.Count != len(rows) {
				t.Fatalf("count %d, %d rows", body.Count, len(rows))
			}
			return rows
		}
		previous, path = path, *body.Next
	}
	return rows
}

// inTime is how entries follow each other, AWX's before ours where the time is the same.
func inTime(a, b streamRow) int {
	if c := a.Timestamp.Compare(b.Timestamp); c != 0 {
		return c
	}
	return int(min(1, max(-1, a.ID-b.ID)))
}

func TestStream_EveryPageSizeShowsEveryEntryOnceInTheOrderOfTime(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	noon := time.Date(2026, time.November, 23, 12, 0, 0, 0, time.UTC)
	moments := func(n int) []time.Time {
		times := make([]time.Time, n)
		for i := range times { // few different ones, so that many are the same; ours come with more digits
			times[i] = noon.Add(time.Duration(random.IntN(20))*time.Microsecond + time.Duration(random.IntN(2))*time.Nanosecond)
		}
		slices.SortFunc(times, time.Time.Compare)
		return times
	}
	for _, n := range [][2]int{{0, 0}, {0, 7}, {7, 0}, {1, 1}, {13, 40}, {40, 13}} {
		ours, theirs := moments(n[0]), moments(n[1])
		for i := range theirs {
			theirs[i] = theirs[i].Truncate(time.Microsecond)
		}
		s := newStream(t, ours, theirs)
		for _, size := range []int{1, 3, 7, 200} {
			for order, falling := range map[string]bool{
				"": false, "id": false, "timestamp": false, "timestamp,id": false, "-id": true, "-timestamp": true,
			} {
				rows := s.walk(t, "admin", fmt.Sprintf("%s?order_by=%s&page_size=%d", activityStream, order, size))
				if falling {
					slices.Reverse(rows)
				}
				if len(rows) != n[0]+n[1] || !slices.IsSortedFunc(rows, inTime) {
					t.Fatalf("%v, page_size %d, order_by %s: %v", n, size, order, rows)
				}
				if all := slices.CompactFunc(slices.Clone(rows), func(a, b streamRow) bool { return a.ID == b.ID }); len(all) != len(rows) {
					t.Fatalf("%v, page_size %d, order_by %s: some entry twice: %v", n, size, order, rows)
				}
			}
			rows := s.walk(t, "admin", fmt.Sprintf("%s?order_by=operation&page_size=%d", activityStream, size))
			byOperation := func(a, b streamRow) int { return strings.Compare(a.Operation, b.Operation) }
			split := slices.IndexFunc(rows, func(row streamRow) bool { return row.ID >= firstOfOurs })
			if split < 0 {
				split = len(rows)
			}
			if split != n[1] || len(rows) != n[0]+n[1] || !slices.IsSortedFunc(rows[:split], byOperation) || !slices.IsSortedFunc(rows[split:], byOperation) {
				t.Fatalf("%v, page_size %d, order_by operation: %v", n, size, rows)
			}
		}
	}
}

// everyMinute are times that take turns with those of another offset.
func everyMinute(n int, offset time.Duration) []time.Time {
	times := make([]time.Time, n)
	for i := range times {
		times[i] = time.Date(2026, time.November, 23, 12, i, 0, 0, time.UTC).Add(offset)
	}
	return times
}

func TestStream_AsksAWXFewTimes(t *testing.T) {
	s := newStream(t, everyMinute(1000, 0), everyMinute(1000, time.Second))
	for page, most := range map[string]int{"": 1, "2": 9, "40": 14, "80": 14, "last": 14} {
		s.awx.Take()
		s.page(t, "admin", activityStream+"?page_size=25&page="+page)
		if got := len(s.awx.Take()); got > most {
			t.Errorf("page %q: %d requests, want at most %d", page, got, most)
		}
	}
}

func TestStream_FiltersSelectOnBothSides(t *testing.T) {
	s := newStream(t, everyMinute(6, 0), everyMinute(6, time.Second))
	for query, want := range map[string]int{
		"":                                   12,
		"operation=create":                   6,
		"operation=delete":                   3,
		"timestamp__gt=2026-11-23T12:03:00Z": 5,
		"count_disabled=1&page_size=5":       5,
		// What only one side has is asked of that side only.
		"id__gt=2":                             4,
		fmt.Sprint("id=", firstOfOurs):         1,
		fmt.Sprint("id__lt=", firstOfOurs+2):   2,
		fmt.Sprint("id__in=3,", firstOfOurs+2): -1,
		"job__id=1":                            0,
		"o_auth2_access_token__id=77":          0, // deleted
		"object1=o_auth2_access_token":         -1,
		"nosuch=1":                             -1,
	} {
		got := s.merged(t, s.awx, asked(t, "admin", "GET", activityStream+"?"+query, ""))
		var body streamBody
		_ = json.Unmarshal(got.Body.Bytes(), &body) // of an error: no rows
		if want < 0 {
			if got.Code != http.StatusBadRequest { // as the stub knows neither
				t.Errorf("%s: %d %s", query, got.Code, got.Body)
			}
			continue
		}
		if got.Code != http.StatusOK || len(body.Results) != want {
			t.Errorf("%s: %d, %d rows, want %d", query, got.Code, len(body.Results), want)
		}
	}
	if got := s.merged(t, s.awx, asked(t, "admin", "GET", activityStream+"?page=3&page_size=6", "")); got.Code != 404 || got.Body.String() != `{"detail":"Invalid page."}` {
		t.Errorf("a page too far: %d %s", got.Code, got.Body)
	}
}

func TestStream_EntriesOfOursHaveAddressesOfTheirOwn(t *testing.T) {
	s := newStream(t, everyMinute(2, 0), everyMinute(1, time.Second))
	rows := s.page(t, "admin", activityStream).Results
	if rows[0].ID != firstOfOurs || rows[0].URL != activityStream+"1000000000001/" || rows[1].ID != 1 {
		t.Fatalf("got %v", rows)
	}
	detail := s.merged(t, nil, asked(t, "admin", "GET", rows[0].URL, ""))
	if detail.Code != http.StatusOK || !strings.HasPrefix(detail.Body.String(), `{"id":1000000000001,"type":"activity_stream","url":"/api/v2/activity_stream/1000000000001/"`) {
		t.Errorf("detail: %d %s", detail.Code, detail.Body)
	}
	if got := s.merged(t, nil, asked(t, "admin", "GET", activityStream+"1000000000099/", "")); got.Code != http.StatusNotFound {
		t.Errorf("no such entry: %d", got.Code)
	}
	if s.api.Merges(asked(t, "admin", "GET", activityStream+"1/", "")) {
		t.Error("AWX's entries are AWX's alone")
	}
	w := newWorld(t, withRemote)
	w.application(t, "app", orgA)
	list := w.call(t, "admin", "GET", "/api/v2/applications/1/activity_stream/?id="+itoa(firstOfOurs), "")
	if member(t, list.Body.Bytes(), "results", "0", "id") != float64(firstOfOurs) {
		t.Errorf("in the lists of ours: %s", list.Body)
	}
}

func TestStream_ShowsOursToWhomItIsVisibleOnly(t *testing.T) {
	s := newStream(t, everyMinute(3, 0), everyMinute(3, time.Second))
	s.awx.Record(awxstub.Entry{ID: 9, Time: time.Now(), ActorID: alice})
	if got := s.page(t, "alice", activityStream); got.Count != 1 || got.Results[0].ID != 9 {
		t.Errorf("alice sees %v", got)
	}
	for path, want := range map[string]int{"/api/v2/users/1/activity_stream/": 6, "/api/v2/users/6/activity_stream/": 1} {
		if got := s.page(t, "admin", path); got.Count != want {
			t.Errorf("%s: %d entries, want %d", path, got.Count, want)
		}
	}
	if got := s.merged(t, s.awx, asked(t, "", "GET", activityStream, "")); got.Code != http.StatusUnauthorized {
		t.Errorf("nobody: %d", got.Code)
	}
	// Whom AWX knows and we do not, sees what AWX shows.
	stranger := newStream(t, everyMinute(3, 0), everyMinute(3, time.Second))
	stranger.awx = awxstub.New(nil, []awxstub.User{{ID: 99, Username: "stranger", Password: "pw", IsSuperuser: true}}, nil)
	r := asked(t, "", "GET", activityStream, "")
	r.SetBasicAuth("stranger", "pw")
	if got := stranger.merged(t, stranger.awx, r); got.Body.String() != `{"count":0,"next":null,"previous":null,"results":[]}` {
		t.Errorf("a stranger: %s", got.Body)
	}
}

func TestStream_PassesWhatIsNoList(t *testing.T) {
	s := newStream(t, everyMinute(30, 0), everyMinute(30, time.Second))
	for name, upstream := range map[string]http.HandlerFunc{
		"refusal":         answers(403, "application/json", `{"detail":"no"}`),
		"outage":          answers(503, "text/html", "busy"),
		"page for people": answers(200, "text/html", "<html>"),
		"other shape":     answers(200, "application/json", `{"results":[]}`),
		"other rows":      answers(200, "application/json", `{"count":1,"results":[{"timestamp":7}]}`),
	} {
		want := httptest.NewRecorder()
		upstream(want, nil)
		for _, page := range []string{"1", "2"} {
			got := s.merged(t, upstream, asked(t, "admin", "GET", activityStream+"?page_size=20&page="+page, ""))
			if got.Code != want.Code || got.Body.String() != want.Body.String() {
				t.Errorf("%s, page %s: %d %s", name, page, got.Code, got.Body)
			}
		}
	}
	// One of several requests fails: no half a page.
	asks := 0
	got := s.merged(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if asks++; asks > 2 {
			answers(500, "text/html", "broken")(w, r)
			return
		}
		s.awx.ServeHTTP(w, r)
	}), asked(t, "admin", "GET", activityStream+"?page_size=20&page=2", ""))
	if got.Code != http.StatusInternalServerError || got.Body.String() != "broken" {
		t.Errorf("got %d %s", got.Code, got.Body)
	}
	// An upstream that writes nothing leaves the answer to the caller.
	if got := s.merged(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}), asked(t, "admin", "GET", activityStream, "")); got.Body.Len() != 0 || len(got.Header()) != 0 {
		t.Errorf("got %v %s", got.Header(), got.Body)
	}
	browser := asked(t, "admin", "GET", activityStream, "")
	browser.Header.Set("Accept", "text/html,*/*;q=0.8")
	if got := s.merged(t, answers(200, "text/html", "<html>"), browser); got.Body.String() != "<html>" {
		t.Errorf("browser: %s", got.Body)
	}
}
