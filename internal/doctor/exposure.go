package doctor

import (
	"context"
	"crypto/rand"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
)

// origin finds out whether AWX takes forms that browsers send from the gateway's address.
// Django compares the Origin with the scheme and the host that it sees; behind TLS that
// another server ends it sees the wrong scheme. The login below is one that cannot
// succeed: the question is whether it fails for its password.
func (e *examination) origin() {
	const check = "forms"
	if e.Origin == "" {
		e.report(unknown(check, "the address of AWX's pages in browsers is not known", "run it again with --origin https://NAME"))
		return
	}
	public, err := url.Parse(e.Origin)
	if err != nil || public.Host == "" || public.Scheme != "https" && public.Scheme != "http" {
		e.report(failed(check, "the origin is no address", "write --origin https://NAME"))
		return
	}
	as := func(r *http.Request) { r.Host = public.Host }
	page, err := e.get("/api/login/", func(r *http.Request) error { as(r); return nil })
	token := ""
	for _, cookie := range (&http.Response{Header: page.header}).Cookies() {
		if cookie.Name == "csrftoken" {
			token = cookie.Value
		}
	}
	if err != nil || token == "" {
		e.report(unknown(check, "AWX's login page could not be read, "+page.says(), "open it in a browser through the gateway"))
		return
	}
	answer, err := send(e.ctx, e.Transport, http.MethodPost, e.URL+"/api/login/", func(r *http.Request) error {
		as(r)
		form := url.Values{"username": {"awxgate-doctor"}, "password": {rand.Text()}, "csrfmiddlewaretoken": {token}}.Encode()
		r.Body, r.ContentLength = body(form)
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Origin", public.Scheme+"://"+public.Host)
		r.Header.Set("Referer", public.Scheme+"://"+public.Host+"/api/login/")
		r.Header.Set("X-CSRFToken", token)
		r.AddCookie(&http.Cookie{Name: "csrftoken", Value: token}) //nolint:gosec // a request's cookie has no attributes
		return nil
	})
	switch {
	case err != nil:
		e.report(unknown(check, "AWX could not be asked", err.Error()))
	case answer.status == http.StatusForbidden:
		e.report(failed(check, "AWX refuses forms from "+e.Origin,
			fmt.Sprintf("add CSRF_TRUSTED_ORIGINS = [%q] to AWX's settings and restart its web service", public.Scheme+"://"+public.Host)))
	default:
		e.report(ok(check, "AWX takes forms from %s", e.Origin))
	}
}

// exposure looks for AWX at addresses other than the gateway's: who reaches AWX there gets
// round the scopes of tokens.
func (e *examination) exposure() {
	const check = "detours"
	const advice = "let a firewall or a NetworkPolicy admit the gateway only"
	addresses := e.Direct
	if len(addresses) == 0 {
		addresses = otherAddresses(e.ctx, e.URL)
	}
	for _, address := range addresses {
		answer, err := send(e.ctx, e.Transport, http.MethodGet, strings.TrimSuffix(address, "/")+"/api/v2/ping/", nil)
		if err != nil {
			e.report(ok(check, "no answer at %s", address))
		} else if _, isAWX := answer.ping(); isAWX {
			e.report(failed(check, "AWX can be reached at "+address, advice))
		} else {
			e.report(ok(check, "what answers at %s is not AWX", address))
		}
	}
	if len(addresses) == 0 {
		e.report(unknown(check, "whether clients can reach AWX round the gateway cannot be seen from here",
			"run it again with --direct URL for each address that AWX has outside, from where the clients are"))
	}
}

// otherAddresses lists where this machine could be reached from outside, for an AWX on
// this very machine.
func otherAddresses(ctx context.Context, awx string) []string {
	parsed, err := url.Parse(awx)
	if err != nil {
		return nil
	}
	ips, err := net.DefaultResolver.LookupNetIP(ctx, "ip", parsed.Hostname())
	if err != nil || len(ips) == 0 || !ips[0].IsLoopback() {
		return nil
	}
	interfaces, err := net.InterfaceAddrs()
	if err != nil {
		return nil
	}
	var others []string
	for _, a := range interfaces {
		prefix, err := netip.ParsePrefix(a.String())
		if err != nil || prefix.Addr().IsLoopback() || prefix.Addr().IsLinkLocalUnicast() {
			continue
		}
		others = append(others, parsed.Scheme+"://"+net.JoinHostPort(prefix.Addr().String(), portOf(parsed)))
	}
	return others
}

func portOf(u *url.URL) string {
	switch {
	case u.Port() != "":
		return u.Port()
	case u.Scheme == "https":
		return "443"
	default:
		return "80"
	}
}
