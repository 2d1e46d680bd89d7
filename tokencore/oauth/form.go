package oauth

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

// maxBody is far more than any of these requests needs.
const maxBody = 1 << 20

// parameters are all that these endpoints read. Others, such as "request_uri" or
// "audience", mean something to fosite but nothing to AWX, and are not kept.
var parameters = []string{
	"grant_type", "client_id", "client_secret", "username", "password", "scope",
	"code", "redirect_uri", "code_verifier", "refresh_token", "token",
	"response_type", "state", "code_challenge", "code_challenge_method", "allow",
}

// readBody reads a form as Django does: URL-encoded or multipart, of repeated
// parameters the last. Any other body has no parameters.
func readBody(w http.ResponseWriter, r *http.Request) (url.Values, error) {
	body := http.MaxBytesReader(w, r.Body, maxBody)
	// A bad parameter of the media type does not matter.
	mediaType, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch mediaType {
	case "application/x-www-form-urlencoded":
		content, err := io.ReadAll(body)
		if err != nil {
			return nil, bodyError(err)
		}
		form, _ := parseForm(string(content))
		return form, nil
	case "multipart/form-data":
		r.Body = body
		if err := r.ParseMultipartForm(maxBody); err != nil { //nolint:gosec // r.Body is the bounded reader
			return nil, bodyError(err)
		}
		defer func() { _ = r.MultipartForm.RemoveAll() }()
		form := url.Values{}
		for name, values := range r.MultipartForm.Value {
			if len(values) > 0 && slices.Contains(parameters, name) {
				form.Set(name, readable(values[len(values)-1]))
			}
		}
		return form, nil
	default:
		return url.Values{}, nil
	}
}

func bodyError(err error) error {
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		return errBodyTooLarge
	}
	return errBody
}

// parseForm splits a query or body as forgivingly as Python: scripts send
// passwords with a bare "%" or ";", which url.ParseQuery refuses.
func parseForm(encoded string) (form url.Values, repeated []string) {
	form = url.Values{}
	for pair := range strings.SplitSeq(encoded, "&") {
		name, value, _ := strings.Cut(pair, "=")
		name = unescape(name)
		if !slices.Contains(parameters, name) {
			continue
		}
		if form.Has(name) {
			repeated = append(repeated, name)
		}
		form.Set(name, unescape(value))
	}
	return form, repeated
}

// unescape decodes "+" and every valid "%xx", and keeps what is not valid.
func unescape(escaped string) string {
	if !strings.ContainsAny(escaped, "+%") {
		return readable(escaped)
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
	return readable(string(decoded))
}

// readable replaces bytes that are not UTF-8, which databases refuse.
func readable(s string) string { return strings.ToValidUTF8(s, "\ufffd") }
