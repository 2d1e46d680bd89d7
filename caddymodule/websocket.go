package caddymodule

import (
	"bufio"
	"context"
	"errors"
	"net"
	"net/http"
	"slices"
	"strings"

	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
	"go.uber.org/zap"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/bearer"
)

const (
	// csrfCookie is AWX's CSRF_COOKIE_NAME. AWX takes no message on a WebSocket whose
	// "xrftoken" is not the value of that cookie in the handshake.
	csrfCookie = "csrftoken"
	// givenCSRFToken is the value for clients with a token and without that cookie. It
	// need not be secret: the rule protects browsers, which send cookies by themselves,
	// and a browser cannot send a bearer token on a WebSocket.
	givenCSRFToken = "awxgate"
)

// isWebSocket reports whether a request asks for a WebSocket (RFC 6455, 4.1).
func isWebSocket(r *http.Request) bool {
	upgrade := r.Header["Upgrade"]
	return r.Method == http.MethodGet && len(upgrade) == 1 && strings.EqualFold(upgrade[0], "websocket") &&
		slices.ContainsFunc(r.Header["Connection"], func(list string) bool {
			for option := range strings.SplitSeq(list, ",") {
				if strings.EqualFold(strings.TrimSpace(option), "upgrade") {
					return true
				}
			}
			return false
		})
}

// errOrigin refuses a WebSocket that a page of another site opened with the cookies or the
// password of its visitor. AWX does not look at the origin.
var errOrigin = errors.New("WebSocket from a page of another site")

// checkOrigin judges WebSockets that come without a token of ours. What is no browser
// usually sends no Origin.
func (h *AuthHandler) checkOrigin(r *http.Request) error {
	origins := r.Header["Origin"]
	if len(origins) == 0 || !isWebSocket(r) {
		return nil
	}
	if len(origins) == 1 {
		_, host, _ := strings.Cut(origins[0], "://")
		same := func(trusted string) bool { return strings.EqualFold(trusted, origins[0]) }
		if host != "" && strings.EqualFold(host, r.Host) || slices.ContainsFunc(h.TrustedOrigins, same) {
			return nil
		}
	}
	return errOrigin
}

// hold verifies the token of a request once more, in the store, and returns a context that
// ends when the token is not good any more.
func (g *gate) hold(r *http.Request) (context.Context, context.CancelFunc, error) {
	secret, err := bearer.Parse(r.Header)
	if err != nil {
		return nil, nil, err
	}
	return g.watch.Hold(r.Context(), secret.Digest(tokencore.KindAccess), g.service, tokencore.ScopeRead)
}

// serveWebSocket forwards a handshake, and everything after it until the held context ends.
func (h *AuthHandler) serveWebSocket(
	w http.ResponseWriter, r *http.Request, next caddyhttp.Handler, held context.Context, p *tokencore.Principal, //nolint:revive // held is not r's context yet
) error {
	giveCSRFToken(r)
	closing := &closingWriter{ResponseWriterWrapper: &caddyhttp.ResponseWriterWrapper{ResponseWriter: w}, held: held}
	err := h.forward(closing, r.WithContext(held), next, true)
	closing.stop()
	if cause := context.Cause(held); cause != nil && !errors.Is(cause, context.Canceled) {
		h.app.log.Info("closed a WebSocket",
			zap.String("reason", reasonOf(cause)), zap.Int64("token_id", p.TokenID), zap.Int64("user_id", p.User.ID))
	}
	return err
}

// giveCSRFToken sets AWX's cookie unless the client brought one.
func giveCSRFToken(r *http.Request) {
	if cookie, err := r.Cookie(csrfCookie); err == nil && cookie.Value != "" {
		return
	}
	cookies := append(slices.Clone(r.Header["Cookie"]), csrfCookie+"="+givenCSRFToken)
	r.Header["Cookie"] = []string{strings.Join(cookies, "; ")}
}

// closingWriter closes the client's connection when a context ends. The proxy then closes
// the other side. It does so by itself when the request's context ends, but not while it
// waits for a client that does not read.
type closingWriter struct {
	*caddyhttp.ResponseWriterWrapper
	held    context.Context //nolint:containedctx // that of the connection, not of a call
	unwatch func() bool
}

// Hijack implements http.Hijacker.
func (w *closingWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	connection, buffered, err := http.NewResponseController(w.ResponseWriter).Hijack()
	if err == nil {
		w.unwatch = context.AfterFunc(w.held, func() { _ = connection.Close() }) // the proxy closes it as well
	}
	return connection, buffered, err
}

func (w *closingWriter) stop() {
	if w.unwatch != nil {
		w.unwatch()
	}
}

var _ http.Hijacker = (*closingWriter)(nil)
