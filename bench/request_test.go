package bench_test

import (
	"net/http"
	"testing"

	"github.com/awxgate/awxgate/tokencore/bearer"
	"github.com/awxgate/awxgate/tokencore/store/memory"
)

// BenchmarkRequest compares handlers, so that the check can be seen against a request.
func BenchmarkRequest(b *testing.B) {
	g := newGateway(b, memory.New())
	verifier, values := g.cached(b), g.authorizations(b, 1)
	warm(b, verifier, values)
	hello := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusOK)
		_, _ = w.Write([]byte(`{"id":7}`))
	})
	guarded := bearer.Require(verifier)(hello)

	for _, bm := range []struct {
		name    string
		handler http.Handler
		request *http.Request
		want    int
	}{
		{"floor", hello, request(values[0]), http.StatusOK},
		{"no-token", guarded, request(""), http.StatusUnauthorized},
		{"hit", guarded, request(values[0]), http.StatusOK},
	} {
		b.Run(bm.name, func(b *testing.B) { benchmarkHandler(b, bm.handler, bm.request, bm.want) })
		b.Run(bm.name+"-parallel", func(b *testing.B) {
			b.ResetTimer()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					serve(b, bm.handler, bm.request, bm.want)
				}
			})
		})
	}
}

func benchmarkHandler(b *testing.B, handler http.Handler, r *http.Request, want int) {
	for b.Loop() {
		serve(b, handler, r, want)
	}
}

func serve(b *testing.B, handler http.Handler, r *http.Request, want int) {
	w := &response{header: make(http.Header)}
	handler.ServeHTTP(w, r)
	if w.status != want {
		b.Errorf("status %d, want %d", w.status, want)
	}
}

// response is a ResponseWriter that costs as little as one can.
type response struct {
	header http.Header
	status int
}

func (r *response) Header() http.Header            { return r.header }
func (r *response) Write(body []byte) (int, error) { return len(body), nil }
func (r *response) WriteHeader(status int)         { r.status = status }
