package awxapi

import (
	"net/http"
	"slices"
	"strings"

	"github.com/awxgate/awxgate/tokencore"
)

// search demands every word of the parameter "search" in any of the model's columns.
func (r *request) search(m *model) (tokencore.And, error) {
	text, _ := r.query.last("search")
	if strings.ContainsRune(text, 0) {
		return nil, &problem{http.StatusBadRequest, []string{"Null characters are not allowed."}}
	}
	words := smartSplit(text)
	if len(words) > maxFilters {
		return nil, badRequest("Too many words to search for.")
	}
	var all tokencore.And
	for _, word := range words {
		var anywhere tokencore.Or
		for _, column := range m.search {
			anywhere = append(anywhere, tokencore.Compare{Field: column, Op: tokencore.ContainsFold, Value: word})
		}
		if anywhere != nil {
			all = append(all, anywhere)
		}
	}
	return all, nil
}

// relatedSearch is what the parameters "<relation>__search" ask for: any of the
// terms, or each of them if one parameter has a comma, in the related rows.
type relatedSearch struct {
	terms     []searchTerm
	everyTerm bool
}

// searchTerm is a text with the columns in which it may be. A text that is searched
// for in two relations is looked for in the last, as in AWX.
type searchTerm struct {
	text     string
	criteria []criterion
}

func (s *relatedSearch) read(m *model, key string, values []string) error {
	if strings.Contains(values[0], ",") {
		s.everyTerm = true
		values = strings.Split(strings.Join(values, ","), ",")
	}
	if len(s.terms)+len(values) > maxFilters {
		return badRequest("Too many words to search for.")
	}
	for _, value := range values {
		criteria, err := m.relatedSearch(strings.TrimSuffix(key, "__search"), value)
		if err != nil {
			return err
		}
		if i := slices.IndexFunc(s.terms, func(t searchTerm) bool { return t.text == value }); i >= 0 {
			s.terms[i].criteria = criteria
			continue
		}
		s.terms = append(s.terms, searchTerm{value, criteria})
	}
	return nil
}

// relatedSearch makes the criteria of which any must hold.
func (m *model) relatedSearch(text, value string) ([]criterion, error) {
	p, err := m.resolve(text)
	if err != nil {
		return nil, err
	}
	if p.field.related == nil {
		return nil, badRequest(p.text + " is not searchable")
	}
	if strings.ContainsRune(value, 0) {
		return nil, badRequest("Null characters are not allowed.")
	}
	columns := p.field.related.search
	p.account = p.account || p.field.related.isAccount()
	p.enter(p.field)
	var criteria []criterion
	for _, column := range columns {
		p.field = field{kind: textField, column: column}
		criteria = append(criteria, criterion{path: p, lookup: "icontains", value: value})
	}
	return criteria, nil
}

func (s *relatedSearch) criteria() []criterion {
	var all []criterion
	for _, term := range s.terms {
		all = append(all, term.criteria...)
	}
	return all
}
