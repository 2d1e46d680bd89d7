package tokencore

import (
	"bytes"
	"cmp"
	"encoding/json"
	"maps"
	"slices"
)

// An activity entry shows the value of a setting as AWX does: numbers, truths and
// texts as they are, lists and objects as text, written by Python's json.dumps.

// givenValue is a value that was sent, in the order in which it was.
func givenValue(value json.RawMessage) any {
	if !isComposite(value) {
		return value
	}
	return spaced(value)
}

// storedValue is a value that AWX had read from its database, PostgreSQL, which sorts
// the keys of an object: shorter ones first.
func storedValue(value json.RawMessage) any {
	if !isComposite(value) {
		return value
	}
	return spaced(sortedByLength(value))
}

func isComposite(value json.RawMessage) bool {
	return len(value) > 0 && (value[0] == '{' || value[0] == '[')
}

// spaced puts Python's space behind every separator.
func spaced(value json.RawMessage) string {
	var compact, b bytes.Buffer
	if json.Compact(&compact, value) != nil {
		return string(value) // not JSON: shown as it is
	}
	inText := false
	for i, c := range compact.Bytes() {
		b.WriteByte(c)
		switch {
		case c == '"' && !escaped(compact.Bytes()[:i]):
			inText = !inText
		case !inText && (c == ',' || c == ':'):
			b.WriteByte(' ')
		}
	}
	return b.String()
}

// escaped reports whether what comes next has a backslash before it that counts.
func escaped(before []byte) bool {
	return (len(before)-len(bytes.TrimRight(before, `\`)))%2 == 1
}

func sortedByLength(value json.RawMessage) json.RawMessage {
	var object map[string]json.RawMessage
	if value[0] != '{' || json.Unmarshal(value, &object) != nil {
		return value
	}
	keys := slices.SortedFunc(maps.Keys(object), func(a, b string) int {
		return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b))
	})
	members := make([]pair, len(keys))
	for i, key := range keys {
		members[i] = pair{key, object[key]}
		if isComposite(object[key]) {
			members[i].value = sortedByLength(object[key])
		}
	}
	return changesOf(members...)
}
