package oauth

import (
	"context"
	"errors"
	"maps"
	"mime/multipart"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/ory/fosite"

	"github.com/awxgate/awxgate/tokencore"
)

// ServeToken serves POST /api/o/token/.
func (p *Provider) ServeToken(w http.ResponseWriter, r *http.Request) {
	if !allows(w, r, "POST, OPTIONS", http.MethodPost) {
		return
	}
	answer, err := p.token(w, r)
	if err != nil {
		p.writeError(w, r, err)
		return
	}
	writeJSON(w, http.StatusOK, true,
		member{"access_token", quoted(answer.access)},
		member{"expires_in", strconv.FormatInt(answer.expiresIn, 10)},
		member{"token_type", quoted("Bearer")},
		member{"scope", quoted(answer.scope)},
		member{"refresh_token", quoted(answer.refresh)})
}

// tokenAnswer is what a grant gives.
type tokenAnswer struct {
	access, refresh, scope string
	expiresIn              int64
}

func (p *Provider) token(w http.ResponseWriter, r *http.Request) (tokenAnswer, error) {
	if r.URL.RawQuery != "" {
		return tokenAnswer{}, errQuery // AWX: 500
	}
	form, err := readBody(w, r)
	if err != nil {
		return tokenAnswer{}, err
	}
	grant := form.Get("grant_type")
	switch grant {
	case grantPassword, grantCode, grantRefresh, grantClient:
	default:
		return tokenAnswer{}, errUnsupportedGrant // also without a client, as AWX
	}
	ctx := r.Context()
	c, err := p.authenticate(ctx, r, form)
	if err != nil {
		return tokenAnswer{}, err
	}
	if err := checkParameters(grant, form); err != nil {
		return tokenAnswer{}, err
	}
	settings, err := p.svc.Settings(ctx)
	if err != nil {
		return tokenAnswer{}, err
	}
	e := &exchange{client: c, settings: settings, now: p.svc.Now(), form: form}
	answer, err := p.exchange(e.context(ctx), e, grant)
	// A thief who hangs up must not get away with it, hence WithoutCancel.
	if failed := p.endReplayedGrant(context.WithoutCancel(ctx), e); failed != nil {
		return tokenAnswer{}, failed
	}
	return answer, err
}

// checkParameters refuses what AWX refuses before it looks at any credential but
// the client's.
func checkParameters(grant string, form url.Values) error {
	switch {
	case grant == grantPassword && form.Get("username") == "":
		return errNoUsername
	case grant == grantPassword && form.Get("password") == "":
		return errNoPassword
	case grant == grantCode && !form.Has("code"):
		return missing("code")
	case grant == grantRefresh && !form.Has("refresh_token"):
		return missing("refresh token")
	case grant == grantClient:
		return errUnauthorizedClient
	default:
		return nil
	}
}

// exchange validates and answers a grant. Everything that may ask the directory
// comes first, then one transaction does all the writing.
func (p *Provider) exchange(ctx context.Context, e *exchange, grant string) (tokenAnswer, error) {
	if grant == grantPassword {
		scope, err := requestedScope(e.form)
		if err != nil {
			return tokenAnswer{}, err
		}
		e.scope = scope
	}
	request, err := p.fosite.NewAccessRequest(ctx, fositeRequest(e.form), fositeSession{})
	if err != nil {
		return tokenAnswer{}, err
	}
	switch grant {
	case grantPassword:
		// fosite would draw an id from a source of its own.
		id, err := tokencore.NewUUID(p.svc.Rand())
		if err != nil {
			return tokenAnswer{}, err
		}
		request.SetID(id)
	case grantCode:
		if err := checkRedirectURI(e); err != nil {
			return tokenAnswer{}, err
		}
	}
	if err := p.checkOwner(ctx, e, grant); err != nil {
		return tokenAnswer{}, err
	}
	var response fosite.AccessResponder
	err = p.svc.Store().Update(ctx, func(tx tokencore.Tx) error {
		e.tx = tx
		defer func() { e.tx = nil }()
		response, err = p.fosite.NewAccessResponse(ctx, request)
		return err
	})
	if err != nil {
		return tokenAnswer{}, err
	}
	refresh, _ := response.GetExtra("refresh_token").(string)
	return tokenAnswer{
		access: response.GetAccessToken(), refresh: refresh, scope: e.scope,
		expiresIn: e.expires().Unix() - e.now.Unix(),
	}, nil
}

// fositeRequest gives fosite a request that is parsed already. Scopes are ours.
func fositeRequest(form url.Values) *http.Request {
	form = maps.Clone(form)
	form.Del("scope")
	return &http.Request{
		Method: http.MethodPost, URL: &url.URL{}, Header: http.Header{},
		Form: form, PostForm: form, MultipartForm: &multipart.Form{},
	}
}

// checkRedirectURI compares with the URI of the authorization request, which may be
// left out if the application has only that one. The code stays good, as in AWX.
func checkRedirectURI(e *exchange) error {
	uri := e.form.Get("redirect_uri")
	if !e.form.Has("redirect_uri") {
		registered := strings.Fields(e.client.app.RedirectURIs)
		if len(registered) != 1 {
			return errNoRedirectURI
		}
		uri = registered[0]
	}
	if uri != e.code.RedirectURI {
		return errRedirectURI
	}
	return nil
}

// checkOwner finds out whose the new tokens are. AWX went on renewing the tokens of
// disabled users; and the id for which a code or refresh token was made may be somebody
// else's by now.
func (p *Provider) checkOwner(ctx context.Context, e *exchange, grant string) error {
	user, err := p.svc.Directory().User(ctx, e.userID)
	if err != nil {
		return grantError("looking up user", err)
	}
	if user.AnsibleID != e.userAnsibleID {
		return errInvalidGrant
	}
	err = tokencore.CheckOwner(user, e.settings)
	var denied *tokencore.AccessDeniedError
	switch {
	case errors.As(err, &denied):
		return &wireError{status: http.StatusForbidden, description: denied.Error(), session: grant != grantPassword}
	case err != nil && grant == grantPassword:
		return errWrongPassword
	case err != nil:
		return errInvalidGrant
	}
	owner, err := p.svc.Owner(ctx, e.client.app, user)
	e.userID, e.userAnsibleID = owner.ID, owner.AnsibleID
	return grantError("looking up the application's user", err)
}

// endReplayedGrant revokes everything that grew from a grant whose code or refresh
// token was presented twice. It needs a transaction of its own: that of the replay
// has been rolled back, or there was none.
func (p *Provider) endReplayedGrant(ctx context.Context, e *exchange) error {
	if e.replayed == "" {
		return nil
	}
	var live []tokencore.Token
	err := p.svc.Store().Update(ctx, func(tx tokencore.Tx) (err error) {
		live, _, err = tx.Tokens(ctx, tokencore.Query{Where: tokencore.Eq("grant", e.replayed), Limit: 1, SkipCount: true})
		if err != nil {
			return err
		}
		return p.svc.RevokeGrant(ctx, tx, tokencore.Actor{}, e.replayed)
	})
	if err != nil {
		return tokencore.Unavailable("revoking replayed grant", err)
	}
	if len(live) > 0 {
		p.svc.Logger().Warn("code or refresh token was presented again, grant revoked",
			"grant_id", e.replayed, "application_id", e.client.app.ID, "user_id", live[0].UserID)
	}
	return nil
}
