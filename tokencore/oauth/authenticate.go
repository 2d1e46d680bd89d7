package oauth

import (
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/internal/webform"
)

// credentials of a client, as presented.
type credentials struct {
	id     string
	secret tokencore.Secret
}

// authenticate finds out which client asks, by AWX's rules: Basic, else the body;
// a public client may give nothing but its id, in the body. Good credentials in the
// body make up for bad ones in the header.
func (p *Provider) authenticate(ctx context.Context, r *http.Request, form url.Values) (*client, error) {
	tries, basic := basicCredentials(r)
	for _, try := range tries {
		c, err := p.client(ctx, try.id)
		if err != nil && !errors.Is(err, errInvalidClient) {
			return nil, err
		}
		if err == nil && c.app.CheckSecret(try.secret) {
			return c, nil
		}
	}
	c, err := p.client(ctx, form.Get("client_id"))
	if err != nil {
		return nil, err
	}
	secret := tokencore.NewSecret(form.Get("client_secret"))
	if c.app.CheckSecret(secret) || c.app.ClientType == tokencore.Public && secret.IsZero() && !basic {
		return c, nil
	}
	return nil, errInvalidClient
}

// client looks an application up. An unknown one is errInvalidClient, like a wrong secret.
func (p *Provider) client(ctx context.Context, id string) (*client, error) {
	if id == "" {
		return nil, errInvalidClient
	}
	app, err := p.svc.Store().ApplicationByClientID(ctx, id)
	if errors.Is(err, tokencore.ErrNotFound) {
		return nil, errInvalidClient
	}
	if err != nil {
		return nil, tokencore.Unavailable("looking up client", err)
	}
	return &client{app: app}, nil
}

// basicCredentials reads the header as RFC 6749, 2.3.1 wants it, form-encoded, and
// as most clients send it, plain. present tells that there was a Basic header at
// all, readable or not.
func basicCredentials(r *http.Request) (tries []credentials, present bool) {
	scheme, encoded, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Basic") {
		return nil, false
	}
	decoded, err := base64.StdEncoding.DecodeString(strings.TrimSpace(encoded))
	if err != nil {
		return nil, true
	}
	id, secret, ok := strings.Cut(string(decoded), ":")
	if !ok {
		return nil, true
	}
	tries = append(tries, credentials{webform.Unescape(id), tokencore.NewSecret(webform.Unescape(secret))})
	if webform.Unescape(id) != id || webform.Unescape(secret) != secret {
		tries = append(tries, credentials{webform.Readable(id), tokencore.NewSecret(secret)})
	}
	return tries, true
}
