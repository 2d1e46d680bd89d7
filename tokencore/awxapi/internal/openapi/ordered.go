package openapi

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// Ordered is a JSON object that keeps the order of its members.
type Ordered[V any] []Member[V]

// Member is one of them.
type Member[V any] struct {
	Name  string
	Value V
}

// Get returns the value of a name, the zero value if there is none.
func (o Ordered[V]) Get(name string) (value V) {
	for _, m := range o {
		if m.Name == name {
			return m.Value
		}
	}
	return value
}

// MarshalJSON implements json.Marshaler.
func (o Ordered[V]) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, m := range o {
		if i > 0 {
			b.WriteByte(',')
		}
		name, err := json.Marshal(m.Name)
		if err != nil {
			return nil, fmt.Errorf("encoding name %q: %w", m.Name, err)
		}
		value, err := json.Marshal(m.Value)
		if err != nil {
			return nil, fmt.Errorf("encoding %q: %w", m.Name, err)
		}
		b.Write(name)
		b.WriteByte(':')
		b.Write(value)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

var _ json.Marshaler = Ordered[int](nil)
