package awxapi

import (
	"net/url"
	"slices"
	"strings"
)

// query is the query string, in the order in which it was sent.
type query []parameter

type parameter struct{ key, value string }

// parseQuery never fails: an escape that is none stands for itself, as in Python.
// (net/url drops such a parameter, and a list without its filter shows too much.)
func parseQuery(raw string) query {
	if raw == "" {
		return nil
	}
	var q query
	for part := range strings.SplitSeq(raw, "&") {
		if part == "" {
			continue
		}
		key, value, _ := strings.Cut(part, "=")
		q = append(q, parameter{unescapeQuery(key), unescapeQuery(value)})
	}
	return q
}

func unescapeQuery(s string) string {
	s = strings.ReplaceAll(s, "+", " ")
	if decoded, err := url.PathUnescape(s); err == nil {
		return strings.ToValidUTF8(decoded, "\ufffd")
	}
	var b strings.Builder
	for len(s) > 0 {
		const escape = 3
		if s[0] == '%' && len(s) >= escape {
			if decoded, err := url.PathUnescape(s[:escape]); err == nil {
				b.WriteString(decoded)
				s = s[escape:]
				continue
			}
		}
		b.WriteByte(s[0])
		s = s[1:]
	}
	return strings.ToValidUTF8(b.String(), "\ufffd")
}

// last returns the last value of a key, which is the one that counts.
func (q query) last(key string) (string, bool) {
	for _, p := range slices.Backward(q) {
		if p.key == key {
			return p.value, true
		}
	}
	return "", false
}

// with returns the query in the order and encoding of AWX's links, with one key replaced.
func (q query) with(replacements ...parameter) string {
	values := url.Values{}
	for _, p := range q {
		values.Add(p.key, p.value)
	}
	for _, p := range replacements {
		values.Set(p.key, p.value)
	}
	return values.Encode()
}

// grouped is a key with all its values, at the place of the first.
type grouped struct {
	key    string
	values []string
}

func (q query) grouped() []grouped {
	var all []grouped
	for _, p := range q {
		i := slices.IndexFunc(all, func(g grouped) bool { return g.key == p.key })
		if i < 0 {
			all = append(all, grouped{p.key, []string{p.value}})
			continue
		}
		all[i].values = append(all[i].values, p.value)
	}
	return all
}
