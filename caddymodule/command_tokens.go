package caddymodule

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/awxgate/awxgate/tokencore"
)

var createCommand = tokenCommand{
	name:  "create_oauth2_token",
	usage: "[--user USERNAME] [--config FILE]",
	short: "Creates a personal token for a user and prints it",
	long: `
Creates a personal OAuth2 token of scope "write" for the user and prints it, and
nothing else, on standard output. It is shown only now.

At a first start, when there is no store yet, it is created as the server would do.
`,
	flags: func(cmd *cobra.Command) {
		cmd.Flags().String("user", "", "name of the `USER` whose token it is to be")
		addVerbosity(cmd)
	},
	run: createToken,
}

func createToken(ctx context.Context, c call) error {
	if _, err := c.verbosity(); err != nil {
		return err
	}
	name := c.String("user")
	if name == "" {
		return &commandError{"Username not supplied. Usage: awx-manage create_oauth2_token --user=username."}
	}
	s, err := openSession(ctx, c.String("config"), createMissing)
	if err != nil {
		return err
	}
	defer s.close()
	if err := s.checkTrusted(ctx); err != nil {
		return err
	}
	user, err := s.service.Directory().UserByName(ctx, name)
	if errors.Is(err, tokencore.ErrNotFound) {
		return &commandError{"The user does not exist."}
	}
	if err != nil {
		return err
	}
	issued, err := s.service.Issue(ctx, tokencore.Actor{}, tokencore.TokenRequest{UserID: user.ID})
	if errors.Is(err, tokencore.ErrBadCredentials) {
		return &commandError{"The user is disabled."}
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(c.out, issued.Access.Reveal())
	return err
}

var revokeCommand = tokenCommand{
	name:  "revoke_oauth2_tokens",
	usage: "[--user USERNAME] [--all] [--config FILE]",
	short: "Revokes access tokens, and refresh tokens if asked to",
	long: `
Revokes the access tokens of a user, or of everybody, and prints one line for each. A
running server refuses them within one second.

Only digests of tokens are kept, so where AWX printed the token there is a stand-in that
is always the same for the same token.
`,
	flags: func(cmd *cobra.Command) {
		cmd.Flags().String("user", "", "name of the `USER` whose tokens are revoked; everybody's if not given")
		cmd.Flags().Bool("all", false, "revoke refresh tokens, too")
		addVerbosity(cmd)
	},
	run: revokeTokens,
}

func revokeTokens(ctx context.Context, c call) error {
	if _, err := c.verbosity(); err != nil {
		return err
	}
	s, err := openSession(ctx, c.String("config"), mustExist)
	if err != nil {
		return err
	}
	defer s.close()
	request := tokencore.Revocation{Refresh: c.Bool("all")}
	if name := c.String("user"); name != "" {
		user, err := s.service.Directory().UserByName(ctx, name)
		if errors.Is(err, tokencore.ErrNotFound) {
			return &commandError{"A user with that username does not exist."}
		}
		if err != nil {
			return err
		}
		request.UserID = user.ID
	}
	revoked, err := s.service.RevokeTokens(ctx, tokencore.Actor{}, request)
	if err != nil {
		return err
	}
	for _, t := range revoked.Refresh {
		fmt.Fprintln(c.out, "revoked RefreshToken", t.Digest.StandIn())
	}
	for _, t := range revoked.Access {
		fmt.Fprintln(c.out, "revoked OAuth2AccessToken", t.Digest.StandIn())
	}
	return nil
}

var cleanupCommand = tokenCommand{
	name:  "cleanup_tokens",
	usage: "[-v {0,1,2,3}] [--config FILE]",
	short: "Deletes tokens that expired",
	long: `
Deletes access tokens, refresh tokens and authorization codes that can never be used
again, and tells on standard error how many there were.
`,
	flags: addVerbosity,
	run:   cleanupTokens,
}

func cleanupTokens(ctx context.Context, c call) error {
	verbosity, err := c.verbosity()
	if err != nil {
		return err
	}
	s, err := openSession(ctx, c.String("config"), mustExist)
	if err != nil {
		return err
	}
	defer s.close()
	cleaned, err := s.service.Cleanup(ctx)
	if err != nil {
		return err
	}
	if verbosity > 0 {
		fmt.Fprintf(c.err, "Expired OAuth 2 Access Tokens deleted: %d\nExpired OAuth 2 Refresh Tokens deleted: %d\n",
			cleaned.AccessTokens, cleaned.RefreshTokens)
	}
	return nil
}

var migrateCommand = tokenCommand{
	name:  "migrate",
	usage: "[--config FILE]",
	short: "Creates the token store, or brings it up to date",
	long: `
Creates the token store with its first user if there is none, and brings one of an older
version up to date. Make a copy of the data before an upgrade.
`,
	flags: func(*cobra.Command) {},
	run:   migrate,
}

func migrate(ctx context.Context, c call) error {
	s, err := openSession(ctx, c.String("config"), createOrUpdate)
	if err != nil {
		return err
	}
	defer s.close()
	fmt.Fprintln(c.out, map[storeChange]string{
		storeUnchanged: "The token store was up to date already.",
		storeCreated:   "The token store was created.",
		storeUpdated:   "The token store was brought up to date.",
	}[s.changed])
	return nil
}
