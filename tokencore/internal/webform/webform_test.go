package webform_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/awxgate/awxgate/tokencore/internal/webform"
)

func TestReadTakesFormsAndNothingElse(t *testing.T) {
	const multipart = "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\xff\r\n" +
		"--x\r\nContent-Disposition: form-data; name=\"other\"\r\n\r\n2\r\n--x--\r\n"
	for _, test := range []struct {
		name, contentType, body string
		want                    url.Values
		err                     error
	}{
		{"of repeated fields the last", "application/x-www-form-urlencoded", "a=1&b=2&a=3", url.Values{"a": {"3"}, "b": {"2"}}, nil},
		{"a charset", "application/x-www-form-urlencoded; charset=utf-8", "a=%C3%A9", url.Values{"a": {"é"}}, nil},
		{"fields that were not asked for", "application/x-www-form-urlencoded", "c=1", url.Values{}, nil},
		{"bare percent and semicolon", "application/x-www-form-urlencoded", "a=1%;2%zz", url.Values{"a": {"1%;2%zz"}}, nil},
		{"multipart", "multipart/form-data; boundary=x", multipart, url.Values{"a": {"1\ufffd"}}, nil},
		{"broken multipart", "multipart/form-data; boundary=x", strings.TrimSuffix(multipart, "\r\n--x--\r\n"), nil, webform.ErrUnreadable},
		{"JSON", "application/json", `{"a":1}`, url.Values{}, nil},
		{"no type", "", "a=1", url.Values{}, nil},
		{"too large", "application/x-www-form-urlencoded", "a=" + strings.Repeat("x", 1<<20), nil, webform.ErrTooLarge},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(test.body))
			r.Header.Set("Content-Type", test.contentType)
			got, err := webform.Read(httptest.NewRecorder(), r, []string{"a", "b"})
			if !errors.Is(err, test.err) {
				t.Errorf("got %v, want %v", err, test.err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestParseTellsWhatIsRepeated(t *testing.T) {
	_, repeated := webform.Parse("a=1&c=1&c=2&b=1&%61=2", []string{"a", "b"})
	if diff := cmp.Diff([]string{"a"}, repeated); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// FuzzUnescape: what url.QueryUnescape accepts is decoded alike, and nothing panics.
func FuzzUnescape(f *testing.F) {
	for _, seed := range []string{"", "a+b", "%41%zz%", "100%", "%C3%A9%ff", "a%2", "%%41"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got := webform.Unescape(text)
		if want, err := url.QueryUnescape(text); err == nil && got != webform.Readable(want) {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	})
}
