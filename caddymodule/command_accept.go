package caddymodule

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/awxgate/awxgate/tokencore/store/restoreguard"
)

var acceptCommand = tokenCommand{
	name:  "accept-restore",
	usage: "[--revoke] [--config FILE]",
	short: "Lets gateways go on after their store was restored from a backup",
	long: `
A gateway whose store was restored from a backup refuses every token, because tokens that
were revoked after the backup work again. This command says which of them this gateway saw
revoked, and accepts the store as it is now; with --revoke it revokes those first.
Running gateways, also others on the same database, notice within seconds.

Run it on the machine of a gateway that refuses, before anything else: what it tells comes
from that gateway's data directory. Nothing is changed unless a restore was noticed.
`,
	flags: func(cmd *cobra.Command) {
		cmd.Flags().Bool("revoke", false, "revoke what came back to life, with its refresh tokens")
	},
	run: acceptRestore,
}

func acceptRestore(ctx context.Context, c call) error {
	s, err := openSession(ctx, c.String("config"), mustExist)
	if err != nil {
		return err
	}
	defer s.close()
	store, ok := s.service.Store().(restoreguard.Store)
	if !ok || s.directory == "" {
		return &commandError{"Nothing is remembered of this store."}
	}
	found, err := restoreguard.Examine(ctx, store, s.directory)
	if err != nil {
		return err
	}
	if !found.Restored {
		fmt.Fprintln(c.out, "This gateway knows of no restore; nothing was changed.")
		return nil
	}
	report(c.out, found)
	revoke := found.Revived
	if !c.Bool("revoke") {
		revoke = nil
	}
	if err := restoreguard.Accept(ctx, s.service, revoke); err != nil {
		return err
	}
	fmt.Fprintf(c.out, "Revoked %d access tokens. The restored store is accepted; gateways go on within seconds.\n", len(revoke))
	return nil
}

// report shows no token, but the stand-ins that revoke_oauth2_tokens prints as well.
func report(out io.Writer, found restoreguard.Findings) {
	fmt.Fprintf(out, "%d access tokens work again that were revoked or altered after the backup:\n", len(found.Revived))
	for _, t := range found.Revived {
		fmt.Fprintf(out, "  token %d of user %d, %s\n", t.ID, t.UserID, t.Digest.StandIn())
	}
	if len(found.Users) > 0 {
		fmt.Fprintf(out, "%d users are as they were before a later change; check them:\n", len(found.Users))
		for _, u := range found.Users {
			fmt.Fprintf(out, "  user %d, %s\n", u.ID, u.Username)
		}
	}
	fmt.Fprintf(out, "Of %d further access tokens and %d refresh tokens this gateway does not know whether they were revoked.\n", found.Others, found.Refresh)
}
