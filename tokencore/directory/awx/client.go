package awx

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"github.com/awxgate/awxgate/tokencore"
)

// maxBody bounds an answer: fifty organizations, the longest that is asked for, take 200 KiB.
const maxBody = 1 << 20

// client asks AWX. None of its errors repeats a query, a header or an answer.
type client struct {
	http      *http.Client
	base      string
	authorize func(*http.Request) error
}

// newClient copies the caller's client without what would let one request act on another:
// AWX answers Basic with a session cookie, which a jar would send along with the next
// user's password.
func newClient(config Config, base string) *client {
	own := *config.Client
	own.Jar = nil
	own.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &client{http: &own, base: base, authorize: config.Authorize}
}

// statusError is an answer other than 200.
type statusError int

func (e statusError) Error() string {
	return fmt.Sprintf("AWX answered with status %d", int(e))
}

// lookUp asks with the look-up account. It is for reading lists, for which AWX has no
// other answer than 200 to an account in order.
func (c *client) lookUp(ctx context.Context, path string, query url.Values, into any) error {
	_, err := c.get(ctx, path, query, c.authorize, into)
	if isRefusal(err) {
		return fmt.Errorf("AWX refused the look-up account of the directory, not the user: %w", err)
	}
	return err
}

// get asks once and reads the JSON of a 200. Any other status is a statusError.
// The header of the answer is returned with it.
func (c *client) get(ctx context.Context, path string, query url.Values, authorize func(*http.Request) error, into any) (http.Header, error) {
	target := c.base + path
	if len(query) > 0 {
		target += "?" + query.Encode()
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, target, nil)
	if err != nil {
		return nil, fmt.Errorf("making a request for %s: %w", path, withoutURL(err))
	}
	request.Header.Set("Accept", "application/json")
	request.Header.Set("User-Agent", "awxgate")
	if err := authorize(request); err != nil {
		// Only its text: whatever the caller's error matches, nothing is known about a user.
		return nil, fmt.Errorf("authorizing the look-up account: %w: %s", tokencore.ErrUnavailable, err.Error())
	}
	response, err := c.http.Do(request)
	if err != nil {
		return nil, fmt.Errorf("asking AWX for %s: %w", path, withoutURL(err))
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxBody+1))
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("asking AWX for %s: %w", path, statusError(response.StatusCode))
	}
	if err != nil {
		return nil, fmt.Errorf("reading AWX's answer to %s: %w", path, err)
	}
	if len(body) > maxBody {
		return nil, fmt.Errorf("reading AWX's answer to %s: it is longer than %d bytes", path, maxBody)
	}
	if json.Unmarshal(body, into) != nil {
		return nil, fmt.Errorf("reading AWX's answer to %s: %w", path, errUnreadable) // the decoder's error quotes the answer
	}
	return response.Header, nil
}

// errUnreadable: it is not AWX, or not one that we know.
var errUnreadable = errors.New("it is not what AWX 24.6.0 and later answer")

// withoutURL strips the URL, which holds user names, from an error of net/http.
func withoutURL(err error) error {
	if failed, ok := errors.AsType[*url.Error](err); ok {
		return failed.Err
	}
	return err
}
