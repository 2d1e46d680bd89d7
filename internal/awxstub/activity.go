package awxstub

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Entry is an entry of the activity stream.
type Entry struct {
	ID        int64
	Time      time.Time
	Operation string
	ActorID   int64
}

// Record adds entries to the activity stream.
func (s *Stub) Record(entries ...Entry) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.entries = append(s.entries, entries...)
}

func (s *Stub) activityRoutes() {
	s.protected("GET /api/v2/activity_stream/{$}", func(c *call) { s.listEntries(c, func(Entry) bool { return true }) })
	s.protected("GET /api/v2/users/{id}/activity_stream/{$}", s.ofUser(func(c *call, u *User) {
		s.listEntries(c, func(e Entry) bool { return e.ActorID == u.ID })
	}))
}

// listEntries shows superusers all, and others what they did themselves.
func (s *Stub) listEntries(c *call, about func(Entry) bool) {
	q := c.URL.Query()
	found := slices.Clone(s.entries)
	found = slices.DeleteFunc(found, func(e Entry) bool { return !about(e) || !c.user.IsSuperuser && e.ActorID != c.user.ID })
	for key, values := range q {
		for _, value := range values {
			keep, err := entryFilter(key, value)
			if err != nil {
				c.refuse(http.StatusBadRequest, err.Error())
				return
			}
			found = slices.DeleteFunc(found, func(e Entry) bool { return !keep(e) })
		}
	}
	slices.SortStableFunc(found, entryOrder(q.Get("order_by")))
	c.pageOfEntries(q, found)
}

// entryFilter knows a few; like AWX the others are refused.
func entryFilter(key, value string) (func(Entry) bool, error) {
	switch key {
	case "page", "page_size", "order_by", "format", "search":
		return func(Entry) bool { return true }, nil
	case "operation":
		return func(e Entry) bool { return e.Operation == value }, nil
	case "job__id":
		return func(Entry) bool { return false }, nil
	}
	field, lookup, _ := strings.Cut(key, "__")
	wants := map[string][]int{"lt": {-1}, "lte": {-1, 0}, "gt": {1}, "gte": {1, 0}, "": {0}}[lookup]
	switch {
	case field == "timestamp" && wants != nil:
		t, err := time.Parse(time.RFC3339Nano, value)
		return func(e Entry) bool { return slices.Contains(wants, e.Time.Compare(t)) }, err
	case field == "id" && wants != nil:
		id, err := strconv.ParseInt(value, 10, 64)
		return func(e Entry) bool { return slices.Contains(wants, cmp.Compare(e.ID, id)) }, err
	default:
		return nil, fmt.Errorf("ActivityStream has no field named %q", field)
	}
}

// entryOrder leaves equals as they are, which is as good as in any order.
func entryOrder(names string) func(a, b Entry) int {
	return func(a, b Entry) int {
		for name := range strings.SplitSeq(names, ",") {
			name, falling := strings.CutPrefix(name, "-")
			c := map[string]int{
				"timestamp": a.Time.Compare(b.Time), "id": cmp.Compare(a.ID, b.ID), "operation": cmp.Compare(a.Operation, b.Operation),
			}[name]
			if falling {
				c = -c
			}
			if c != 0 {
				return c
			}
		}
		return cmp.Compare(a.ID, b.ID)
	}
}

func (c *call) pageOfEntries(q url.Values, found []Entry) {
	number, size := 1, 25
	if n, err := strconv.Atoi(q.Get("page")); err == nil {
		number = n
	}
	if n, err := strconv.Atoi(q.Get("page_size")); err == nil {
		size = min(n, 200)
	}
	start := (number - 1) * size
	if number > 1 && start >= len(found) {
		c.refuse(http.StatusNotFound, "Invalid page.")
		return
	}
	results := make([]string, 0, size)
	for _, e := range found[start:min(start+size, len(found))] {
		results = append(results, fmt.Sprintf(`{"id":%d,"type":"activity_stream","url":"/api/v2/activity_stream/%d/","related":{},`+
			`"timestamp":%q,"operation":%q,"object1":"job"}`, e.ID, e.ID, e.Time.UTC().Format("2006-01-02T15:04:05.000000Z"), e.Operation))
	}
	c.text(fmt.Sprintf(`{"count":%d,"next":null,"previous":null,"results":[%s]}`, len(found), strings.Join(results, ",")))
}
