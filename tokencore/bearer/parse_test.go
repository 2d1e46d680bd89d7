package bearer_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/bearer"
)

const token = "6dJcUs5AQPLTf0YDuGFxLDrZRmbwfj"

func TestParse(t *testing.T) {
	tests := []struct {
		name   string
		values []string
		want   string
		err    error
	}{
		{"no field is no token", nil, "", bearer.ErrNone},
		{"an empty field is no token", []string{""}, "", bearer.ErrNone},
		{"Basic is no token", []string{"Basic YWRtaW46cGFzc3dvcmQ="}, "", bearer.ErrNone},
		{"a scheme that only starts like Bearer is another", []string{"BearerToken x"}, "", bearer.ErrNone},
		{"old AWX's Token scheme is another", []string{"Token abc"}, "", bearer.ErrNone},
		{"two fields without Bearer are no token", []string{"Basic a", "Digest b"}, "", bearer.ErrNone},

		{"a token is returned", []string{"Bearer " + token}, token, nil},
		{"the scheme may be in lower case", []string{"bearer " + token}, token, nil},
		{"the scheme may be in upper case", []string{"BEARER " + token}, token, nil},
		{"more spaces may follow the scheme, as in AWX", []string{"Bearer    " + token}, token, nil},
		{"all of token68 is a token", []string{"Bearer aZ09-._~+/=="}, "aZ09-._~+/==", nil},
		{"one character is a token", []string{"Bearer x"}, "x", nil},
		{"255 characters are a token", []string{"Bearer " + strings.Repeat("x", 255)}, strings.Repeat("x", 255), nil},

		{"256 characters are malformed", []string{"Bearer " + strings.Repeat("x", 256)}, "", bearer.ErrMalformed},
		{"a scheme alone is malformed", []string{"Bearer"}, "", bearer.ErrMalformed},
		{"a scheme and a space are malformed", []string{"Bearer "}, "", bearer.ErrMalformed},
		{"padding alone is malformed", []string{"Bearer ="}, "", bearer.ErrMalformed},
		{"padding inside is malformed", []string{"Bearer a=b"}, "", bearer.ErrMalformed},
		{"a tab after the scheme is malformed", []string{"Bearer\t" + token}, "", bearer.ErrMalformed},
		{"a tab after the space is malformed", []string{"Bearer \t" + token}, "", bearer.ErrMalformed},
		{"a folded line is malformed", []string{"Bearer a continued"}, "", bearer.ErrMalformed},
		{"a trailing space is malformed", []string{"Bearer " + token + " "}, "", bearer.ErrMalformed},
		{"a leading space is malformed", []string{" Bearer " + token}, "", bearer.ErrMalformed},
		{"a leading no-break space is malformed", []string{"\u00a0Bearer " + token}, "", bearer.ErrMalformed},
		{"a comma after the scheme is malformed", []string{"Bearer," + token}, "", bearer.ErrMalformed},
		{"a list of two tokens is malformed", []string{"Bearer a, Bearer b"}, "", bearer.ErrMalformed},
		{"a list that hides a token is malformed", []string{"Basic a, bearer b"}, "", bearer.ErrMalformed},
		{"NUL is malformed", []string{"Bearer a\x00b"}, "", bearer.ErrMalformed},
		{"a control byte is malformed", []string{"Bearer a\x1fb"}, "", bearer.ErrMalformed},
		{"bytes beyond ASCII are malformed", []string{"Bearer aé"}, "", bearer.ErrMalformed},
		{"quotes are malformed", []string{`Bearer "a"`}, "", bearer.ErrMalformed},
		{"two tokens are malformed", []string{"Bearer a", "Bearer b"}, "", bearer.ErrMalformed},
		{"the same token twice is malformed", []string{"Bearer a", "Bearer a"}, "", bearer.ErrMalformed},
		{"a token and Basic are malformed", []string{"Bearer a", "Basic b"}, "", bearer.ErrMalformed},
		{"Basic and a token are malformed", []string{"Basic b", "Bearer a"}, "", bearer.ErrMalformed},
		{"an empty field and a token are malformed", []string{"", "Bearer a"}, "", bearer.ErrMalformed},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := bearer.Parse(http.Header{"Authorization": tt.values})
			if !errors.Is(err, tt.err) || got.Reveal() != tt.want {
				t.Errorf("Parse(%q) = %q, %v; want %q, %v", tt.values, got.Reveal(), err, tt.want, tt.err)
			}
			if got, want := errors.Is(err, tokencore.ErrInvalidToken), tt.err == bearer.ErrMalformed; got != want { //nolint:errorlint // the table names the sentinel itself
				t.Errorf("matches ErrInvalidToken: %t, want %t", got, want)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	for _, value := range []string{"", "Bearer " + token, "bearer  x==", "Bearer\ta", "Basic b, Bearer a", "Bearer a=b", "\xa0Bearer a"} {
		f.Add(value, "")
		f.Add("Basic x", value)
	}
	f.Fuzz(func(t *testing.T, first, second string) {
		values := []string{first}
		if second != "" {
			values = append(values, second)
		}
		got, err := bearer.Parse(http.Header{"Authorization": values})
		switch {
		case err == nil:
			value := got.Reveal()
			if len(values) != 1 || value == "" || len(value) > 255 || strings.ContainsAny(value, " \t,\r\n\x00\"") {
				t.Fatalf("Parse(%q) accepted %q", values, value)
			}
			// What oauthlib, which AWX uses, makes of the field.
			if parts := strings.Fields(first); len(parts) != 2 || !strings.EqualFold(parts[0], "bearer") || parts[1] != value {
				t.Fatalf("Parse(%q) = %q, AWX reads %q", values, value, parts)
			}
		case errors.Is(err, bearer.ErrNone):
			for _, value := range values {
				if parts := strings.Fields(value); len(parts) > 0 && strings.EqualFold(parts[0], "bearer") {
					t.Fatalf("Parse(%q) saw no token, AWX sees %q", values, parts)
				}
			}
		case !errors.Is(err, bearer.ErrMalformed):
			t.Fatalf("Parse(%q): unexpected error %v", values, err)
		}
		if err != nil && !got.IsZero() {
			t.Fatalf("Parse(%q) returned a token with %v", values, err)
		}
	})
}
