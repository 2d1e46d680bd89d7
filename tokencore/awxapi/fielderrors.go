package awxapi

import "encoding/json"

// fieldErrors is AWX's body of a validation error: for each field a list of
// sentences, in the order of the fields.
type fieldErrors []fieldError

type fieldError struct {
	field string
	texts []string
}

// allFields stands for the object as a whole.
const allFields = "__all__"

// add appends sentences about a field; an empty field is the object as a whole.
func (e *fieldErrors) add(field string, texts ...string) {
	if field == "" {
		field = allFields
	}
	for i := range *e {
		if (*e)[i].field == field {
			(*e)[i].texts = append((*e)[i].texts, texts...)
			return
		}
	}
	*e = append(*e, fieldError{field, texts})
}

// MarshalJSON keeps the order.
func (e fieldErrors) MarshalJSON() ([]byte, error) {
	b := []byte{'{'}
	for i, entry := range e {
		if i > 0 {
			b = append(b, ',')
		}
		key, err := encodeJSON(entry.field)
		if err != nil {
			return nil, err
		}
		texts, err := encodeJSON(entry.texts)
		if err != nil {
			return nil, err
		}
		b = append(append(append(b, key...), ':'), texts...)
	}
	return append(b, '}'), nil
}

var _ json.Marshaler = fieldErrors(nil)
