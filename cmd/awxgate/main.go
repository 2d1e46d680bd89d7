// Command awxgate is Caddy with the awxgate modules and AWX's token commands.
package main

import (
	"fmt"
	"os"
	_ "time/tzdata" // AWX's users live everywhere, and minimal images have no time zones

	caddycmd "github.com/caddyserver/caddy/v2/cmd"
	_ "github.com/caddyserver/caddy/v2/modules/standard"

	"github.com/awxgate/awxgate/caddymodule"
)

func main() {
	caddymodule.Brand()
	if err := caddymodule.PrepareEnvironment(); err != nil {
		fmt.Fprintln(os.Stderr, "Error:", err)
		os.Exit(1)
	}
	caddycmd.Main()
}
