package tokencore

// Query selects a page of rows. The zero Query is every row by ascending id.
type Query struct {
	Where     Expr // nil: no condition
	Order     []Order
	Offset    int
	Limit     int  // 0: no limit
	SkipCount bool // do not count all matching rows
}

// Field names a column or, after one dot, a column of the one row that a relation
// leads to, such as "application.organization". A relation alone is the id of that
// row. Where there is no such row, every field of it is absent (null). Relations do
// not chain: there is never a second dot. Stores translate fields by an allow-list
// in which no digest, hint or password occurs, and answer ErrField to every other name.
type Field string

// Order sorts by a field. Stores append the id, so that pages never overlap.
type Order struct {
	Field      Field
	Descending bool
}

// Expr is a condition: And, Or, Not, Compare or Related.
type Expr interface{ expr() }

// And holds when every part holds; the empty And always holds.
type And []Expr

// Or holds when any part holds; the empty Or never holds.
type Or []Expr

// Not holds when its part does not. A comparison with an absent (null) value
// does not hold, and its Not does, as in Django.
type Not struct{ Expr Expr }

// Compare tests a field against a value.
type Compare struct {
	Field Field
	Op    Op
	Value any // see Op
}

// Related holds when some row of a relation to many satisfies Where; nil asks for
// any row. Where is about the own fields of that row: a field with a dot or another
// Related in it is ErrField, and so is a relation that the rows do not have.
type Related struct {
	Relation string
	Where    Expr
}

func (And) expr()     {}
func (Or) expr()      {}
func (Not) expr()     {}
func (Compare) expr() {}
func (Related) expr() {}

// Op is a comparison. Where nothing else is said the value is int64, string, bool or
// time.Time, matching the column.
//
// Those whose value is a text look at the text of columns of every type, as AWX does:
// numbers are decimal, booleans "true" or "false", times as PostgreSQL writes
// them, in UTC ("2024-07-02 10:30:00.12+00"). Those with Fold in their name fold ASCII
// letters only, but for RegexFold, which folds all of Unicode.
//
// Patterns have the syntax of package regexp, so that no pattern takes more than
// linear time. They match anywhere in the text, and a dot matches line breaks too, as in
// PostgreSQL. One that is invalid, or needs more than 2000 steps per character, is ErrField.
type Op uint8

// The comparisons.
const (
	Equal         Op = iota + 1
	EqualFold        // text
	Contains         // text
	ContainsFold     // text
	HasPrefix        // text
	HasPrefixFold    // text
	HasSuffix        // text
	HasSuffixFold    // text
	Regex            // text: a pattern
	RegexFold        // text: a pattern
	Greater
	GreaterOrEqual
	Less
	LessOrEqual
	In     // []int64 or []string; an empty list never holds
	IsNull // bool: true asks for absent values, false for present ones
)

// Eq is short for the most common comparison.
func Eq(field Field, value any) Compare { return Compare{Field: field, Op: Equal, Value: value} }
