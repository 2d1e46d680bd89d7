package storetest

import (
	"time"

	"github.com/awxgate/awxgate/tokencore"
)

// people are the users that queries select from, by position from 1.
var people = []tokencore.User{
	1: {
		Username: "ann", FirstName: "Ann", Email: "ann@example.com", IsActive: true, Created: start,
		Modified: start.Truncate(10 * time.Millisecond),
	},
	2: {
		Username: "bob", FirstName: "100%", Email: "b_b@example.com", IsActive: true, LastLogin: start, Created: start,
		Modified: start.Truncate(time.Second),
	},
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
	{"Regex", compare("username", tokencore.Regex, "^[a-c][ao]"), []int64{2, 3}},
	{"Regex matches anywhere", compare("username", tokencore.Regex, "n"), []int64{1, 4}},
	{"Regex tells cases apart", compare("username", tokencore.Regex, "^ANN$"), nil},
	{"RegexFold", compare("username", tokencore.RegexFold, "^ANN$"), []int64{1}},
	{"RegexFold folds all of Unicode", compare("first_name", tokencore.RegexFold, "^änn$"), []int64{4, 5}},
	{"Regex of the empty pattern", compare("email", tokencore.Regex, ""), []int64{1, 2, 3, 4, 5}},
	{"Regex may hold an alternative", compare("username", tokencore.Regex, "^ann|eve$"), []int64{1, 5}},
	{"Regex may set flags of its own", compare("username", tokencore.Regex, "(?i)^ANN$"), []int64{1}},
	{"in a Regex a dot is a letter, not a byte", compare("last_name", tokencore.Regex, "^.and.$"), []int64{3}},
	{"not Regex", tokencore.Not{Expr: compare("username", tokencore.Regex, "n")}, []int64{2, 3, 5}},
	{"a number as text", compare("id", tokencore.EqualFold, "3"), []int64{3}},
	{"a number as text is decimal", compare("id", tokencore.Contains, "03"), nil},
	{"a number in a Regex", compare("id", tokencore.Regex, "^[24]$"), []int64{2, 4}},
	{"a boolean as text", compare("is_active", tokencore.HasPrefix, "tr"), []int64{1, 2}},
	{"a boolean as text, folded", compare("is_active", tokencore.ContainsFold, "ALS"), []int64{3, 4, 5}},
	{"a boolean in a Regex", compare("is_active", tokencore.RegexFold, "^TRUE$"), []int64{1, 2}},
	{"a time as text", compare("last_login", tokencore.EqualFold, "2024-07-02 10:30:00.123456+00"), []int64{2}},
	{"a time as text has no zeros at its end", compare("modified", tokencore.HasSuffix, "10:30:00.12+00"), []int64{1}},
	{"a time as text, of a full second", compare("modified", tokencore.HasSuffix, "10:30:00+00"), []int64{2}},
	{"a time as text, by day", compare("last_login", tokencore.HasPrefix, "2024-07-02 "), []int64{2, 5}},
	{"a time in a Regex", compare("last_login", tokencore.Regex, `57\+00$`), []int64{5}},
	{"an absent value has no text", compare("last_login", tokencore.Contains, ""), []int64{2, 5}},
	{"an absent value matches no Regex", compare("last_login", tokencore.Regex, ""), []int64{2, 5}},
	{"not the text of an absent value", tokencore.Not{Expr: compare("last_login", tokencore.Contains, "2024")}, []int64{1, 3, 4}},
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
