package awxapi

import (
	"fmt"
	"math"
	"strings"
)

// convert reads a value as the type of the path's field; nil is null. The messages
// are Django's.
func (p path) convert(value string) (any, error) {
	switch p.field.kind {
	case textField:
		return value, nil
	case booleanField:
		return pythonBool(value)
	case timeField:
		return djangoTime(value)
	case numberField:
		if n, ok := pythonInt(value); ok {
			return max(n, math.MinInt64+p.field.offset) - p.field.offset, nil
		}
		return nil, invalidValue(fmt.Sprintf("“%s” value must be an integer.", value))
	default:
		if lower := strings.ToLower(value); lower == "null" || lower == "none" {
			return nil, nil
		}
		if n, ok := pythonInt(value); ok {
			return n, nil
		}
		return nil, badRequest("Invalid " + p.name + " id: " + value)
	}
}

// invalidValue is how AWX prints Django's list of one message: as JSON in a string.
func invalidValue(text string) *problem {
	encoded, err := encodeJSON([]string{text})
	if err != nil {
		return badRequest(text)
	}
	return badRequest(string(encoded))
}

// pythonBool reads a truth value as AWX does in filters.
func pythonBool(value string) (any, error) {
	switch strings.ToLower(value) {
	case "true", "1", "t":
		return true, nil
	case "false", "0", "f":
		return false, nil
	default:
		return nil, badRequest(fmt.Sprintf("Unable to convert \"%s\" to boolean", value))
	}
}
