package awxapi

import "encoding/json"

// members is a JSON object that keeps its order.
type members []member

type member struct {
	key   string
	value any
}

// MarshalJSON implements json.Marshaler.
func (m members) MarshalJSON() ([]byte, error) {
	b := []byte{'{'}
	for i, entry := range m {
		if i > 0 {
			b = append(b, ',')
		}
		key, err := encodeJSON(entry.key)
		if err != nil {
			return nil, err
		}
		value, err := encodeJSON(entry.value)
		if err != nil {
			return nil, err
		}
		b = append(append(append(b, key...), ':'), value...)
	}
	return append(b, '}'), nil
}

var _ json.Marshaler = members(nil)
