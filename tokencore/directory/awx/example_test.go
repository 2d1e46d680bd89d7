package awx_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/directory/awx"
)

func Example() {
	upstream := httptest.NewServer(http.HandlerFunc(standIn)) // in place of AWX
	defer upstream.Close()

	directory, err := awx.New(awx.Config{
		URL:       upstream.URL,
		Authorize: awx.Basic("lookup", tokencore.NewSecret("its password")),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()
	alice, err := directory.UserByName(ctx, "alice")
	fmt.Println(alice.ID, alice.AnsibleID, alice.IsActive, err)

	upstream.Close()
	alice, err = directory.UserByName(ctx, "alice")
	fmt.Println("just known:", alice.Username, err)
	_, err = directory.UserByName(ctx, "bob")
	fmt.Println("unknown is not invalid:", errors.Is(err, tokencore.ErrUnavailable), errors.Is(err, tokencore.ErrNotFound))
	// Output:
	// 6 9b92c466-1420-48db-8cc2-03820db24947 true <nil>
	// just known: alice <nil>
	// unknown is not invalid: true false
}

func standIn(w http.ResponseWriter, _ *http.Request) {
	fmt.Fprint(w, `{"count": 1, "next": null, "results": [{"id": 6, "username": "alice",
		"summary_fields": {"resource": {"ansible_id": "9b92c466-1420-48db-8cc2-03820db24947"}}}]}`)
}
