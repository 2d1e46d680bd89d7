package awxapi

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/awxgate/awxgate/tokencore"
)

// relatedID reads a reference as AWX's permission layer does, before any field is
// validated (access.py, get_object_from_data). An absent one is 0.
func (a *API) relatedID(r *request, key, model string, find func(id int64) error) (int64, error) {
	value := r.body[key]
	if value == nil {
		return 0, nil
	}
	if truth, isBool := value.(bool); isBool {
		value = number("0")
		if truth {
			value = number("1") // Python's int(True)
		}
	}
	id, ok := referenceID(value)
	if !ok {
		return 0, badRequest("Bad data found in related field " + key + ".")
	}
	err := findPositive(id, find)
	if errors.Is(err, tokencore.ErrNotFound) {
		return 0, badRequest(model + " matching query does not exist.")
	}
	return id, err
}

// invalidPK is AWX's message about a reference to nothing.
func invalidPK(id string) string {
	return fmt.Sprintf("Invalid pk \"%s\" - object does not exist.", id)
}

// onlyTechnical forgives that something is missing or not to be seen, but never
// that it is unknown.
func onlyTechnical(err error) error {
	var p *problem
	if errors.As(err, &p) && (p.status == http.StatusNotFound || p.status == http.StatusForbidden) {
		return nil
	}
	return err
}
