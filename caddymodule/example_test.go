package caddymodule_test

import (
	"fmt"
	"net"
	"net/http"
	"os"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/caddyconfig"
	_ "github.com/caddyserver/caddy/v2/modules/standard"

	_ "github.com/awxgate/awxgate/caddymodule"
)

// A gateway that lets nobody through without a token.
func Example() {
	data, err := os.MkdirTemp("", "awxgate-example-")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(data)
	listener, err := net.Listen("tcp", "127.0.0.1:0") // to find a free port
	if err != nil {
		panic(err)
	}
	port := listener.Addr().(*net.TCPAddr).Port
	listener.Close()

	config, _, err := caddyconfig.GetAdapter("caddyfile").Adapt(fmt.Appendf(nil, `{
		admin off
		persist_config off
		storage file_system %[1]q
		log {
			output discard
		}
		awxgate {
			store sqlite %[1]q
			directory local {
				admin_password "correct horse battery staple"
			}
			linger 1ms
		}
	}
	http://:%[2]d {
		bind 127.0.0.1
		awxgate {
			require
		}
		awxgate_upstream
	}`, data, port), nil)
	if err != nil {
		panic(err)
	}
	if err := caddy.Load(config, true); err != nil {
		panic(err)
	}
	defer caddy.Stop()

	response, err := http.Get(fmt.Sprintf("http://127.0.0.1:%d/api/v2/jobs/", port))
	if err != nil {
		panic(err)
	}
	response.Body.Close()
	fmt.Println(response.Status)
	// Output: 401 Unauthorized
}
