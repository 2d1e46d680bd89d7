package awxapi

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
	"unicode/utf8"
)

// maxBody bounds a request body. The largest that a client has reason to send is a
// few kilobytes.
const maxBody = 1 << 20

const (
	textContentType = "You did not use correct Content-Type in your HTTP request. If you are using our REST API, the Content-Type must be application/json"
	textNull        = "This field may not be null."
)

// readBody reads the JSON object of any method. An empty body is an empty object
// whatever its type is said to be.
func (r *request) readBody(w http.ResponseWriter) error {
	text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	switch {
	case err != nil:
		return unreadable(err)
	case len(text) == 0:
		return nil
	}
	if mediaType, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); mediaType != "application/json" {
		return detail(http.StatusUnsupportedMediaType, textContentType)
	}
	value, err := parseBody(text)
	if err != nil {
		return err
	}
	switch value := value.(type) {
	case object:
		r.body = value
	case nil:
		r.null = true
	default:
		return badRequest("JSON parse error - not a JSON object")
	}
	return nil
}

// unreadable says why a body could not be read.
func unreadable(err error) error {
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		return detail(http.StatusRequestEntityTooLarge, "Request body is too large.")
	}
	return badRequest("The request body could not be read.")
}

// parseBody reports errors as AWX does, but for one thing: of bytes that are not
// UTF-8 AWX repeats the whole body, which may hold a password.
func parseBody(text []byte) (any, error) {
	if !utf8.Valid(text) {
		at := 0
		for at < len(text) {
			c, size := utf8.DecodeRune(text[at:])
			if c == utf8.RuneError && size == 1 {
				break
			}
			at += size
		}
		return nil, jsonError(fmt.Sprintf("'utf-8' codec can't decode byte 0x%02x in position %d", text[at], at))
	}
	if bytes.HasPrefix(text, []byte("\ufeff")) {
		return nil, jsonError("Unexpected UTF-8 BOM (decode using utf-8-sig): line 1 column 1 (char 0)")
	}
	value, err := parseJSON(string(text))
	if err != nil {
		return nil, jsonError(err.Error())
	}
	return value, nil
}

func jsonError(reason string) error {
	return badRequest("JSON parse error - " + reason + "\nPossible cause: trailing comma.")
}

// object returns the body, or AWX's answer to a null one.
func (r *request) object() (object, error) {
	if r.null {
		return nil, invalid("", textNull)
	}
	return r.body, nil
}

// typeName is Python's name of a JSON value's type, as it stands in AWX's messages.
func typeName(value any) string {
	switch value := value.(type) {
	case nil:
		return "NoneType"
	case bool:
		return "bool"
	case string:
		return "str"
	case number:
		if value.isInteger() {
			return "int"
		}
		return "float"
	case []any:
		return "list"
	default:
		return "OrderedDict"
	}
}

// isEmpty reports whether Python takes a JSON value for false.
func isEmpty(value any) bool {
	switch value := value.(type) {
	case nil:
		return true
	case bool:
		return !value
	case string:
		return value == ""
	case number:
		return value.isZero()
	case []any:
		return len(value) == 0
	case object:
		return len(value) == 0
	default:
		return false
	}
}

// asText is Python's str() of a scalar.
func asText(value any) string {
	switch value := value.(type) {
	case nil:
		return "None"
	case bool:
		if value {
			return "True"
		}
		return "False"
	case string:
		return value
	case number:
		return value.text()
	default:
		text, err := encodeJSON(value)
		if err != nil {
			return typeName(value)
		}
		return strings.ToValidUTF8(string(text), "\ufffd")
	}
}
