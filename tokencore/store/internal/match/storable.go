package match

import (
	"fmt"
	"reflect"
	"strings"
	"unicode/utf8"

	"github.com/awxgate/awxgate/tokencore"
)

// ErrText is why a comparison with a text that no store keeps is refused.
var ErrText = fmt.Errorf("%w: a text with U+0000 or that is not UTF-8", tokencore.ErrField)

// Storable reports whether stores keep the text: PostgreSQL keeps UTF-8 without U+0000,
// and so all do.
func Storable(text string) bool { return utf8.ValidString(text) && !strings.Contains(text, "\x00") }

// Comparable is ErrText if the value of a comparison is, or holds, no such text.
func Comparable(value any) error {
	texts, _ := value.([]string)
	if text, ok := value.(string); ok {
		texts = []string{text}
	}
	return problem(texts, ErrText)
}

// Writable is an *InvalidError, in AWX's words, if one of the values is, or holds, no
// such text. Of a struct its own fields are looked at.
func Writable(values ...any) error {
	for _, value := range values {
		texts, _ := value.([]string)
		switch v := reflect.ValueOf(value); v.Kind() {
		case reflect.String:
			texts = []string{v.String()}
		case reflect.Struct:
			for _, field := range v.Fields() {
				if field.Kind() == reflect.String {
					texts = append(texts, field.String())
				}
			}
		default:
		}
		if err := problem(texts, &tokencore.InvalidError{Message: "Null characters are not allowed."}); err != nil {
			return err
		}
	}
	return nil
}

func problem(texts []string, err error) error {
	for _, text := range texts {
		if !Storable(text) {
			return err
		}
	}
	return nil
}
