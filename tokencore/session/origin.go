package session

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/awxgate/awxgate/tokencore"
)

// settingTrustedOrigins lists further sites whose forms are accepted, such as
// "https://ui.example" or "https://*.example".
const settingTrustedOrigins = "CSRF_TRUSTED_ORIGINS"

// checkOrigin asks the browser where the request comes from, as Django does: Origin if
// it is there, else, on an encrypted connection, Referer. A browser that sends
// Sec-Fetch-Site has compared the origins itself. Clients that are no browsers send
// none of them.
func (s *Sessions) checkOrigin(r *http.Request) error {
	fetchSite := r.Header.Get("Sec-Fetch-Site")
	sameOrigin := fetchSite == "same-origin" || fetchSite == "none"
	if origins := r.Header.Values("Origin"); len(origins) > 0 {
		origin := origins[0]
		scheme, host, _ := strings.Cut(origin, "://")
		// Who ends TLS before us does not always say so; the browser knows the scheme.
		if host == r.Host && (scheme == s.scheme(r) || sameOrigin) {
			return nil
		}
		return s.trusted(r, scheme, host, "Origin checking failed - "+origin+" does not match any trusted origins.")
	}
	if fetchSite != "" && !sameOrigin {
		return &CSRFError{"Origin checking failed - the request was made by another site."}
	}
	if s.scheme(r) != "https" {
		return nil
	}
	return s.checkReferer(r)
}

func (s *Sessions) checkReferer(r *http.Request) error {
	if len(r.Header.Values("Referer")) == 0 {
		return &CSRFError{"Referer checking failed - no Referer."}
	}
	referer, err := url.Parse(r.Header.Get("Referer"))
	if err != nil || referer.Scheme == "" || referer.Host == "" {
		return &CSRFError{"Referer checking failed - Referer is malformed."}
	}
	if referer.Scheme != "https" {
		return &CSRFError{"Referer checking failed - Referer is insecure while host is secure."}
	}
	if strings.EqualFold(referer.Host, r.Host) {
		return nil
	}
	return s.trusted(r, referer.Scheme, referer.Host,
		"Referer checking failed - "+referer.String()+" does not match any trusted origins.")
}

// trusted refuses an origin for the reason unless the settings list it.
func (s *Sessions) trusted(r *http.Request, scheme, host, reason string) error {
	stored, err := s.svc.Store().StoredSettings(r.Context())
	if err != nil {
		return tokencore.Unavailable("reading settings", err)
	}
	var origins []string
	if raw := stored[settingTrustedOrigins]; raw != nil {
		_ = json.Unmarshal(raw, &origins) // anything but a list of texts trusts nobody
	}
	listed := slices.ContainsFunc(origins, func(origin string) bool {
		trustedScheme, trustedHost, _ := strings.Cut(origin, "://")
		if domain, wildcard := strings.CutPrefix(trustedHost, "*"); wildcard {
			return scheme == trustedScheme && strings.HasPrefix(domain, ".") && strings.HasSuffix(host, domain)
		}
		return scheme == trustedScheme && host == trustedHost
	})
	if host == "" || !listed {
		return &CSRFError{reason}
	}
	return nil
}

// scheme is what the browser's address bar shows.
func (s *Sessions) scheme(r *http.Request) string {
	if s.config.Secure(r) {
		return "https"
	}
	return "http"
}
