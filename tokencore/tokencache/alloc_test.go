package tokencache

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/bearer"
)

func TestHitDoesNotAllocate(t *testing.T) {
	b := newBench(t, Config{})
	b.source.live(alice())
	b.wants(t, "a", nil, 1)
	usage := NewUsage(nothing{}, UsageConfig{Now: b.clock.now})
	defer usage.Close()
	r := httptest.NewRequest(http.MethodGet, "/api/v2/jobs/", nil)
	r.Header.Set("Authorization", "Bearer a")
	post := r.Clone(t.Context())
	post.Method = http.MethodPost
	from := netip.MustParseAddr("192.0.2.1")

	for name, f := range map[string]func(){
		"a hit": func() {
			p, err := bearer.Check(r, b.view)
			if err != nil {
				t.Fatal(err)
			}
			usage.Used(p, from)
		},
		"a hit whose scope is not enough": func() {
			if _, err := bearer.Check(post, b.view); !errors.Is(err, tokencore.ErrScope) {
				t.Fatal(err)
			}
		},
	} {
		if n := testing.AllocsPerRun(1000, f); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
	if got := b.source.calls.Load(); got != 1 {
		t.Errorf("%d questions, so these were not hits", got)
	}
}

func TestRememberedRefusalDoesNotAllocate(t *testing.T) {
	b := newBench(t, Config{})
	b.wants(t, "a", tokencore.ErrInvalidToken, 1)
	ctx, digest := t.Context(), digestOf("a")
	if n := testing.AllocsPerRun(1000, func() { _, _ = b.view.Verify(ctx, digest) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
