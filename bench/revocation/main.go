// Command revocation measures how long a revoked token goes on being accepted, with real
// gateways on a real PostgreSQL of their own, all on this machine:
//
//	go run ./bench/revocation -nodes 3 -revokes 1000
//
// Each round makes a token, uses it everywhere, revokes it on one node while clients use it
// on the others without a pause, and measures from the answer of the revocation to the
// beginning of the first request from which on another node refuses. With -silent the
// sessions that carry the changes of other nodes fall silent (SIGSTOP) before each
// revocation, as behind a link that drops packets; that takes seconds for each.
//
// It needs PostgreSQL's programs (make test-deps). The exit code is 1 if a token was accepted where it was revoked.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"os"
	"os/signal"
	"slices"
	"time"

	"github.com/awxgate/awxgate/internal/fleet"
	"github.com/awxgate/awxgate/internal/pgtest"
)

func main() {
	nodes := flag.Int("nodes", 3, "gateways")
	revokes := flag.Int("revokes", 1000, "tokens to revoke")
	silent := flag.Bool("silent", false, "let the links that carry changes fall silent before each revocation")
	flag.Parse()
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt)
	defer cancel()
	log.SetFlags(0)
	violations, err := measure(ctx, *nodes, *revokes, *silent)
	if err != nil {
		log.Print(err)
		os.Exit(1) //nolint:gocritic // nothing is left to end
	}
	if violations > 0 {
		os.Exit(1)
	}
}

func measure(ctx context.Context, nodes, revokes int, silent bool) (violations int, err error) {
	defer fleet.RemoveBinary() //nolint:errcheck // it is in a temporary directory
	cluster, err := pgtest.New(ctx, pgtest.Options{})
	if err != nil {
		return 0, err
	}
	defer cluster.Close()
	f, err := fleet.New(ctx, cluster, fleet.Options{Nodes: nodes})
	if err != nil {
		return 0, err
	}
	defer f.Close()
	delays := make([]time.Duration, 0, revokes)
	accepted := 0
	for round := range revokes {
		measure := f.MeasureRevocation
		if silent {
			measure = f.MeasureSilentRevocation
		}
		seen, err := measure(ctx, round%nodes)
		if err != nil {
			return violations, fmt.Errorf("round %d: %w", round, err)
		}
		violations += seen.AcceptedAtHome
		accepted += seen.Accepted
		delays = append(delays, max(0, seen.Elsewhere))
	}
	slices.Sort(delays)
	fmt.Printf("%d revocations, %d nodes, silent links: %t\n", revokes, nodes, silent)
	fmt.Printf("accepted after the answer by the node that gave it: %d\n", violations)
	fmt.Printf("accepted after the answer by other nodes: %d requests\n", accepted)
	for _, percent := range []int{50, 90, 99, 100} {
		fmt.Printf("p%-3d %v\n", percent, delays[max(0, len(delays)*percent/100-1)].Round(10*time.Microsecond))
	}
	return violations, nil
}
