package bearer_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/bearer"
)

// oneToken stands for a tokencore.Service, or the tokencache view of one.
type oneToken struct{}

func (oneToken) Verify(_ context.Context, digest tokencore.Digest) (*tokencore.Principal, error) {
	if digest != tokencore.NewSecret("secret-token").Digest(tokencore.KindAccess) {
		return nil, tokencore.ErrInvalidToken
	}
	return &tokencore.Principal{Scope: tokencore.ScopeRead, User: tokencore.User{Username: "alice"}}, nil
}

func ExampleRequire() {
	hello := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p, _ := bearer.FromContext(r.Context())
		fmt.Fprintf(w, "hello %s", p.User.Username)
	})
	handler := bearer.Require(oneToken{})(hello)

	for _, authorization := range []string{"", "Bearer wrong", "Bearer secret-token"} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header.Set("Authorization", authorization)
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		fmt.Println(w.Code, w.Header().Get("WWW-Authenticate"))
	}
	// Output:
	// 401 Bearer realm="api"
	// 401 Bearer realm="api", error="invalid_token"
	// 200
}

func ExampleCheck() {
	r := httptest.NewRequest(http.MethodDelete, "/api/v2/jobs/7/", nil)
	r.Header.Set("Authorization", "Bearer secret-token")

	_, err := bearer.Check(r, oneToken{})
	fmt.Println(bearer.Status(err), err)
	// Output: 403 insufficient scope
}
