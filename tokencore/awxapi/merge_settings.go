package awxapi

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"

	"github.com/awxgate/awxgate/tokencore"
)

// tokenSettings are the settings that AWX 24.6.1 had for its tokens, and we for ours.
var tokenSettings = []string{tokencore.SettingOAuth2Provider, tokencore.SettingExternalUsers}

// accountSettings decide about users, sessions and passwords, and are ours with accounts of
// our own. An AWX behind has them, too, for accounts with which nobody signs in any more.
var accountSettings = []string{
	tokencore.SettingBasicAuth, tokencore.SettingActivityStream, tokencore.SettingAdminsSeeAllUsers,
	tokencore.SettingAdminsManageAccounts, tokencore.SettingSessionAge, tokencore.SettingSessionsPerUser,
	tokencore.SettingLocalAuthOff,
}

// sharedSettings are the categories in which there is something of ours; the others
// are AWX's alone.
func (a *API) sharedSettings() shared {
	return shared{
		route: route{
			path: "/api/v2/settings/{slug}/", name: "Setting Detail",
			get: a.showSettings, put: a.replaceSettings, patch: a.changeSettings, delete: a.resetSettings,
		},
		methods: []string{http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodPut, http.MethodPatch, http.MethodDelete},
		only:    func(captured []string) bool { return len(a.ourSettings(captured[0])) > 0 },
		serve:   (*API).serveSharedSettings,
	}
}

// ourSettings are those of a category that are ours although there is an AWX.
func (a *API) ourSettings(slug string) []setting {
	ours := tokenSettings
	if a.config.Accounts != nil {
		ours = slices.Concat(tokenSettings, accountSettings)
	}
	if slug == categoryChanged {
		slug = categoryAll // what is about to change need not have changed before
	}
	var found []setting
	for _, s := range settingTable {
		if slices.Contains(ours, s.key) && s.isIn(slug, nil) {
			found = append(found, s)
		}
	}
	return found
}

func (a *API) serveSharedSettings(m merging) {
	r := m.request(a)
	switch m.r.Method {
	case http.MethodOptions:
		edited(func(_ merging, d document) document { return a.describeOurSettings(r, d) }, a.unknownToAWX()...)(a, m)
	case http.MethodGet, http.MethodHead:
		a.showSharedSettings(m, r)
	default:
		a.changeSharedSettings(m, r)
	}
}

// unknownToAWX are the statuses by which AWX says that it does not know a requester who
// may well be one of our own accounts.
func (a *API) unknownToAWX() []int {
	if a.config.Accounts == nil {
		return nil
	}
	return []int{http.StatusUnauthorized}
}

// showSharedSettings relies on AWX's decision who may see settings. Ours are read first:
// AWX's document alone would say that they do not exist.
func (a *API) showSharedSettings(m merging, r *request) {
	stored, err := a.storedSettings(m.r.Context())
	if err != nil {
		m.refuse(a, r, err)
		return
	}
	edited(func(_ merging, d document) document { return a.putSettings(r.captured[0], d, stored) }, a.unknownToAWX()...)(a, m)
}

// putSettings puts ours into AWX's document of a category.
func (a *API) putSettings(slug string, d document, stored map[string]json.RawMessage) document {
	for _, s := range a.ourSettings(slug) {
		if s.isIn(slug, stored) {
			d = d.put(s.key, s.value(stored), settingOrder)
		}
	}
	return d
}

// settingOrder is AWX's order of what settingTable has.
var settingOrder = func() []string {
	keys := make([]string, len(settingTable))
	for i, s := range settingTable {
		keys[i] = s.key
	}
	return keys
}()

// describeOurSettings completes the fields that OPTIONS lists for each method that AWX
// offers the requester.
func (a *API) describeOurSettings(r *request, d document) document {
	raw, _ := d.get("actions")
	methods, err := parseDocument(raw)
	if err != nil {
		return nil
	}
	for i, method := range methods {
		fields, err := parseDocument(method.value)
		if err != nil {
			continue
		}
		for _, s := range a.ourSettings(r.captured[0]) {
			described := s.info(r).describe(settingInfo, method.key != http.MethodGet)
			fields = fields.put(s.key, encoded(described), settingOrder)
		}
		methods[i].value = fields.text()
	}
	return d.put("actions", methods.text(), nil)
}

// changeSharedSettings shares out what is to be set. Ours is judged first, then AWX
// writes its part, and at the moment at which it says that it has, we write ours: what AWX
// refuses changes nothing. If then our store fails, the client sees that, and can
// repeat the whole.
func (a *API) changeSharedSettings(m merging, r *request) {
	text, err := io.ReadAll(http.MaxBytesReader(m.w, m.r.Body, maxBody))
	if err != nil {
		m.refuse(a, r, unreadable(err))
		return
	}
	r.Request = withBody(m.r, text)
	m.r = withBody(m.r, text)
	sent, err := parseDocument(text)
	if len(text) == 0 {
		sent, err = document{}, nil
	}
	ours := a.ourSettings(r.captured[0])
	named := slices.ContainsFunc(sent, func(member documentMember) bool {
		return slices.ContainsFunc(ours, func(s setting) bool { return s.key == member.key })
	})
	if err == nil && (named || m.r.Method != http.MethodPatch) {
		// What both have, both get: AWX demands it of a PUT.
		rest := sent.without(func(key string) bool { return slices.Contains(tokenSettings, key) })
		a.writeSharedSettings(m, r, rest, ours)
		return
	}
	// Nothing of it is for us, or it is nothing that AWX will accept.
	a.showSharedSettings(m, r)
}

// writeSharedSettings writes the rest at AWX, then ours.
func (a *API) writeSharedSettings(m merging, r *request, rest document, ours []setting) {
	values, err := a.judgeSettings(m.w, r, ours)
	if err != nil {
		m.refuse(a, r, err)
		return
	}
	forwarded := m.r
	if m.r.Method != http.MethodDelete {
		forwarded = withBody(m.r, rest.text())
	}
	var failed error
	var stored map[string]json.RawMessage
	h := ask(m.w, forwarded, m.upstream, func(status int, h http.Header) bool {
		switch {
		case slices.Contains(a.unknownToAWX(), status):
			return true
		case status < http.StatusOK || status >= http.StatusMultipleChoices:
			return false
		}
		ctx := r.Context()
		if failed = a.svc.ChangeSettings(ctx, r.actor, values); failed == nil {
			stored, failed = a.storedSettings(ctx)
		}
		return failed != nil || isDocument(status, h)
	})
	switch {
	case h.status == 0, h.passing:
	case failed != nil:
		m.refuse(a, r, failed)
	case h.status == http.StatusUnauthorized:
		a.serveAlone(m)
	default:
		h.edit(func(d document) document { return a.putSettings(r.captured[0], d, stored) })
	}
}

// judgeSettings says what of ours is to be written, if the requester may and the values
// are good. A store that does not answer is noticed here, before AWX has written its part.
func (a *API) judgeSettings(w http.ResponseWriter, r *request, ours []setting) (map[string]json.RawMessage, error) {
	if err := a.authenticate(w, r); err != nil {
		return nil, err
	}
	if !r.actor.Scope.Allows(r.Method) {
		return nil, tokencore.ErrScope
	}
	if !r.actor.User.IsSuperuser {
		return nil, forbidden()
	}
	if _, err := a.storedSettings(r.Context()); err != nil {
		return nil, err
	}
	if r.Method == http.MethodDelete {
		values := make(map[string]json.RawMessage, len(ours))
		for _, s := range ours {
			values[s.key] = nil
		}
		return values, nil
	}
	if err := r.readBody(w); err != nil {
		return nil, err
	}
	body, err := r.object()
	if err != nil {
		return nil, err
	}
	whole := r.Method == http.MethodPut
	return readSettings(ours, body, whole)
}
