package storetest

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/awxgate/awxgate/tokencore"
)

// people are the users that queries select from, by position from 1.
var people = []tokencore.User{
	1: {Username: "ann", FirstName: "Ann", Email: "ann@example.com", IsActive: true, Created: start},
	2: {Username: "bob", FirstName: "100%", Email: "b_b@example.com", IsActive: true, LastLogin: start, Created: start},
	3: {Username: "cat", FirstName: "1000", LastName: "Ñandú", Email: "bxb@example.com", Created: start},
	4: {Username: "dan", FirstName: "ÄNN", Email: `d\n@example.com`, Created: start},
	5: {Username: "eve", FirstName: "änn", Email: "", LastLogin: start.Add(time.Microsecond), Created: start},
}

func compare(field tokencore.Field, op tokencore.Op, value any) tokencore.Compare {
	return tokencore.Compare{Field: field, Op: op, Value: value}
}

// selections is what each condition must select.
var selections = []struct {
	name  string
	where tokencore.Expr
	want  []int64
}{
	{"no condition", nil, []int64{1, 2, 3, 4, 5}},
	{"Equal", tokencore.Eq("username", "bob"), []int64{2}},
	{"Equal tells cases apart", tokencore.Eq("username", "BOB"), nil},
	{"EqualFold", compare("username", tokencore.EqualFold, "BOB"), []int64{2}},
	{"EqualFold folds the column too", compare("first_name", tokencore.EqualFold, "ann"), []int64{1}},
	{"folding is ASCII only", compare("first_name", tokencore.EqualFold, "Änn"), []int64{4}},
	{"Contains", compare("username", tokencore.Contains, "a"), []int64{1, 3, 4}},
	{"Contains tells cases apart", compare("username", tokencore.Contains, "A"), nil},
	{"ContainsFold", compare("username", tokencore.ContainsFold, "A"), []int64{1, 3, 4}},
	{"Contains of the empty string", compare("email", tokencore.Contains, ""), []int64{1, 2, 3, 4, 5}},
	{"percent is no wildcard", compare("first_name", tokencore.Contains, "0%"), []int64{2}},
	{"underscore is no wildcard", compare("email", tokencore.Contains, "b_b"), []int64{2}},
	{"underscore is no wildcard when folded", compare("email", tokencore.ContainsFold, "B_B"), []int64{2}},
	{"backslash escapes nothing", compare("email", tokencore.Contains, `d\n`), []int64{4}},
	{"star is no wildcard", compare("username", tokencore.Contains, "*"), nil},
	{"HasPrefix", compare("first_name", tokencore.HasPrefix, "100"), []int64{2, 3}},
	{"HasPrefix with percent", compare("first_name", tokencore.HasPrefix, "100%"), []int64{2}},
	{"HasPrefix is not in the middle", compare("username", tokencore.HasPrefix, "nn"), nil},
	{"HasPrefixFold", compare("first_name", tokencore.HasPrefixFold, "aN"), []int64{1}},
	{"HasPrefix of the empty string", compare("email", tokencore.HasPrefix, ""), []int64{1, 2, 3, 4, 5}},
	{"HasSuffix", compare("first_name", tokencore.HasSuffix, "nn"), []int64{1, 5}},
	{"HasSuffix of a letter of two bytes", compare("first_name", tokencore.HasSuffix, "ÄNN"), []int64{4}},
	{"HasSuffix counts letters, not bytes", compare("last_name", tokencore.HasSuffix, "dú"), []int64{3}},
	{"HasSuffix longer than the value", compare("username", tokencore.HasSuffix, "xxann"), nil},
	{"HasSuffixFold", compare("first_name", tokencore.HasSuffixFold, "NN"), []int64{1, 4, 5}},
	{"HasSuffix of the empty string", compare("email", tokencore.HasSuffix, ""), []int64{1, 2, 3, 4, 5}},
	{"Greater", compare("id", tokencore.Greater, int64(3)), []int64{4, 5}},
	{"GreaterOrEqual", compare("id", tokencore.GreaterOrEqual, int64(3)), []int64{3, 4, 5}},
	{"Less", compare("id", tokencore.Less, int64(3)), []int64{1, 2}},
	{"LessOrEqual", compare("id", tokencore.LessOrEqual, int64(3)), []int64{1, 2, 3}},
	{"strings are ordered by their bytes", compare("first_name", tokencore.Greater, "Zoe"), []int64{4, 5}},
	{"a boolean", tokencore.Eq("is_active", true), []int64{1, 2}},
	{"a time", tokencore.Eq("last_login", start), []int64{2}},
	{"an absent value is not less", compare("last_login", tokencore.Less, start.Add(time.Second)), []int64{2, 5}},
	{"IsNull", compare("last_login", tokencore.IsNull, true), []int64{1, 3, 4}},
	{"not IsNull", compare("last_login", tokencore.IsNull, false), []int64{2, 5}},
	{"an empty string is present", compare("email", tokencore.IsNull, true), nil},
	{"In numbers", compare("id", tokencore.In, []int64{5, 1, 1, 99}), []int64{1, 5}},
	{"In strings", compare("username", tokencore.In, []string{"bob", "BOB", "it's"}), []int64{2}},
	{"In an empty list of numbers", compare("id", tokencore.In, []int64{}), nil},
	{"In an empty list of strings", compare("username", tokencore.In, []string(nil)), nil},
	{"not In an empty list", tokencore.Not{Expr: compare("id", tokencore.In, []int64{})}, []int64{1, 2, 3, 4, 5}},
	{"In a very long list", compare("id", tokencore.In, numbers(3, 40000)), []int64{3, 4, 5}},
	{"the empty And always holds", tokencore.And{}, []int64{1, 2, 3, 4, 5}},
	{"the empty Or never holds", tokencore.Or{}, nil},
	{"And", tokencore.And{tokencore.Eq("is_active", true), compare("id", tokencore.Greater, int64(1))}, []int64{2}},
	{"Or", tokencore.Or{tokencore.Eq("id", int64(1)), tokencore.Eq("username", "eve")}, []int64{1, 5}},
	{
		"Or inside And",
		tokencore.And{tokencore.Or{tokencore.Eq("id", int64(1)), tokencore.Eq("id", int64(3))}, tokencore.Eq("is_active", false)},
		[]int64{3},
	},
	{
		"And inside Or",
		tokencore.Or{tokencore.And{tokencore.Eq("id", int64(1)), tokencore.Eq("is_active", false)}, tokencore.Eq("id", int64(3))},
		[]int64{3},
	},
	{"Not", tokencore.Not{Expr: tokencore.Eq("is_active", true)}, []int64{3, 4, 5}},
	{"Not of a comparison with an absent value holds", tokencore.Not{Expr: tokencore.Eq("last_login", start)}, []int64{1, 3, 4, 5}},
	{"Not Not of it does not", tokencore.Not{Expr: tokencore.Not{Expr: tokencore.Eq("last_login", start)}}, []int64{2}},
	{
		"Not of an And with an absent value",
		tokencore.Not{Expr: tokencore.And{tokencore.Eq("last_login", start), tokencore.Eq("is_active", true)}},
		[]int64{1, 3, 4, 5},
	},
	{
		"Not of an Or with an absent value",
		tokencore.Not{Expr: tokencore.Or{tokencore.Eq("last_login", start), tokencore.Eq("id", int64(5))}},
		[]int64{1, 3, 4},
	},
	{"many conditions", manyConditions(), []int64{2}},
}

// numbers returns n numbers beginning with first.
func numbers(first int64, n int) []int64 {
	all := make([]int64, n)
	for i := range all {
		all[i] = first + int64(i)
	}
	return all
}

func manyConditions() tokencore.And {
	all := make(tokencore.And, 2000)
	for i := range all {
		all[i] = compare("id", tokencore.Less, int64(1000+i))
	}
	all[1234] = tokencore.Eq("username", "bob")
	return all
}

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
	{"users are found by the organizations in which they hold any role", func(t *testing.T, s store) {
		s.people(t)
		x, y := s.organization(t, "x"), s.organization(t, "y")
		s.grantRole(t, x.ID, 1, tokencore.RoleAdmin)
		s.grantRole(t, x.ID, 1, tokencore.RoleMember)
		s.grantRole(t, x.ID, 2, tokencore.RoleAuditor)
		s.grantRole(t, y.ID, 3, tokencore.RoleMember)
		for _, test := range []struct {
			name  string
			where tokencore.Expr
			want  []int64
		}{
			{"Equal", tokencore.Eq("organization", x.ID), []int64{1, 2}},
			{"In", compare("organization", tokencore.In, []int64{x.ID, y.ID}), []int64{1, 2, 3}},
			{"In nothing", compare("organization", tokencore.In, []int64{}), nil},
			{"Not", tokencore.Not{Expr: tokencore.Eq("organization", x.ID)}, []int64{3, 4, 5}},
		} {
			same(t, test.name, s.userIDs(t, tokencore.Query{Where: test.where}), test.want)
		}
		for _, wrong := range []tokencore.Query{
			{Where: compare("organization", tokencore.Greater, x.ID)},
			{Where: compare("organization", tokencore.IsNull, true)},
			{Order: []tokencore.Order{{Field: "organization"}}},
		} {
			_, _, err := s.Users(s.ctx, wrong)
			wantFieldError(t, fmt.Sprint(wrong), err)
		}
	}},
	{"a comparison that does not fit its column is refused", func(t *testing.T, s store) {
		for _, wrong := range []tokencore.Compare{
			tokencore.Eq("id", "1"),
			tokencore.Eq("id", nil),
			tokencore.Eq("username", int64(1)),
			tokencore.Eq("is_active", "true"),
			tokencore.Eq("created", int64(1)),
			compare("id", tokencore.Contains, "1"),
			compare("created", tokencore.HasPrefix, "2024"),
			compare("is_active", tokencore.Greater, false),
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
