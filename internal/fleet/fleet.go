package fleet

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/awxgate/awxgate/internal/pgtest"
)

// Patience bounds what should take milliseconds, and never is what a test measures.
const Patience = 60 * time.Second

const adminPassword = "correct horse battery staple"

// Options change a fleet. The zero value has three nodes with the shipped configuration.
type Options struct {
	// Nodes is how many gateways run. Default: 3.
	Nodes int
	// Database is the name of a database of the cluster. Default: a new one.
	Database string
	// Parameters are added to the database's address, such as pool_max_conns.
	Parameters url.Values
}

// Fleet is some gateways on one database, with an administrator and an application.
type Fleet struct {
	Cluster  *pgtest.Cluster
	Database string
	Nodes    []*Node

	directory string
	admin     string // the Authorization header of a superuser
	client    client
}

// client is the application whose tokens have refresh tokens.
type client struct {
	path, id, secret string
}

// New starts a fleet. Close it; the cluster stays the caller's.
func New(ctx context.Context, cluster *pgtest.Cluster, options Options) (_ *Fleet, err error) {
	f := &Fleet{Cluster: cluster, Database: options.Database}
	if f.Database == "" {
		if f.Database, err = cluster.NewDatabase(ctx); err != nil {
			return nil, err
		}
	}
	if err := f.own(ctx); err != nil {
		return nil, err
	}
	address, err := f.address(options.Parameters)
	if err != nil {
		return nil, err
	}
	binary, err := Binary(ctx)
	if err != nil {
		return nil, err
	}
	if f.directory, err = os.MkdirTemp("", "awxgate-nodes-"); err != nil {
		return nil, fmt.Errorf("making a directory for the nodes: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, f.Close())
		}
	}()
	if options.Nodes == 0 {
		options.Nodes = 3
	}
	for i := range options.Nodes {
		node, err := newNode(ctx, f, binary, filepath.Join(f.directory, strconv.Itoa(i+1)), address)
		if err != nil {
			return nil, err
		}
		f.Nodes = append(f.Nodes, node)
	}
	if err := f.each(func(n *Node) error { return n.Start(ctx) }); err != nil {
		return nil, err
	}
	return f, f.setUp(ctx)
}

// Role owns the database and is what the nodes connect as: not the superuser, to whom
// limits do not apply.
const Role = "awxgate"

// own gives the database to the role, which it makes if need be.
func (f *Fleet) own(ctx context.Context) error {
	_, err := f.SQL(ctx, fmt.Sprintf(`
		DO $$ BEGIN CREATE ROLE %[1]s LOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;
		ALTER DATABASE %[2]s OWNER TO %[1]s`, Role, f.Database))
	return err
}

func (f *Fleet) address(parameters url.Values) (string, error) {
	address, err := url.Parse(f.Cluster.DSN(f.Database))
	if err != nil {
		return "", err
	}
	address.User = url.User(Role)
	query := address.Query()
	maps.Copy(query, parameters)
	address.RawQuery = query.Encode()
	return address.String(), nil
}

// setUp makes a token for the administrator, so that no password is checked again, and an
// application.
func (f *Fleet) setUp(ctx context.Context) error {
	n := f.Nodes[0]
	basic := &http.Request{Header: http.Header{}}
	basic.SetBasicAuth("admin", adminPassword)
	f.admin = basic.Header.Get("Authorization")
	token, answer := n.Mint(ctx)
	if answer.Status != http.StatusCreated {
		return fmt.Errorf("making a token for the administrator: %w", answer.failure())
	}
	f.admin = "Bearer " + token.Access
	answer = n.call(ctx, http.MethodPost, "/api/v2/applications/", f.admin, typeJSON,
		`{"name":"fleet","organization":1,"client_type":"confidential","authorization_grant_type":"password"}`)
	var made struct {
		ID           int64
		ClientID     string `json:"client_id"`
		ClientSecret string `json:"client_secret"`
	}
	if err := json.Unmarshal(answer.Body, &made); err != nil || answer.Status != http.StatusCreated {
		return fmt.Errorf("making an application: %w", answer.failure())
	}
	f.client = client{fmt.Sprintf("/api/v2/applications/%d/tokens/", made.ID), made.ClientID, made.ClientSecret}
	return nil
}

// SQL runs statements in the fleet's database.
func (f *Fleet) SQL(ctx context.Context, statements string) (string, error) {
	return f.Cluster.SQL(ctx, f.Database, statements)
}

// Sessions returns the server's pids of the nodes' sessions: those that carry the changes
// of other nodes, or all the others.
func (f *Fleet) Sessions(ctx context.Context, feed bool) ([]int, error) {
	name := "awxgate"
	if feed {
		name += " feed"
	}
	out, err := f.SQL(ctx, fmt.Sprintf(`SELECT pid FROM pg_stat_activity
		WHERE datname = current_database() AND application_name = '%s' AND pid <> pg_backend_pid()`, name))
	if err != nil {
		return nil, err
	}
	var pids []int
	for line := range strings.Lines(out) {
		pid, err := strconv.Atoi(strings.TrimSpace(line))
		if err != nil {
			return nil, fmt.Errorf("reading pids: %w", err)
		}
		pids = append(pids, pid)
	}
	return pids, nil
}

// AwaitHealth returns when every node hears of changes, makes tokens and accepts those of
// all others.
func (f *Fleet) AwaitHealth(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, Patience)
	defer cancel()
	if err := f.awaitFeeds(ctx); err != nil {
		return err
	}
	for _, maker := range f.Nodes {
		var token Token
		err := until(ctx, func() (answer Answer, done bool) {
			token, answer = maker.Mint(ctx)
			return answer, answer.Status == http.StatusCreated
		})
		for _, user := range f.Nodes {
			if err == nil {
				err = until(ctx, func() (Answer, bool) {
					answer := user.Use(ctx, token.Access)
					return answer, answer.Status == http.StatusOK
				})
			}
		}
		if err == nil {
			err = until(ctx, func() (Answer, bool) {
				answer := maker.Revoke(ctx, token.ID) // not found: an attempt that seemed to fail
				return answer, answer.Status == http.StatusNoContent || answer.Status == http.StatusNotFound
			})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// awaitFeeds: a node refuses tokens for a moment when it hears of changes again, so what
// it answers before is not yet its health.
func (f *Fleet) awaitFeeds(ctx context.Context) error {
	for {
		feeds, err := f.Sessions(ctx, true)
		if len(feeds) >= len(f.Nodes) {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%d nodes hear of changes: %w", len(feeds), errors.Join(ctx.Err(), err))
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// until asks again and again.
func until(ctx context.Context, ask func() (answer Answer, done bool)) error {
	for {
		answer, done := ask()
		if done {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%w: the last answer: %w", ctx.Err(), answer.failure())
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// each does the same to all nodes at once.
func (f *Fleet) each(do func(*Node) error) error {
	errs := make([]error, len(f.Nodes))
	var wait sync.WaitGroup
	for i, n := range f.Nodes {
		wait.Go(func() { errs[i] = do(n) })
	}
	wait.Wait()
	return errors.Join(errs...)
}

// Close kills the nodes and deletes what they kept.
func (f *Fleet) Close() error {
	for _, n := range f.Nodes {
		n.Kill()
		n.client.CloseIdleConnections()
	}
	return os.RemoveAll(f.directory)
}
