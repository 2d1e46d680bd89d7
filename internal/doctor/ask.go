package doctor

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// maxBody is more than any answer that is read here.
const maxBody = 1 << 20

// reply is an answer of AWX.
type reply struct {
	status int
	header http.Header
	body   string
}

// get reads a path of AWX.
func (e *examination) get(path string, prepare func(*http.Request) error) (reply, error) {
	return send(e.ctx, e.Transport, http.MethodGet, e.URL+path, prepare)
}

// send sends one request, follows no redirect and keeps no cookie. Its errors do not
// repeat the URL.
func send(ctx context.Context, transport http.RoundTripper, method, target string, prepare func(*http.Request) error) (reply, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, method, target, nil)
	if err != nil {
		return reply{}, fmt.Errorf("making a request: %w", withoutURL(err))
	}
	request.Header.Set("Accept", "application/json")
	request.Header.Set("User-Agent", "awxgate-doctor")
	if prepare != nil {
		if err := prepare(request); err != nil {
			return reply{}, err
		}
	}
	response, err := transport.RoundTrip(request)
	if err != nil {
		return reply{}, withoutURL(err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxBody))
	return reply{response.StatusCode, response.Header, string(body)}, err
}

// body is what http.NewRequest makes of a text.
func body(text string) (io.ReadCloser, int64) {
	return io.NopCloser(strings.NewReader(text)), int64(len(text))
}

// withoutURL: an address may hold a password.
func withoutURL(err error) error {
	if failed, ok := errors.AsType[*url.Error](err); ok {
		return failed.Err
	}
	return err
}

// says shortens what a server answered to what fits into a sentence.
func (r reply) says() string {
	const most = 120
	text := strings.Join(strings.Fields(r.body), " ")
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "…"
	}
	return fmt.Sprintf("status %d %q", r.status, text)
}
