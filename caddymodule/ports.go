package caddymodule

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"syscall"

	"github.com/caddyserver/caddy/v2"
	"github.com/caddyserver/caddy/v2/modules/caddyhttp"
)

// takenPorts finds out whether somebody else listens where this server is going to.
// Caddy does not: it sets SO_REUSEPORT, so that two servers of one user would share a
// port in silence, each with its own data, and every second token be unknown.
type takenPorts struct {
	asked map[string]bool
	err   error // for Start: a configuration is valid though its port is taken
}

// ask looks at the addresses of the server for which a handler is provisioned, when the
// process loads its first configuration. Later ones share ports with their predecessors.
func (p *takenPorts) ask(ctx caddy.Context) {
	server, ok := ctx.Value(caddyhttp.ServerCtxKey).(*caddyhttp.Server)
	if !ok || caddy.ActiveContext().Context != nil {
		return
	}
	for _, address := range server.Listen {
		if p.asked[address] {
			continue
		}
		if p.asked == nil {
			p.asked = make(map[string]bool)
		}
		p.asked[address] = true
		p.err = errors.Join(p.err, checkFree(ctx, address))
	}
}

func checkFree(ctx context.Context, address string) error {
	parsed, err := caddy.ParseNetworkAddress(address)
	if err != nil {
		return fmt.Errorf("reading listener address: %w", err)
	}
	if !strings.HasPrefix(parsed.Network, "tcp") {
		return nil
	}
	for port := parsed.StartPort; ; port++ {
		hostPort := net.JoinHostPort(parsed.Host, strconv.FormatUint(uint64(port), 10))
		listener, err := new(net.ListenConfig).Listen(ctx, parsed.Network, hostPort)
		if errors.Is(err, syscall.EADDRINUSE) {
			return fmt.Errorf("another program listens on %s (address already in use): end it (\"ss -ltnp\" tells which it is), or choose another address by AWXGATE_LISTEN or in the Caddyfile", hostPort)
		}
		if err == nil {
			_ = listener.Close() // nothing was accepted
		}
		if port >= parsed.EndPort {
			return nil // what else is wrong, Caddy will say
		}
	}
}
