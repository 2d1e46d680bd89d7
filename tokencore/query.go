package tokencore

// Query selects a page of rows. The zero Query is every row by ascending id.
type Query struct {
	Where     Expr // nil: no condition
	Order     []Order
	Offset    int
	Limit     int  // 0: no limit
	SkipCount bool // do not count all matching rows
}

// Field names a column or, after one dot, a column of a related row, such as
// "application.organization". Stores translate fields by an allow-list in which
// no digest, hint or password occurs, and answer ErrField to every other name.
type Field string

// Order sorts by a field. Stores append the id, so that pages never overlap.
type Order struct {
	Field      Field
	Descending bool
}

// Expr is a condition: And, Or, Not or Compare.
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

func (And) expr()     {}
func (Or) expr()      {}
func (Not) expr()     {}
func (Compare) expr() {}

// Op is a comparison. Where nothing else is said the value is int64, string, bool or
// time.Time, matching the column.
type Op uint8

// The comparisons.
const (
	Equal         Op = iota + 1
	EqualFold        // string
	Contains         // string
	ContainsFold     // string
	HasPrefix        // string
	HasPrefixFold    // string
	HasSuffix        // string
	HasSuffixFold    // string
	Greater
	GreaterOrEqual
	Less
	LessOrEqual
	In     // []int64 or []string; an empty list never holds
	IsNull // bool: true asks for absent values, false for present ones
)

// Eq is short for the most common comparison.
func Eq(field Field, value any) Compare { return Compare{Field: field, Op: Equal, Value: value} }
