package awxapi

import (
	"context"
	"errors"

	"github.com/awxgate/awxgate/tokencore"
)

// applicationJSON is an application as AWX shows it; the order of the fields is its contract.
type applicationJSON struct {
	ID                int64              `json:"id"`
	Type              string             `json:"type"`
	URL               string             `json:"url"`
	Related           applicationRelated `json:"related"`
	SummaryFields     applicationSummary `json:"summary_fields"`
	Created           moment             `json:"created"`
	Modified          moment             `json:"modified"`
	Name              string             `json:"name"`
	Description       string             `json:"description"`
	ClientID          string             `json:"client_id"`
	ClientSecret      string             `json:"client_secret,omitempty"` // absent for public applications
	ClientType        string             `json:"client_type"`
	RedirectURIs      string             `json:"redirect_uris"`
	GrantType         string             `json:"authorization_grant_type"`
	SkipAuthorization bool               `json:"skip_authorization"`
	Organization      *int64             `json:"organization"`
}

type applicationRelated struct {
	NamedURL       string `json:"named_url,omitempty"` // absent in lists
	Tokens         string `json:"tokens"`
	ActivityStream string `json:"activity_stream"`
	Organization   string `json:"organization,omitempty"`
}

type applicationSummary struct {
	Organization *organizationSummary `json:"organization,omitempty"`
	Capabilities capabilities         `json:"user_capabilities"`
	Tokens       tokenSummaries       `json:"tokens"`
}

// tokenSummaries counts all tokens of an application and shows the first few.
type tokenSummaries struct {
	Count   int            `json:"count"`
	Results []tokenSummary `json:"results"`
}

type tokenSummary struct {
	ID    int64  `json:"id"`
	Token string `json:"token"`
	Scope string `json:"scope"`
}

// shownTokens is how many tokens an application's summary shows.
const shownTokens = 10

// applicationsJSON makes the rows of a list.
func (a *API) applicationsJSON(r *request, apps []tokencore.Application) ([]applicationJSON, error) {
	organizations := map[int64]*organizationSummary{}
	out := make([]applicationJSON, len(apps))
	for i, app := range apps {
		organization, known := organizations[app.OrganizationID]
		if !known {
			var err error
			if organization, err = a.organizationSummary(r.Context(), app.OrganizationID); err != nil {
				return nil, err
			}
			organizations[app.OrganizationID] = organization
		}
		tokens, err := a.tokenSummaries(r.Context(), app.ID)
		if err != nil {
			return nil, err
		}
		out[i] = wireApplication(r, app, organization, tokens)
	}
	return out, nil
}

// applicationJSON makes the body of a single application, which has its named URL. The
// secret is shown if it was made just now; a stored one is only its digest.
func (a *API) applicationJSON(r *request, app tokencore.Application, secret tokencore.Secret) (applicationJSON, error) {
	rows, err := a.applicationsJSON(r, []tokencore.Application{app})
	if err != nil {
		return applicationJSON{}, err
	}
	body := rows[0]
	organization := ""
	if body.SummaryFields.Organization != nil {
		organization = body.SummaryFields.Organization.Name
	}
	body.Related.NamedURL = "/api/v2/applications/" + namedSegment(app.Name, organization) + "/" + r.urlSuffix
	if app.ClientType == tokencore.Confidential && !secret.IsZero() {
		body.ClientSecret = secret.Reveal()
	}
	return body, nil
}

func wireApplication(r *request, app tokencore.Application, organization *organizationSummary, tokens tokenSummaries) applicationJSON {
	mayChange := r.mayWrite() && r.actor.ChangesApplication(app)
	body := applicationJSON{
		ID: app.ID, Type: tokencore.ObjectApplication, URL: r.link("applications", app.ID),
		Related: applicationRelated{
			Tokens:         r.link("applications", app.ID, "tokens"),
			ActivityStream: r.link("applications", app.ID, "activity_stream"),
		},
		SummaryFields: applicationSummary{
			Organization: organization, Capabilities: capabilities{mayChange, mayChange}, Tokens: tokens,
		},
		Created: moment(app.Created), Modified: moment(app.Modified),
		Name: app.Name, Description: app.Description, ClientID: app.ClientID,
		ClientType: string(app.ClientType), RedirectURIs: app.RedirectURIs, GrantType: string(app.GrantType),
		SkipAuthorization: app.SkipAuthorization, Organization: nullable(app.OrganizationID),
	}
	if app.OrganizationID != 0 {
		body.Related.Organization = r.link("organizations", app.OrganizationID)
	}
	if app.ClientType == tokencore.Confidential {
		body.ClientSecret = masked
	}
	return body
}

// organizationSummary names an organization; nil if there is none (any more).
func (a *API) organizationSummary(ctx context.Context, id int64) (*organizationSummary, error) {
	if id == 0 {
		return nil, nil
	}
	o, err := a.svc.Directory().Organization(ctx, id)
	if errors.Is(err, tokencore.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, tokencore.Unavailable("looking up organization", err)
	}
	return &organizationSummary{o.ID, o.Name, o.Description}, nil
}

// tokenSummaries counts tokens that the requester may not be able to see, as AWX does.
func (a *API) tokenSummaries(ctx context.Context, applicationID int64) (tokenSummaries, error) {
	tokens, count, err := a.svc.Store().Tokens(ctx, tokencore.Query{
		Where: tokencore.Eq("application", applicationID), Limit: shownTokens,
	})
	if err != nil {
		return tokenSummaries{}, tokencore.Unavailable("listing tokens", err)
	}
	summaries := tokenSummaries{Count: count, Results: make([]tokenSummary, len(tokens))}
	for i, t := range tokens {
		summaries.Results[i] = tokenSummary{t.ID, masked, t.Scope}
	}
	return summaries, nil
}
