package storetest

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/awxgate/awxgate/tokencore"
)

var queryTests = []test{
	{"conditions select what they say", func(t *testing.T, s store) {
		s.people(t)
		for _, test := range selections {
			same(t, test.name, s.userIDs(t, tokencore.Query{Where: test.where}), test.want)
		}
	}},
	{"pages follow the order, count all matches and never overlap", func(t *testing.T, s store) {
		s.people(t)
		by := func(field tokencore.Field, descending bool) []tokencore.Order {
			return []tokencore.Order{{Field: field, Descending: descending}}
		}
		active := compare("id", tokencore.Less, int64(5))
		for _, test := range []struct {
			name  string
			query tokencore.Query
			want  []int64
			count int
		}{
			{"everything by ascending id", tokencore.Query{}, []int64{1, 2, 3, 4, 5}, 5},
			{"limit", tokencore.Query{Limit: 2}, []int64{1, 2}, 5},
			{"offset", tokencore.Query{Offset: 3}, []int64{4, 5}, 5},
			{"second page", tokencore.Query{Offset: 2, Limit: 2}, []int64{3, 4}, 5},
			{"last page", tokencore.Query{Offset: 4, Limit: 2}, []int64{5}, 5},
			{"beyond the end", tokencore.Query{Offset: 9, Limit: 2}, nil, 5},
			{"with a condition", tokencore.Query{Where: active, Offset: 1, Limit: 2}, []int64{2, 3}, 4},
			{"nothing matches", tokencore.Query{Where: tokencore.Or{}, Limit: 2}, nil, 0},
			{"descending", tokencore.Query{Order: by("username", true), Limit: 2}, []int64{5, 4}, 5},
			{"ties by ascending id", tokencore.Query{Order: by("is_active", false)}, []int64{3, 4, 5, 1, 2}, 5},
			{"ties by ascending id, also descending", tokencore.Query{Order: by("is_active", true)}, []int64{1, 2, 3, 4, 5}, 5},
			{"by bytes", tokencore.Query{Order: by("first_name", false)}, []int64{2, 3, 1, 4, 5}, 5},
			{"two fields", tokencore.Query{Order: append(by("is_active", true), by("username", true)...)}, []int64{2, 1, 5, 4, 3}, 5},
			{"id explicitly", tokencore.Query{Order: by("id", true)}, []int64{5, 4, 3, 2, 1}, 5},
			{"absent values last", tokencore.Query{Order: by("last_login", false)}, []int64{2, 5, 1, 3, 4}, 5},
			{"absent values first when descending", tokencore.Query{Order: by("last_login", true)}, []int64{1, 3, 4, 5, 2}, 5},
		} {
			page, count, err := s.Users(s.ctx, test.query)
			same(t, test.name, ids(found(t, page, err), userID), test.want)
			same(t, test.name+": count", count, test.count)
		}
	}},
	{"a page without a count is the same page", func(t *testing.T, s store) {
		s.people(t)
		same(t, "ids", s.userIDs(t, tokencore.Query{Offset: 1, Limit: 2, SkipCount: true}), []int64{2, 3})
	}},
	{"many rows that are equal in the order make pages that fit together", func(t *testing.T, s store) {
		const rows, perPage = 100, 7
		s.update(t, func(tx tokencore.Tx) error {
			for i := range rows {
				u := tokencore.User{Username: strconv.Itoa(i), IsActive: i%3 == 0}
				if err := tx.CreateUser(s.ctx, &u); err != nil {
					return err
				}
			}
			return nil
		})
		var active, others []int64
		for i, id := range numbers(1, rows) {
			if i%3 == 0 {
				active = append(active, id)
			} else {
				others = append(others, id)
			}
		}
		for descending, want := range map[bool][]int64{false: slices.Concat(others, active), true: slices.Concat(active, others)} {
			var all []int64
			for offset := 0; offset < rows; offset += perPage {
				all = append(all, s.userIDs(t, tokencore.Query{
					Order: []tokencore.Order{{Field: "is_active", Descending: descending}}, Offset: offset, Limit: perPage,
				})...)
			}
			same(t, fmt.Sprint("ids, descending ", descending), all, want)
		}
	}},
	{"a dot in a Regex matches a line break, and dollar only the end", func(t *testing.T, s store) {
		o := s.token(t, "token", 1, 0)
		s.update(t, func(tx tokencore.Tx) error {
			o.Description = "one\ntwo"
			return tx.UpdateToken(s.ctx, o)
		})
		for pattern, want := range map[string]int{"one.two": 1, "one$": 0, "^two": 0, "(?m)one$": 1} {
			_, count, err := s.Tokens(s.ctx, tokencore.Query{Where: compare("description", tokencore.Regex, pattern)})
			same(t, pattern, found(t, count, err), want)
		}
	}},
	{"more patterns than any cache remembers", func(t *testing.T, s store) {
		s.people(t)
		some := make(tokencore.Or, 200)
		for i := range some {
			some[i] = compare("username", tokencore.Regex, "^"+strconv.Itoa(i)+"$")
		}
		some[100] = compare("username", tokencore.Regex, "^bob$")
		same(t, "ids", s.userIDs(t, tokencore.Query{Where: some}), []int64{2})
		same(t, "again", s.userIDs(t, tokencore.Query{Where: some}), []int64{2})
	}},
	{"a comparison that does not fit its column is refused", func(t *testing.T, s store) {
		for _, wrong := range []tokencore.Compare{
			tokencore.Eq("id", "1"),
			tokencore.Eq("id", nil),
			tokencore.Eq("username", int64(1)),
			tokencore.Eq("is_active", "true"),
			tokencore.Eq("created", int64(1)),
			compare("id", tokencore.Contains, int64(1)),
			compare("id", tokencore.Greater, "1"),
			compare("created", tokencore.HasPrefix, start),
			compare("created", tokencore.Equal, "2024"),
			compare("is_active", tokencore.Greater, false),
			compare("username", tokencore.Regex, 1),
			compare("username", tokencore.Regex, "["),
			compare("username", tokencore.RegexFold, "a)(b"),
			compare("username", tokencore.Regex, "(?=a)"),
			compare("username", tokencore.Regex, "\xff"),
			compare("username", tokencore.Regex, "((a{30}){30}){30}"),
			compare("username", tokencore.Regex, strings.Repeat("a", 5000)),
			compare("id", tokencore.In, []string{"1"}),
			compare("username", tokencore.In, []int64{1}),
			compare("username", tokencore.In, "bob"),
			compare("username", tokencore.IsNull, "true"),
			compare("username", tokencore.Equal, []string{"bob"}),
			compare("username", 0, "bob"),
			compare("username", 200, "bob"),
		} {
			_, _, err := s.Users(s.ctx, tokencore.Query{Where: wrong})
			wantFieldError(t, fmt.Sprint(wrong), err)
		}
	}},
}

func (s store) people(t *testing.T) {
	t.Helper()
	s.update(t, func(tx tokencore.Tx) error {
		for _, u := range people[1:] {
			if err := tx.CreateUser(s.ctx, &u); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s store) userIDs(t *testing.T, q tokencore.Query) []int64 {
	t.Helper()
	page, _, err := s.Users(s.ctx, q)
	return ids(found(t, page, err), userID)
}

func userID(u tokencore.User) int64 { return u.ID }

func ids[T any](rows []T, of func(T) int64) []int64 {
	if len(rows) == 0 {
		return nil
	}
	all := make([]int64, 0, len(rows))
	for _, row := range rows {
		all = append(all, of(row))
	}
	return all
}

func wantFieldError(t *testing.T, what string, err error) {
	t.Helper()
	if !errors.Is(err, tokencore.ErrField) {
		t.Errorf("%s: got %v, want %q", what, err, tokencore.ErrField)
	}
	if errors.Is(err, tokencore.ErrUnavailable) {
		t.Errorf("%s: a definite answer also matches %q", what, tokencore.ErrUnavailable)
	}
}
