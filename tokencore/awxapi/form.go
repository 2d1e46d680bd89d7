package awxapi

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/awxgate/awxgate/tokencore"
)

const (
	textRequired  = "This field is required."
	textBlank     = "This field may not be blank."
	textNotString = "Not a valid string."
	textBoolean   = "Must be a valid boolean."
)

// form reads the fields of a body by the rules of Django REST framework's
// serializer fields as AWX configures them, and collects what is wrong with them in the order
// in which they are asked for, which must be that of AWX's serializer.
//
// Each method returns the value and whether the body has the field and it is valid.
type form struct {
	in     object
	errors fieldErrors
	failed error // technical; the fields then say nothing
}

func newForm(in object) *form { return &form{in: in} }

// problem returns what must be answered instead of going on, or nil.
func (f *form) problem() error {
	if f.failed != nil {
		return f.failed
	}
	if len(f.errors) > 0 {
		return &problem{http.StatusBadRequest, f.errors}
	}
	return nil
}

// textRule restricts a text field. The zero rule takes everything that AWX takes:
// null becomes the empty string, a number its digits.
type textRule struct {
	required bool
	notNull  bool
	notBlank bool
	max      int // characters; 0: any number
}

// text reads a string, trimmed.
func (f *form) text(key string, rule textRule) (string, bool) {
	value, given := f.in[key]
	if !given {
		if rule.required {
			f.errors.add(key, textRequired)
		}
		return "", false
	}
	if value == nil && rule.notNull {
		f.errors.add(key, textNull)
		return "", false
	}
	if isEmpty(value) {
		value = ""
	}
	switch value.(type) {
	case string, number:
	default:
		f.errors.add(key, textNotString)
		return "", false
	}
	text := strings.TrimSpace(asText(value))
	if text == "" && rule.notBlank {
		f.errors.add(key, textBlank)
		return "", false
	}
	if faults := textFaults(text, rule.max); len(faults) > 0 {
		f.errors.add(key, faults...)
		return "", false
	}
	return text, true
}

// textFaults lists what no text may be: too long, or with characters that no
// database takes.
func textFaults(text string, most int) []string {
	var faults []string
	if most > 0 && utf8.RuneCountInString(text) > most {
		faults = append(faults, fmt.Sprintf("Ensure this field has no more than %d characters.", most))
	}
	if strings.ContainsRune(text, 0) {
		faults = append(faults, "Null characters are not allowed.")
	}
	for i := 0; i < len(text); {
		c, size := utf8.DecodeRuneInString(text[i:])
		if c == utf8.RuneError && size == 1 {
			faults = append(faults, fmt.Sprintf("Surrogate characters are not allowed: U+%04X.", surrogateAt(text, i)))
			break
		}
		i += size
	}
	return faults
}

// surrogateAt undoes what jsonParser.escape did.
func surrogateAt(text string, i int) rune {
	const size = 3
	if len(text) < i+size {
		return utf8.RuneError
	}
	return rune(text[i]&0x0f)<<12 | rune(text[i+1]&0x3f)<<6 | rune(text[i+2]&0x3f)
}

// boolean reads a truth value in any of the spellings that AWX takes; null and ""
// are false.
func (f *form) boolean(key string) (value, given bool) {
	raw, given := f.in[key]
	if !given {
		return false, false
	}
	var word string
	switch raw.(type) {
	case nil, bool, string, number:
		word = strings.ToLower(asText(raw))
	default:
		f.errors.add(key, textBoolean)
		return false, false
	}
	switch word {
	case "true", "t", "yes", "y", "on", "1", "1.0":
		return true, true
	case "false", "f", "no", "n", "off", "0", "0.0", "none", "null", "":
		return false, true
	default:
		f.errors.add(key, textBoolean)
		return false, false
	}
}

// choice reads one of a few words.
func (f *form) choice(key string, required bool, choices ...string) (string, bool) {
	value, given := f.in[key]
	if !given {
		if required {
			f.errors.add(key, textRequired)
		}
		return "", false
	}
	word := ""
	if value != nil {
		word = asText(value)
	}
	if !slices.Contains(choices, word) {
		f.errors.add(key, `"`+printable(word)+`" is not a valid choice.`)
		return "", false
	}
	return word, true
}

// printable makes a text fit for a message.
func printable(text string) string { return strings.ToValidUTF8(text, "\ufffd") }

// reference reads the id of another row, which find must know: nil, ErrNotFound, or
// a technical failure. The id of an optional reference is 0 for null.
func (f *form) reference(key string, rule referenceRule, find func(id int64) error) (int64, bool) {
	value, given := f.in[key]
	if !given {
		if rule.required {
			f.errors.add(key, textRequired)
		}
		return 0, false
	}
	if value == nil || value == "" {
		if rule.nullable {
			return 0, true
		}
		f.errors.add(key, textNull)
		return 0, false
	}
	id, ok := referenceID(value)
	if !ok {
		f.errors.add(key, fmt.Sprintf("Incorrect type. Expected pk value, received %s.", typeName(value)))
		return 0, false
	}
	switch err := findPositive(id, find); {
	case err == nil:
		return id, true
	case errors.Is(err, tokencore.ErrNotFound):
		f.errors.add(key, fmt.Sprintf("Invalid pk \"%s\" - object does not exist.", printable(asText(value))))
	case f.failed == nil:
		f.failed = err
	}
	return 0, false
}

// referenceRule says whether a reference may be absent.
type referenceRule struct {
	required bool
	nullable bool
}

// referenceID reads an id as Python's int() would, but for booleans. An integer that
// is too large is 0, which no row has.
func referenceID(value any) (id int64, ok bool) {
	switch value := value.(type) {
	case number:
		if id, ok := value.integer(); ok {
			return id, true
		}
		return 0, value.isInteger()
	case string:
		digits := strings.TrimSpace(value)
		if !isID(strings.TrimPrefix(digits, "-")) {
			return 0, false
		}
		id, err := strconv.ParseInt(digits, 10, 64)
		if err != nil {
			return 0, true
		}
		return id, true
	default:
		return 0, false
	}
}

// findPositive spares the store a search for what cannot exist.
func findPositive(id int64, find func(id int64) error) error {
	if id <= 0 {
		return tokencore.ErrNotFound
	}
	return find(id)
}
