package caddymodule

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// h2Answer is the end of a stream: a status, or the error that closed the stream or
// the connection.
type h2Answer struct {
	status int
	header map[string]string
	err    string
}

// h2 sends frames on one HTTP/2 connection without TLS, and waits for the end of stream 1.
func (r *attackRig) h2(t *testing.T, at edge, write func(framer *http2.Framer)) h2Answer {
	t.Helper()
	connection, err := (&net.Dialer{Timeout: patience}).DialContext(t.Context(), "tcp", at.address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = connection.Close() }()
	_ = connection.SetDeadline(time.Now().Add(patience))
	if _, err := io.WriteString(connection, http2.ClientPreface); err != nil {
		t.Fatal(err)
	}
	framer := http2.NewFramer(connection, connection)
	framer.AllowIllegalWrites = true
	if err := framer.WriteSettings(); err != nil {
		t.Fatal(err)
	}
	write(framer)
	answer := h2Answer{header: map[string]string{}}
	decoder := hpack.NewDecoder(4096, func(f hpack.HeaderField) {
		answer.header[f.Name] = f.Value
		if f.Name == ":status" {
			answer.status, _ = strconv.Atoi(f.Value)
		}
	})
	for {
		frame, err := framer.ReadFrame()
		if err != nil {
			answer.err = err.Error()
			return answer
		}
		switch f := frame.(type) {
		case *http2.SettingsFrame:
			if !f.IsAck() {
				_ = framer.WriteSettingsAck()
			}
		case *http2.HeadersFrame:
			if _, err := decoder.Write(f.HeaderBlockFragment()); err != nil {
				t.Fatal(err)
			}
			if f.StreamEnded() {
				return answer
			}
		case *http2.DataFrame:
			if f.StreamEnded() {
				return answer
			}
		case *http2.RSTStreamFrame:
			answer.err = f.ErrCode.String()
			return answer
		case *http2.GoAwayFrame:
			answer.err = f.ErrCode.String()
			return answer
		}
	}
}

// fields encodes name and value by turns, as they are.
func fields(pairs ...string) []byte {
	var block bytes.Buffer
	encoder := hpack.NewEncoder(&block)
	for i := 0; i < len(pairs); i += 2 {
		_ = encoder.WriteField(hpack.HeaderField{Name: pairs[i], Value: pairs[i+1]}) // a buffer takes everything
	}
	return block.Bytes()
}

func (r *attackRig) h2Fields(t *testing.T, at edge, pairs ...string) (h2Answer, []rawRequest) {
	t.Helper()
	got := r.h2(t, at, func(framer *http2.Framer) {
		_ = framer.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: fields(pairs...), EndStream: true, EndHeaders: true})
	})
	return got, r.raw.take()
}

func newH2AttackRig(t *testing.T) *attackRig {
	t.Helper()
	return newAttackRig(t, instead(t, "auto_https off", "auto_https off\nservers {\nprotocols h1 h2c\n}"))
}

func TestAttackHTTP2(t *testing.T) {
	r := newH2AttackRig(t)
	good := []string{":method", "GET", ":scheme", "http", ":path", "/api/v2/jobs/", ":authority", "gate.example", "authorization", "Bearer " + r.write}
	with := func(pairs ...string) []string { return slices.Concat(good, pairs) }
	instead := func(name, value string) []string {
		changed := append([]string(nil), good...)
		for i := 0; i < len(changed); i += 2 {
			if changed[i] == name {
				changed[i+1] = value
			}
		}
		return changed
	}
	r.each(t, func(t *testing.T, at edge) {
		if got, seen := r.h2Fields(t, at, good...); got.status != http.StatusOK || len(seen) != 1 || seen[0].Header.Get("X-Awxgate-User") != "admin" {
			t.Fatalf("an ordinary request: %+v, the upstream saw %+v", got, seen)
		}
		for name, pairs := range map[string][]string{
			"E12 a path without a slash":       instead(":path", "api/v2/users/"),
			"E12 a path of an asterisk":        instead(":path", "*"),
			"E12 an empty path":                instead(":path", ""),
			"E12 a whole URL":                  instead(":path", "http://evil.example/api/v2/jobs/"),
			"E12 a path with a space":          instead(":path", "/x HTTP/1.1\r\nX-Awxgate-User: admin"),
			"E12 a path with a line":           instead(":path", "/x\r\n\r\nGET /smuggled HTTP/1.1"),
			"E12 a path with NUL":              instead(":path", "/x\x00"),
			"E12 a path with two readings":     instead(":path", "/api/v2/jobs/7/../8/"),
			"E12 an encoded slash":             instead(":path", "/api/v2/jobs/7%2f8/"),
			"E12 a fragment":                   instead(":path", "/api/v2/jobs/#/ping"),
			"E12 two paths":                    with(":path", "/api/v2/ping/"),
			"E12 two methods":                  with(":method", "POST"),
			"E12 two authorities":              with(":authority", "evil.example"),
			"E12 an unknown pseudo-field":      append([]string{":evil", "x"}, good...),
			"E12 no path":                      append(append([]string(nil), good[:4]...), good[6:]...),
			"E12 no method":                    good[2:],
			"E12 a pseudo-field of an answer":  append([]string{":status", "200"}, good...),
			"E12 a method with a line":         instead(":method", "GET / HTTP/1.1\r\nHost: x\r\n\r\nGET"),
			"E12 a method with a space":        instead(":method", "GET /x"),
			"E12 an empty method":              instead(":method", ""),
			"E12 TRACE":                        instead(":method", "TRACE"),
			"E12 a name in upper case":         with("X-Awxgate-User", "claimed"),
			"E12 a connection field":           with("connection", "close, x-awxgate-user"),
			"E12 a coding":                     with("transfer-encoding", "chunked"),
			"E12 a proxy connection":           with("proxy-connection", "close"),
			"E12 an upgrade":                   with("upgrade", "websocket"),
			"E12 TE":                           with("te", "chunked"),
			"E12 a line in a value":            with("x-a", "b\r\nX-Awxgate-User: claimed"),
			"E12 NUL in a value":               with("x-a", "b\x00"),
			"E12 a line in a name":             with("x-a\r\nx-awxgate-user", "claimed"),
			"E12 a colon in a name":            with("x-a:b", "claimed"),
			"E12 an empty name":                with("", "claimed"),
			"E12 a length without a body":      with("content-length", "5"),
			"E12 an authority with a path":     instead(":authority", "gate.example/evil"),
			"E12 an authority with a space":    instead(":authority", "gate.example evil"),
			"E12 two tokens":                   with("authorization", "Bearer "+r.read),
			"E12 a bad token":                  instead("authorization", "Bearer bad"),
			"E12 an extended CONNECT":          {":method", "CONNECT", ":protocol", "websocket", ":scheme", "http", ":path", "/websocket/", ":authority", "gate.example"},
			"E12 CONNECT":                      {":method", "CONNECT", ":authority", "evil.example:443"},
			"P1 the token API, spelled other":  instead(":path", "/api/v2/%74okens/"),
			"M1 a read token, PURGE":           {":method", "PURGE", ":scheme", "http", ":path", "/api/v2/jobs/", ":authority", "gate.example", "authorization", "Bearer " + r.read},
			"M1 a read token, post":            {":method", "post", ":scheme", "http", ":path", "/api/v2/jobs/", ":authority", "gate.example", "authorization", "Bearer " + r.read},
			"E6 a token in the query":          {":method", "GET", ":scheme", "http", ":path", "/api/v2/jobs/?access_token=" + r.read, ":authority", "gate.example"},
			"E4 a token twice in one field":    instead("authorization", "Bearer "+r.read+", Bearer "+r.write),
			"E12 a field before a pseudo-one":  append([]string{"x-a", "b"}, good...),
			"E12 a length that is no number":   with("content-length", "x"),
			"E12 two lengths":                  with("content-length", "0", "content-length", "1"),
			"E12 a scheme with a line":         instead(":scheme", "http://evil\r\nX: y"),
			"E12 keep-alive":                   with("keep-alive", "x"),
			"E12 a name with a space":          with("x-awxgate-user ", "claimed"),
			"E12 a name beyond ASCII":          with("x-\u00e4", "claimed"),
			"E12 the preface of another":       instead(":method", "PRI"),
			"E12 a path with a byte above 127": instead(":path", "/api/v2/\xff/"),
		} {
			t.Run(name, func(t *testing.T) {
				got, seen := r.h2Fields(t, at, pairs...)
				refused := got.err != "" || got.status >= 400 && got.status < 500
				// What has one meaning may pass as what it means.
				for _, request := range seen {
					honest := request.target == "/api/v2/jobs/" && request.Header.Get("X-Awxgate-User") == "admin" &&
						request.names("claimed") == nil && !strings.Contains(request.raw, "evil") && strings.Count(request.raw, "\r\n\r\n") == 1
					if !honest {
						t.Errorf("%+v; the upstream saw:\n%s", got, request.raw)
					}
				}
				if !refused && len(seen) == 0 || len(seen) > 1 {
					t.Errorf("%+v, the upstream saw %d requests", got, len(seen))
				}
			})
		}
	})
}

func TestAttackHTTP2Trailers(t *testing.T) {
	r := newH2AttackRig(t)
	r.each(t, func(t *testing.T, at edge) {
		for _, announced := range []string{"x-awxgate-user, x-dab-jw-token", "x-other"} {
			got := r.h2(t, at, func(framer *http2.Framer) {
				_ = framer.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, EndHeaders: true, BlockFragment: fields(":method", "POST", ":scheme", "http",
					":path", "/api/v2/jobs/", ":authority", "gate.example", "authorization", "Bearer "+r.write, "te", "trailers", "trailer", announced)})
				_ = framer.WriteData(1, false, []byte("body"))
				_ = framer.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, EndHeaders: true, EndStream: true, BlockFragment: fields("x-awxgate-user", "claimed", "x-dab-jw-token", "claimed")})
			})
			seen := r.raw.take()
			if got.status != http.StatusOK || len(seen) != 1 || seen[0].body != "body" || strings.Contains(seen[0].raw, "claimed") || seen[0].Header.Get("X-Awxgate-User") != "admin" {
				t.Errorf("E12 trailers %s: %+v, the upstream saw %+v", announced, got, seen)
			}
		}
	})
}

// Claims and look-alikes fare no better, and :authority is the host whatever Host says.
func TestAttackHTTP2Claims(t *testing.T) {
	r := newH2AttackRig(t)
	r.each(t, func(t *testing.T, at edge) {
		for _, claim := range claimable {
			for _, name := range spellings(strings.ToLower(claim)) {
				if name != strings.ToLower(name) {
					continue
				}
				got, seen := r.h2Fields(t, at, ":method", "GET", ":scheme", "http", ":path", "/", ":authority", "gate.example", name, "claimed", "authorization", "Bearer "+r.read)
				if refused := got.err != ""; !refused && (len(seen) != 1 || seen[0].names("claimed") != nil || seen[0].Header.Get("X-Awxgate-User") != "admin") {
					t.Errorf("E1 E2 %s: %+v, the upstream saw %+v", name, got, seen)
				}
			}
		}
		_, seen := r.h2Fields(t, at, ":method", "GET", ":scheme", "http", ":path", "/", ":authority", "gate.example", "host", "evil.example", "authorization", "Bearer "+r.read)
		for _, request := range seen {
			if strings.Contains(request.raw, "evil") || request.Host != "gate.example" {
				t.Errorf("E9 E12 Host beside :authority: the upstream saw:\n%s", request.raw)
			}
		}
		_, seen = r.h2Fields(t, at, ":method", "GET", ":scheme", "http", ":path", "/", ":authority", "gate.example",
			"cookie", "csrftoken=c", "cookie", "awx_sessionid=admins", "authorization", "Bearer "+r.read)
		if len(seen) != 1 || fmt.Sprint(seen[0].Header["Cookie"]) != "[csrftoken=c]" {
			t.Errorf("E5 cookies in several fields: the upstream saw %+v", seen)
		}
	})
}
