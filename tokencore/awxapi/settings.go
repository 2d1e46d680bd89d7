package awxapi

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"

	"github.com/awxgate/awxgate/tokencore"
)

func (a *API) settingRoutes() []route {
	return []route{
		{
			path: "/api/v2/settings/", name: "Setting Categories", about: "The categories of settings.",
			get: a.listSettingCategories,
		},
		{
			path: "/api/v2/settings/{slug}/", name: "Setting Detail", about: "The settings of one category.",
			get: a.showSettings, put: a.replaceSettings, patch: a.changeSettings, delete: a.resetSettings,
		},
	}
}

// settingCategory is a row of the list of categories.
type settingCategory struct {
	URL  string `json:"url"`
	Slug string `json:"slug"`
	Name string `json:"name"`
}

// listSettingCategories shows all on one page; there are fewer than fit on AWX's.
func (a *API) listSettingCategories(r *request) (answer, error) {
	body := page[settingCategory]{Results: []settingCategory{}}
	if r.actor.ReadsEverything() {
		for _, c := range categories {
			body.Results = append(body.Results, settingCategory{"/api/v2/settings/" + c.slug + "/" + r.urlSuffix, c.slug, c.name})
		}
	}
	body.Count = len(body.Results)
	return ok(body), nil
}

func (a *API) showSettings(r *request) (answer, error) {
	slug, err := r.settingSlug()
	if err != nil {
		return answer{}, err
	}
	if !r.actor.ReadsEverything() {
		return answer{}, forbidden()
	}
	return a.answerSettings(r, slug)
}

// settingSlug returns the category, or the 404 that comes before any permission.
func (r *request) settingSlug() (string, error) {
	r.named = false // a slug is not a name that AWX would have to look up
	slug := r.captured[0]
	if !slices.ContainsFunc(categories, func(c category) bool { return c.slug == slug }) {
		return "", notFound("Not found.")
	}
	return slug, nil
}

func (a *API) answerSettings(r *request, slug string) (answer, error) {
	stored, err := a.storedSettings(r.Context())
	if err != nil {
		return answer{}, err
	}
	body := members{}
	for _, s := range settingTable {
		if s.isIn(slug, stored) {
			body = append(body, member{s.key, s.value(stored)})
		}
	}
	return ok(body), nil
}

// storedSettings returns what differs from the defaults. The id of the installation
// is among it, as in AWX.
func (a *API) storedSettings(ctx context.Context) (map[string]json.RawMessage, error) {
	stored, err := a.svc.Store().StoredSettings(ctx)
	if err != nil {
		return nil, tokencore.Unavailable("reading settings", err)
	}
	stored["INSTALL_UUID"] = encoded(a.config.InstallUUID)
	return stored, nil
}

// writableSettings returns the settings of the category, which a superuser may change.
func (a *API) writableSettings(r *request) (slug string, writable []setting, err error) {
	if slug, err = r.settingSlug(); err != nil {
		return "", nil, err
	}
	if !r.actor.User.IsSuperuser {
		return "", nil, forbidden()
	}
	within := slug
	if slug == categoryChanged {
		within = categoryAll // what is about to change need not have changed before
	}
	for _, s := range settingTable {
		if s.isIn(within, nil) && !s.readOnly {
			writable = append(writable, s)
		}
	}
	return slug, writable, nil
}

// changeSettings stores the settings that the body names. Those of other
// categories, and unknown ones, are ignored.
func (a *API) changeSettings(r *request) (answer, error) { return a.storeSettings(r, false) }

// replaceSettings also sets those that the body does not name, to their defaults.
func (a *API) replaceSettings(r *request) (answer, error) { return a.storeSettings(r, true) }

func (a *API) storeSettings(r *request, whole bool) (answer, error) {
	slug, writable, err := a.writableSettings(r)
	if err != nil {
		return answer{}, err
	}
	body, err := r.object()
	if err != nil {
		return answer{}, err
	}
	values, err := readSettings(writable, body, whole)
	if err != nil {
		return answer{}, err
	}
	if err := a.svc.ChangeSettings(r.Context(), r.actor, values); err != nil {
		return answer{}, err
	}
	return a.answerSettings(r, slug)
}

// readSettings returns what is to be stored, nil for a default, or AWX's 400.
func readSettings(writable []setting, body object, whole bool) (map[string]json.RawMessage, error) {
	values := make(map[string]json.RawMessage)
	var refusals members
	impossible := ""
	for _, s := range writable {
		sent, given := body[s.key]
		if !given {
			switch {
			case whole && s.required:
				refusals = append(refusals, member{s.key, []string{textRequired}})
			case whole:
				values[s.key] = nil
			}
			continue
		}
		switch value, refusal := s.kind(sent); {
		case refusal != nil:
			refusals = append(refusals, member{s.key, refusal})
		case value != nil:
			values[s.key] = value
			if s.never != "" && string(value) == s.never {
				impossible = s.because
			}
		}
	}
	switch {
	case refusals != nil:
		return nil, &problem{http.StatusBadRequest, refusals}
	case impossible != "":
		return nil, invalid("", impossible)
	default:
		return values, nil
	}
}

// resetSettings goes back to the defaults.
func (a *API) resetSettings(r *request) (answer, error) {
	_, writable, err := a.writableSettings(r)
	if err != nil {
		return answer{}, err
	}
	values := make(map[string]json.RawMessage, len(writable))
	for _, s := range writable {
		values[s.key] = nil
	}
	if err := a.svc.ChangeSettings(r.Context(), r.actor, values); err != nil {
		return answer{}, err
	}
	return noContent(), nil
}
