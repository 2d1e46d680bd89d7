package awxapi

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// maxDocument bounds what is held back of an answer of AWX, in bytes. A larger one
// passes as it is.
const maxDocument = 8 << 20

// held is an answer of the upstream that is kept from the client until it has been
// completed. Whatever is not worth that, passes through at once: as a stream, and
// without a change.
type held struct {
	client http.ResponseWriter
	keep   func(status int, h http.Header) bool
	noBody bool // of a HEAD, which was sent on as a GET

	header  http.Header
	status  int // 0: nothing was answered
	body    bytes.Buffer
	passing bool
}

// Header implements http.ResponseWriter.
func (h *held) Header() http.Header {
	if h.passing {
		return h.client.Header() // for trailers
	}
	return h.header
}

// WriteHeader implements http.ResponseWriter.
func (h *held) WriteHeader(status int) {
	if h.status != 0 || status < http.StatusOK && status != http.StatusSwitchingProtocols {
		return
	}
	h.status = status
	if !h.keep(status, h.header) {
		h.pass()
	}
}

// Write implements http.ResponseWriter.
func (h *held) Write(b []byte) (int, error) {
	if h.status == 0 {
		h.WriteHeader(http.StatusOK)
	}
	if !h.passing {
		if h.body.Len()+len(b) <= maxDocument {
			return h.body.Write(b)
		}
		h.pass()
	}
	if h.noBody {
		return len(b), nil
	}
	return h.client.Write(b)
}

// FlushError lets a stream through that passes.
func (h *held) FlushError() error {
	if !h.passing {
		return nil
	}
	err := http.NewResponseController(h.client).Flush()
	if errors.Is(err, http.ErrNotSupported) {
		return nil
	}
	return err
}

// Flush implements http.Flusher, for proxies that ask for it.
func (h *held) Flush() { _ = h.FlushError() } // a client that is gone is noticed when writing

// pass gives up holding: what has come so far goes out, and the rest will follow.
func (h *held) pass() {
	h.passing = true
	copyHeader(h.client.Header(), h.header)
	h.client.WriteHeader(h.status)
	if h.body.Len() > 0 && !h.noBody {
		_, _ = h.client.Write(h.body.Bytes()) // the client may be gone
	}
	h.body = bytes.Buffer{}
}

// send answers with the held answer's status and header, and another body.
func (h *held) send(body []byte) {
	for _, field := range []string{"Etag", "Last-Modified", "Accept-Ranges", "Content-Md5", "Digest", "Content-Digest", "Repr-Digest"} {
		h.header.Del(field) // they are about what AWX sent
	}
	h.header.Set("Content-Length", strconv.Itoa(len(body)))
	h.header.Del("Trailer")
	h.body = *bytes.NewBuffer(body)
	h.pass()
}

// copyHeader adds cookies to those that are there, and replaces everything else.
func copyHeader(to, from http.Header) {
	for name, values := range from {
		if name == "Set-Cookie" {
			values = append(to[name], values...)
		}
		to[name] = values
	}
}

// isDocument reports whether an answer is one that something can be put into.
func isDocument(status int, h http.Header) bool {
	mediaType, _, _ := mime.ParseMediaType(h.Get("Content-Type"))
	coding := h.Get("Content-Encoding")
	length, err := strconv.ParseInt(h.Get("Content-Length"), 10, 64)
	return (status == http.StatusOK || status == http.StatusCreated) && mediaType == "application/json" &&
		(coding == "" || strings.EqualFold(coding, "identity")) && (err != nil || length <= maxDocument)
}

// ask sends a request on. A HEAD becomes a GET, since the length of what will be made
// of the answer is not known before.
func ask(w http.ResponseWriter, r *http.Request, upstream http.Handler, keep func(int, http.Header) bool) *held {
	h := &held{client: w, keep: keep, header: http.Header{}, noBody: r.Method == http.MethodHead}
	sub := subrequest(r)
	sub.Body, sub.ContentLength = r.Body, r.ContentLength
	upstream.ServeHTTP(h, sub)
	return h
}

// subrequest is a request of the same client to the canonical spelling of the path, whose
// answer can be read: whole and in clear. It shares nothing with the client's own, because
// handlers on the way take credentials out of the header.
func subrequest(r *http.Request) *http.Request {
	sub := r.Clone(r.Context())
	if sub.Method == http.MethodHead {
		sub.Method = http.MethodGet
	}
	if !strings.HasSuffix(sub.URL.Path, "/") {
		sub.URL.Path += "/"
		if sub.URL.RawPath != "" {
			sub.URL.RawPath += "/"
		}
	}
	for _, field := range []string{"Range", "If-Range", "If-None-Match", "If-Modified-Since"} {
		sub.Header.Del(field)
	}
	sub.Header.Set("Accept-Encoding", "identity")
	return sub
}

// withBody gives a request another body.
func withBody(r *http.Request, body []byte) *http.Request {
	sub := r.Clone(r.Context())
	sub.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
	sub.Body, _ = sub.GetBody()
	sub.ContentLength, sub.TransferEncoding = int64(len(body)), nil
	sub.Header.Del("Content-Length")
	return sub
}

// withQuery gives a request another query string.
func withQuery(r *http.Request, q query) *http.Request {
	sub := r.Clone(r.Context())
	parts := make([]string, len(q))
	for i, p := range q {
		parts[i] = url.QueryEscape(p.key) + "=" + url.QueryEscape(p.value)
	}
	sub.URL.RawQuery = strings.Join(parts, "&")
	sub.Body, sub.ContentLength = http.NoBody, 0
	return sub
}

var _ interface {
	http.ResponseWriter
	http.Flusher
} = (*held)(nil)
