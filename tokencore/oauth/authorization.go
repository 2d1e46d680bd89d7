package oauth

import (
	"context"
	"errors"
	"net/url"
	"regexp"
	"strings"

	"github.com/awxgate/awxgate/tokencore"
)

// authorization is a request for a code whose client and redirect URI are known to
// belong together, so that errors may be sent there.
type authorization struct {
	client      *client
	redirectURI *url.URL
	state       string
	scope       string
	challenge   string // RFC 7636, by S256; empty: none
}

// newAuthorization finds client and redirect URI. Its errors are shown to the
// person, never sent to the address in question.
func (p *Provider) newAuthorization(ctx context.Context, form url.Values) (*authorization, error) {
	id := form.Get("client_id")
	if id == "" {
		return nil, missing("client_id")
	}
	c, err := p.client(ctx, id)
	if errors.Is(err, errInvalidClient) {
		return nil, errUnknownClient
	}
	if err != nil {
		return nil, err
	}
	uri, err := redirectURIFor(c.app, form)
	if err != nil {
		return nil, err
	}
	target, err := url.Parse(uri)
	if err != nil || target.Host == "" || target.Fragment != "" {
		return nil, errInvalidRedirectURI
	}
	c.redirectURI = uri
	return &authorization{client: c, redirectURI: target, state: form.Get("state")}, nil
}

// redirectURIFor: the parameter may be left out if exactly one URI is registered.
func redirectURIFor(app tokencore.Application, form url.Values) (string, error) {
	uri := form.Get("redirect_uri")
	if !form.Has("redirect_uri") {
		registered := strings.Fields(app.RedirectURIs)
		if len(registered) != 1 {
			return "", errNoRedirectURI
		}
		uri = registered[0]
	}
	if parsed, err := url.Parse(uri); err != nil || parsed.Scheme == "" || parsed.Host == "" {
		return "", errInvalidRedirectURI
	}
	if !tokencore.MatchRedirectURI(app.RedirectURIs, uri) {
		return "", errRedirectURI
	}
	return uri, nil
}

// s256 is what SHA-256 in base64url looks like (RFC 7636, 4.2).
var s256 = regexp.MustCompile(`^[A-Za-z0-9_-]{43}$`)

// check validates the rest, in AWX's order.
func (a *authorization) check(form url.Values, pkceOptional bool) *wireError {
	if !form.Has("response_type") {
		return missing("response_type")
	}
	switch form.Get("response_type") {
	case "code":
	case "token", "none":
		return errUnauthorizedClient
	default:
		return errUnsupportedResponse
	}
	if a.client.app.GrantType != tokencore.GrantAuthorizationCode {
		return errUnauthorizedClient
	}
	// The page's form sends empty fields for what was not asked for.
	a.challenge = form.Get("code_challenge")
	switch {
	case a.challenge == "" && a.client.IsPublic() && !pkceOptional:
		return errNoChallenge
	case a.challenge == "":
	case form.Get("code_challenge_method") != "S256":
		return errTransform // none means plain
	case !s256.MatchString(a.challenge):
		return errChallenge
	}
	scope, err := requestedScope(form)
	if err != nil {
		return errInvalidScope
	}
	a.scope = scope
	return nil
}

// forFosite is what fosite gets to see. It insists on a state, which is optional in
// AWX, and would echo it; the redirect echoes the client's, so any will do here.
func (a *authorization) forFosite(state string) url.Values {
	form := url.Values{}
	for _, q := range a.parameters() {
		if q.Value != "" {
			form.Set(q.Name, q.Value)
		}
	}
	form.Set("state", state)
	return form
}

// parameter is a name and a value: a field of the page's form, or part of a query.
type parameter struct{ Name, Value string }

// parameters is the request as understood, in the order of the fields of AWX's page,
// which sends it again. nonce and claims are OpenID Connect's and always empty.
func (a *authorization) parameters() []parameter {
	method := ""
	if a.challenge != "" {
		method = "S256"
	}
	return []parameter{
		{"redirect_uri", a.client.redirectURI},
		{"scope", a.scope},
		{"nonce", ""},
		{"client_id", a.client.GetID()},
		{"state", a.state},
		{"response_type", "code"},
		{"code_challenge", a.challenge},
		{"code_challenge_method", method},
		{"claims", ""},
	}
}
