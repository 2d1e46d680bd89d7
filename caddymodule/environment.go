package caddymodule

import (
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
)

const (
	variablePrefix = "AWXGATE_"
	listenVariable = "AWXGATE_LISTEN"
	portVariable   = "AWXGATE_LISTEN_PORT"
)

// PrepareEnvironment makes the variables of Caddyfile.example mean what people expect.
// It is for the awxgate binary, to be called before Caddy's Main.
//
// A variable that is set to nothing counts as unset, as in a compose file that passes
// on what it has not; a Caddyfile would take it for an empty value.
//
// The port of AWXGATE_LISTEN is put into AWXGATE_LISTEN_PORT, because a Caddyfile cannot
// split a value. As a site address, http://127.0.0.1:8052 would listen on every
// interface and answer only clients that call it 127.0.0.1; so Caddyfile.example names
// the port in the site address, and the address in bind.
func PrepareEnvironment() error {
	for _, variable := range os.Environ() {
		if name, value, _ := strings.Cut(variable, "="); value == "" && strings.HasPrefix(name, variablePrefix) {
			if err := os.Unsetenv(name); err != nil {
				return fmt.Errorf("unsetting %s: %w", name, err)
			}
		}
	}
	address, set := os.LookupEnv(listenVariable)
	if !set {
		return nil
	}
	_, port, err := net.SplitHostPort(address)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err != nil {
		return fmt.Errorf("%s=%q is not an address to listen on; write host:port or :port, for example 127.0.0.1:8052", listenVariable, address)
	}
	if err := os.Setenv(portVariable, port); err != nil {
		return fmt.Errorf("setting %s: %w", portVariable, err)
	}
	return nil
}
