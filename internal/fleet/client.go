package fleet

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	typeJSON = "application/json"
	typeForm = "application/x-www-form-urlencoded"
)

// Answer is what a client saw, and when.
type Answer struct {
	Status       int   // 0 if there was no answer
	Err          error // why there was none
	Body         []byte
	Began, Ended time.Time
}

// Unknown reports whether the answer leaves open what happened.
func (a Answer) Unknown() bool { return a.Status == 0 || a.Status >= http.StatusInternalServerError }

// failure puts an answer into words. Bodies of successes, which hold tokens, are left out.
func (a Answer) failure() error {
	switch {
	case a.Err != nil:
		return a.Err
	case a.Status < http.StatusMultipleChoices:
		return fmt.Errorf("status %d", a.Status)
	default:
		return fmt.Errorf("status %d: %s", a.Status, a.Body)
	}
}

// Token is a token as its maker was told.
type Token struct {
	ID              int64 // 0 if not told
	Access, Refresh string
}

// Mint makes a personal token of the administrator: 201.
func (n *Node) Mint(ctx context.Context) (Token, Answer) { return n.mint(ctx, "/api/v2/tokens/") }

// MintRefreshable makes a token with a refresh token: 201.
func (n *Node) MintRefreshable(ctx context.Context) (Token, Answer) {
	return n.mint(ctx, n.fleet.client.path)
}

func (n *Node) mint(ctx context.Context, path string) (Token, Answer) {
	answer := n.call(ctx, http.MethodPost, path, n.fleet.admin, typeJSON, `{"scope":"write"}`)
	if answer.Status != http.StatusCreated {
		return Token{}, answer
	}
	var made struct {
		ID           int64
		Token        string
		RefreshToken string `json:"refresh_token"`
	}
	if err := json.Unmarshal(answer.Body, &made); err != nil {
		return Token{}, broken(answer, err)
	}
	return Token{made.ID, made.Token, made.RefreshToken}, answer
}

// Use sends a token to the upstream: 200, 401, 503.
func (n *Node) Use(ctx context.Context, access string) Answer {
	return n.call(ctx, http.MethodGet, "/api/v2/jobs/7/", "Bearer "+access, "", "")
}

// UseDefinitely does so until the node knows: one whose feed comes back a little later than
// that of others looks at its store first, and answers 503 meanwhile.
func (n *Node) UseDefinitely(ctx context.Context, access string) (answer Answer) {
	ctx, cancel := context.WithTimeout(ctx, Patience)
	defer cancel()
	_ = until(ctx, func() (Answer, bool) { // what it answered last is judged
		answer = n.Use(ctx, access)
		return answer, answer.Status != http.StatusServiceUnavailable
	})
	return answer
}

// Write does so with a method that needs the scope "write": also 403.
func (n *Node) Write(ctx context.Context, access string) Answer {
	return n.call(ctx, http.MethodPost, "/api/v2/jobs/7/", "Bearer "+access, typeJSON, "{}")
}

// Revoke deletes a token: 204, or 404 if it is gone.
func (n *Node) Revoke(ctx context.Context, id int64) Answer {
	return n.call(ctx, http.MethodDelete, fmt.Sprintf("/api/v2/tokens/%d/", id), n.fleet.admin, "", "")
}

// RevokeByValue does so as the application does (RFC 7009): 200, also if it is gone.
func (n *Node) RevokeByValue(ctx context.Context, access string) Answer {
	return n.call(ctx, http.MethodPost, "/api/o/revoke_token/", n.fleet.client.basic(), typeForm, url.Values{"token": {access}}.Encode())
}

// Narrow leaves a token the scope "read": 200, or 404 if it is gone.
func (n *Node) Narrow(ctx context.Context, id int64) Answer {
	return n.call(ctx, http.MethodPatch, fmt.Sprintf("/api/v2/tokens/%d/", id), n.fleet.admin, typeJSON, `{"scope":"read"}`)
}

// Refresh exchanges a refresh token: 200, or 400 if it is used or its access token is gone.
func (n *Node) Refresh(ctx context.Context, refresh string) (Token, Answer) {
	answer := n.call(ctx, http.MethodPost, "/api/o/token/", n.fleet.client.basic(), typeForm,
		url.Values{"grant_type": {"refresh_token"}, "refresh_token": {refresh}}.Encode())
	if answer.Status != http.StatusOK {
		return Token{}, answer
	}
	var made struct {
		Access  string `json:"access_token"`
		Refresh string `json:"refresh_token"`
	}
	if err := json.Unmarshal(answer.Body, &made); err != nil {
		return Token{}, broken(answer, err)
	}
	return Token{0, made.Access, made.Refresh}, answer
}

func (c client) basic() string {
	r := &http.Request{Header: http.Header{}}
	r.SetBasicAuth(c.id, c.secret)
	return r.Header.Get("Authorization")
}

func broken(answer Answer, err error) Answer {
	answer.Status, answer.Err = 0, fmt.Errorf("reading the answer: %w", err)
	return answer
}

func (n *Node) call(ctx context.Context, method, path, authorization, contentType, body string) (answer Answer) {
	answer.Began = time.Now()
	defer func() { answer.Ended = time.Now() }()
	request, err := http.NewRequestWithContext(ctx, method, "http://"+n.listen+path, strings.NewReader(body))
	if err != nil {
		answer.Err = err
		return answer
	}
	if authorization != "" {
		request.Header.Set("Authorization", authorization)
	}
	if contentType != "" {
		request.Header.Set("Content-Type", contentType)
	}
	response, err := n.client.Do(request)
	if err != nil {
		answer.Err = err
		return answer
	}
	answer.Body, err = io.ReadAll(response.Body)
	if err := errors.Join(err, response.Body.Close()); err != nil {
		answer.Err = fmt.Errorf("reading the answer: %w", err)
		return answer
	}
	answer.Status = response.StatusCode
	return answer
}
