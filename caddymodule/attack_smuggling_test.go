package caddymodule

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
)

// Whatever a client does to the end of a request, the upstream gets the one that was
// judged, or none; what is hidden behind it is judged by itself.
func TestAttackSmuggledRequests(t *testing.T) {
	r := newAttackRig(t)
	const hidden = "GET /smuggled HTTP/1.1\r\nHost: gate.example\r\nX-Awxgate-User: claimed\r\nX-DAB-JW-TOKEN: claimed\r\n\r\n"
	chunked := "0\r\n\r\n" + hidden
	for _, test := range []struct {
		name  string
		lines string
		body  string
	}{
		{"E11 both lengths", "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", chunked},
		{"E11 both lengths, other order", "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n", chunked},
		{"E11 an unknown coding", "Transfer-Encoding: xchunked\r\n", chunked},
		{"E11 two codings", "Transfer-Encoding: chunked, identity\r\n", chunked},
		{"E11 two codings, other order", "Transfer-Encoding: identity, chunked\r\n", chunked},
		{"E11 two fields of coding", "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", chunked},
		{"E11 the coding twice", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", chunked},
		{"E11 a coding with a tab", "Transfer-Encoding:\tchunked\r\nContent-Length: 4\r\n", chunked},
		{"E11 a coding with a vertical tab", "Transfer-Encoding: \vchunked\r\nContent-Length: 4\r\n", chunked},
		{"E11 a space before the colon", "Transfer-Encoding : chunked\r\nContent-Length: 4\r\n", chunked},
		{"E11 a folded coding", "Transfer-Encoding:\r\n chunked\r\nContent-Length: 4\r\n", chunked},
		{"E11 a look-alike of the coding", "Transfer_Encoding: chunked\r\nContent-Length: 0\r\n", hidden},
		{"E11 a look-alike of the length", "Content_Length: 0\r\nContent-Length: " + length(hidden) + "\r\n", hidden},
		{"E11 two lengths", "Content-Length: 0\r\nContent-Length: " + length(hidden) + "\r\n", hidden},
		{"E11 a list of lengths", "Content-Length: 0, " + length(hidden) + "\r\n", hidden},
		{"E11 a length with a sign", "Content-Length: +0\r\n", hidden},
		{"E11 a negative length", "Content-Length: -1\r\n", hidden},
		{"E11 a length in hexadecimal", "Content-Length: 0x0\r\n", hidden},
		{"E11 a length with an underscore", "Content-Length: 0_0\r\n", hidden},
		{"E11 an empty length", "Content-Length:\r\n", hidden},
		{"E11 a length that overflows", "Content-Length: 18446744073709551616\r\n", hidden},
		{"E11 a length in other digits", "Content-Length: \u0660\r\n", hidden},
		{"E11 no length", "", hidden},
		{"E11 lines that end in LF", "X-A: b\nContent-Length: 0\n", hidden},
		{"E11 a CR in a field", "X-A: b\rTransfer-Encoding: chunked\r\nContent-Length: 0\r\n", hidden},
		{"E11 a CR in a name", "X-A\rTransfer-Encoding: chunked\r\nContent-Length: 0\r\n", hidden},
		{"E11 a NUL in a name", "Content-Length\x00: 5\r\nContent-Length: 0\r\n", hidden},
		{"E11 a line without a colon", "GET /smuggled HTTP/1.1\r\nContent-Length: 0\r\n", hidden},
		{"E11 an extension of a chunk", "Transfer-Encoding: chunked\r\n", "2;a=\"\r\n\"\r\nab\r\n0\r\n\r\n" + hidden},
		{"E11 an extension with LF", "Transfer-Encoding: chunked\r\n", "2;a\nab\r\n0\r\n\r\n" + hidden},
		{"E11 a chunk that is too short", "Transfer-Encoding: chunked\r\n", "1\r\nab\r\n0\r\n\r\n" + hidden},
		{"E11 a chunk of negative size", "Transfer-Encoding: chunked\r\n", "-1\r\n\r\n0\r\n\r\n" + hidden},
		{"E11 a chunk size that overflows", "Transfer-Encoding: chunked\r\n", "10000000000000000\r\n\r\n0\r\n\r\n" + hidden},
		{"E11 a chunk size with a prefix", "Transfer-Encoding: chunked\r\n", "0x2\r\nab\r\n0\r\n\r\n" + hidden},
		{"E11 chunks that end in LF", "Transfer-Encoding: chunked\r\n", "2\nab\n0\n\n" + hidden},
		{"E11 a request as a trailer", "Transfer-Encoding: chunked\r\n", "0\r\n" + hidden},
		{"E11 the length in a trailer", "Transfer-Encoding: chunked\r\n", "0\r\nContent-Length: 5\r\n\r\n" + hidden},
		{"E11 an expectation", "Expect: 100-continue\r\nContent-Length: 4\r\n", "abcd" + hidden},
		{"E11 an unknown expectation", "Expect: x\r\nContent-Length: 4\r\n", "abcd" + hidden},
		{"E11 HTTP/2", "Content-Length: 0\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + hidden},
	} {
		for _, version := range []string{"HTTP/1.1", "HTTP/1.0"} {
			r.each(t, func(t *testing.T, at edge) {
				t.Run(test.name+", "+version, func(t *testing.T) {
					head := "POST /api/v2/jobs/ " + version + "\r\nHost: gate.example\r\n" + authorization(r.write) + "\r\n"
					// The last request closes the connection, whoever reads how far.
					answers := r.send(t, at, head+test.lines+"\r\n"+strings.Replace(test.body, "Host:", "Connection: close\r\nHost:", 1)+
						"GET /last HTTP/1.1\r\nHost: gate.example\r\nConnection: close\r\n\r\n")
					r.checkSmuggling(t, answers)
				})
			})
		}
	}
}

func length(text string) string { return strconv.Itoa(len(text)) }

// checkSmuggling accepts that a hidden request is seen as one of its own, which then has
// no identity.
func (r *attackRig) checkSmuggling(t *testing.T, answers []answer) {
	t.Helper()
	seen := r.raw.take()
	judged := 0
	for _, request := range seen {
		switch {
		case request.target == "/api/v2/jobs/" && request.Header.Get("X-Awxgate-User") == "admin":
			judged++
		case (request.target == "/smuggled" || request.target == "/last") && request.Header.Get("X-Awxgate-User") == "" && request.names("claimed") == nil:
		default:
			t.Errorf("the upstream saw:\n%s", request.raw)
		}
		if strings.Count(request.raw, " HTTP/1.1\r\n") != 1 && request.body == "" {
			t.Errorf("the upstream saw two in one:\n%s", request.raw)
		}
	}
	if judged > 1 || len(seen) > len(answers) {
		t.Errorf("%d answers, the upstream saw %d requests, %d with the token", len(answers), len(seen), judged)
	}
}

// Requests on one connection have nothing in common.
func TestAttackPipelinedRequests(t *testing.T) {
	r := newAttackRig(t)
	r.each(t, func(t *testing.T, at edge) {
		request := func(target, credentials, more string) string {
			return "GET " + target + " HTTP/1.1\r\nHost: gate.example\r\n" + credentials + "\r\n" + more + "\r\n"
		}
		answers := r.send(t, at, request("/1", authorization(r.write), "")+request("/2", "X-Awxgate-User: claimed", "")+
			request("/3", authorization("bad"), "")+request("/4", authorization(r.read), "")+request("/5", "X-Nothing: here", "Connection: close\r\n"))
		var statuses []int
		for _, a := range answers {
			statuses = append(statuses, a.status)
		}
		if fmt.Sprint(statuses) != "[200 200 401 200 200]" {
			t.Errorf("E11: %v", statuses)
		}
		var acts []string
		for _, seen := range r.raw.take() {
			acts = append(acts, seen.target+" "+seen.Header.Get("X-Awxgate-User")+" "+seen.Header.Get("X-Awxgate-Scope"))
		}
		if fmt.Sprintf("%q", acts) != `["/1 admin write" "/2  " "/4 admin read" "/5  "]` {
			t.Errorf("E11: the upstream saw %q", acts)
		}
	})
}
