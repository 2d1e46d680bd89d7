package awxapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
)

// document is a JSON object of AWX's: its members in their order, and every key and value
// byte by byte as AWX wrote it, so that no number is rounded and no text rewritten.
type document []documentMember

type documentMember struct {
	key   string          // decoded
	name  json.RawMessage // the key as it is written
	value json.RawMessage
}

// parseDocument reads one JSON object.
func parseDocument(text []byte) (document, error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	opening, err := decoder.Token()
	if err != nil {
		return nil, fmt.Errorf("reading document: %w", err)
	}
	if opening != json.Delim('{') {
		return nil, errors.New("not a JSON object")
	}
	d := document{}
	for decoder.More() {
		before := decoder.InputOffset()
		key, err := decoder.Token()
		if err != nil {
			return nil, fmt.Errorf("reading key: %w", err)
		}
		m := documentMember{name: bytes.Trim(text[before:decoder.InputOffset()], ", \t\r\n")}
		m.key, _ = key.(string) // of an object the decoder returns nothing else here
		if err := decoder.Decode(&m.value); err != nil {
			return nil, fmt.Errorf("reading value: %w", err)
		}
		d = append(d, m)
	}
	if _, err := decoder.Token(); err != nil {
		return nil, fmt.Errorf("reading end: %w", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("more than one JSON value")
	}
	return d, nil
}

// get returns the value of a key; of several the last, which is what counts.
func (d document) get(key string) (json.RawMessage, bool) {
	for _, m := range slices.Backward(d) {
		if m.key == key {
			return m.value, true
		}
	}
	return nil, false
}

// put sets a value. A key that is not there yet comes to the place that it has in the
// order: behind the nearest of its predecessors that is there; without one at the end.
func (d document) put(key string, value json.RawMessage, order []string) document {
	if at := d.index(key); at >= 0 {
		d[at].value = value
		return d
	}
	at := len(d)
	for _, earlier := range slices.Backward(order[:max(0, slices.Index(order, key))]) {
		if i := d.index(earlier); i >= 0 {
			at = i + 1
			break
		}
	}
	return slices.Insert(d, at, documentMember{key, encoded(key), value})
}

// index is where the key is, the last time; -1 if nowhere.
func (d document) index(key string) int {
	for i, m := range slices.Backward(d) {
		if m.key == key {
			return i
		}
	}
	return -1
}

// without leaves out the members that a condition holds for.
func (d document) without(leave func(key string) bool) document {
	return slices.DeleteFunc(slices.Clone(d), func(m documentMember) bool { return leave(m.key) })
}

// text writes the object, without space between its members.
func (d document) text() []byte {
	b := []byte{'{'}
	for i, m := range d {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(append(append(b, m.name...), ':'), m.value...)
	}
	return append(b, '}')
}
