// Package webform reads forms and queries as forgivingly as AWX, which is to say
// Python, does: scripts send passwords with a bare "%" or ";", which net/url refuses.
package webform

import (
	"encoding/hex"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// maxBody is far more than any form here needs.
const maxBody = 1 << 20

// What can be wrong with a form's body.
var (
	ErrTooLarge   = errors.New("the request body is too large")
	ErrUnreadable = errors.New("the request body cannot be read")
)

// Read reads the named fields of a form: URL-encoded or multipart, of repeated fields the
// last. Any other body has no fields. ErrTooLarge, ErrUnreadable.
func Read(w http.ResponseWriter, r *http.Request, names []string) (url.Values, error) {
	body := http.MaxBytesReader(w, r.Body, maxBody)
	// A bad parameter of the media type does not matter.
	mediaType, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch mediaType {
	case "application/x-www-form-urlencoded":
		content, err := io.ReadAll(body)
		if err != nil {
			return nil, bodyError(err)
		}
		form, _ := Parse(string(content), names)
		return form, nil
	case "multipart/form-data":
		r.Body = body
		if err := r.ParseMultipartForm(maxBody); err != nil { //nolint:gosec // r.Body is the bounded reader
			return nil, bodyError(err)
		}
		defer func() { _ = r.MultipartForm.RemoveAll() }()
		form := url.Values{}
		for name, values := range r.MultipartForm.Value {
			if len(values) > 0 && slices.Contains(names, name) {
				form.Set(name, Readable(values[len(values)-1]))
			}
		}
		return form, nil
	default:
		return url.Values{}, nil
	}
}

func bodyError(err error) error {
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		return ErrTooLarge
	}
	return ErrUnreadable
}

// Parse splits a query or body and keeps the named fields, of repeated ones the last.
func Parse(encoded string, names []string) (form url.Values, repeated []string) {
	form = url.Values{}
	for pair := range strings.SplitSeq(encoded, "&") {
		name, value, _ := strings.Cut(pair, "=")
		name = Unescape(name)
		if !slices.Contains(names, name) {
			continue
		}
		if form.Has(name) {
			repeated = append(repeated, name)
		}
		form.Set(name, Unescape(value))
	}
	return form, repeated
}

// Unescape decodes "+" and every valid "%xx", and keeps what is not valid.
func Unescape(escaped string) string {
	if !strings.ContainsAny(escaped, "+%") {
		return Readable(escaped)
	}
	decoded := make([]byte, 0, len(escaped))
	for i := 0; i < len(escaped); i++ {
		c := escaped[i]
		if c == '+' {
			c = ' '
		}
		if c == '%' && i+2 < len(escaped) {
			if b, err := hex.DecodeString(escaped[i+1 : i+3]); err == nil {
				c = b[0]
				i += 2
			}
		}
		decoded = append(decoded, c)
	}
	return Readable(string(decoded))
}

// Readable replaces bytes that are not UTF-8, which databases refuse.
func Readable(s string) string { return strings.ToValidUTF8(s, "\ufffd") }
