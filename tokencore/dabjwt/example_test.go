package dabjwt_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"

	"github.com/awxgate/awxgate/tokencore"
	"github.com/awxgate/awxgate/tokencore/dabjwt"
)

// A gateway tells AWX that alice acts.
func Example() {
	directory, err := os.MkdirTemp("", "dabjwt-example-")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(directory)
	if _, err := dabjwt.Generate(filepath.Join(directory, "first.pem")); err != nil {
		panic(err)
	}
	keys, err := dabjwt.OpenKeys(directory, dabjwt.KeysConfig{})
	if err != nil {
		panic(err)
	}
	minter, err := dabjwt.New(keys, dabjwt.Config{})
	if err != nil {
		panic(err)
	}
	request, err := http.NewRequest(http.MethodGet, "http://awx:8013/api/v2/me/", http.NoBody)
	if err != nil {
		panic(err)
	}
	token, err := minter.Mint(&tokencore.User{
		Username: "alice", AnsibleID: "0f3a9f5e-8a52-4c1c-9f5e-2d6b8f6d1a11", IsActive: true,
	})
	if err != nil {
		panic(err)
	}
	request.Header.Set(dabjwt.Header, token.Reveal())
	fmt.Println("minted:", token)
	// Output: minted: [redacted]
}
