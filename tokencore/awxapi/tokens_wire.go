package awxapi

import (
	"errors"

	"github.com/awxgate/awxgate/tokencore"
)

// tokenJSON is a token as AWX shows it; the order of the fields is its contract.
type tokenJSON struct {
	ID            int64              `json:"id"`
	Type          string             `json:"type"`
	URL           string             `json:"url"`
	Related       tokenRelated       `json:"related"`
	SummaryFields tokenSummaryFields `json:"summary_fields"`
	Created       moment             `json:"created"`
	Modified      moment             `json:"modified"`
	Description   string             `json:"description"`
	User          int64              `json:"user"`
	Token         string             `json:"token"`
	RefreshToken  *string            `json:"refresh_token"`
	Application   *int64             `json:"application"`
	Expires       moment             `json:"expires"`
	Scope         string             `json:"scope"`
}

type tokenRelated struct {
	User           string `json:"user"`
	Application    string `json:"application,omitempty"`
	ActivityStream string `json:"activity_stream"`
}

type tokenSummaryFields struct {
	User        *userSummary        `json:"user,omitempty"`
	Application *applicationMention `json:"application,omitempty"`
}

// applicationMention names an application within a token.
type applicationMention struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
}

// issuedJSON shows a new token with its credentials. It is the one answer that does.
func (a *API) issuedJSON(r *request, issued tokencore.Issued) (tokenJSON, error) {
	body, err := a.tokenJSON(r, issued.Token)
	if err != nil {
		return tokenJSON{}, err
	}
	body.Token = issued.Access.Reveal()
	if !issued.Refresh.IsZero() {
		refresh := issued.Refresh.Reveal()
		body.RefreshToken = &refresh
	}
	return body, nil
}

func (a *API) tokenJSON(r *request, t tokencore.Token) (tokenJSON, error) {
	rows, err := a.tokensJSON(r, []tokencore.Token{t})
	if err != nil {
		return tokenJSON{}, err
	}
	return rows[0], nil
}

// tokensJSON makes the rows of a list. Each user and application is looked up once.
func (a *API) tokensJSON(r *request, tokens []tokencore.Token) ([]tokenJSON, error) {
	users := map[int64]*userSummary{}
	applications := map[int64]*applicationMention{}
	out := make([]tokenJSON, len(tokens))
	for i, t := range tokens {
		user, known := users[t.UserID]
		if !known {
			var err error
			if user, err = a.userSummary(r, t.UserID); err != nil {
				return nil, err
			}
			users[t.UserID] = user
		}
		application, known := applications[t.ApplicationID]
		if !known {
			var err error
			if application, err = a.applicationMention(r, t.ApplicationID); err != nil {
				return nil, err
			}
			applications[t.ApplicationID] = application
		}
		out[i] = wireToken(r, t, user, application)
	}
	return out, nil
}

func wireToken(r *request, t tokencore.Token, user *userSummary, application *applicationMention) tokenJSON {
	body := tokenJSON{
		ID: t.ID, Type: tokencore.ObjectToken, URL: r.link("tokens", t.ID),
		Related: tokenRelated{
			User:           r.link("users", t.UserID),
			ActivityStream: r.link("tokens", t.ID, "activity_stream"),
		},
		SummaryFields: tokenSummaryFields{user, application},
		Created:       moment(t.Created), Modified: moment(t.Modified), Description: t.Description,
		User: t.UserID, Token: masked, Application: nullable(t.ApplicationID),
		Expires: moment(t.Expires), Scope: t.Scope,
	}
	if !t.Personal() {
		body.Related.Application = r.link("applications", t.ApplicationID)
	}
	if t.Refreshable {
		refresh := masked
		body.RefreshToken = &refresh
	}
	return body
}

// userSummary names a user; nil if the directory does not know the user any more.
func (a *API) userSummary(r *request, id int64) (*userSummary, error) {
	u, err := a.svc.Directory().User(r.Context(), id)
	if errors.Is(err, tokencore.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, tokencore.Unavailable("looking up user", err)
	}
	return &userSummary{u.ID, u.Username, u.FirstName, u.LastName}, nil
}

func (a *API) applicationMention(r *request, id int64) (*applicationMention, error) {
	if id == 0 {
		return nil, nil
	}
	app, err := a.svc.Store().Application(r.Context(), id)
	if errors.Is(err, tokencore.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, tokencore.Unavailable("loading application", err)
	}
	return &applicationMention{app.ID, app.Name}, nil
}
