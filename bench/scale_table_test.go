package bench_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"github.com/awxgate/awxgate/tokencore"
)

// What the tables hold: each user has a hundred tokens, one of ten belongs to an
// application and has a refresh token. They were made in the last 300 days and live for 365.
const (
	tokensPerUser = 100
	refreshEvery  = 10
	period        = 300 * 24 * time.Hour
	lifetime      = 365 * 24 * time.Hour
)

// table is a store with many tokens. Token n has digest(n).
type table struct {
	gateway
	tokencore.Store
	rows   int64
	bytes  int64 // that the tokens take on disk, with their users and refresh tokens
	before hits  // of the database server, when the measurement begins

	insert func(b *testing.B, rows batch) // adds tokens, numbered from where the others end
	people func(b *testing.B, users int64)
	settle func(b *testing.B) // what a database does by itself, given time
	wake   func(b *testing.B) // makes it one that has been in use, as far as memory goes
	size   func(b *testing.B) int64
	cached func(b *testing.B) hits
}

// batch is tokens to add, made one step after the other.
type batch struct {
	count        int64
	created      time.Time
	step         time.Duration
	refreshEvery int64 // which of them have a refresh token; 0: none
}

// hits counts the pages that a database server asked for, and those that it had in memory.
type hits struct{ found, all int64 }

func (t *table) fill(b *testing.B, rows int64) {
	b.Helper()
	_, _, err := t.service.CreateApplication(b.Context(), tokencore.Actor{}, tokencore.Application{
		Name: "pipelines", ClientType: tokencore.Confidential, GrantType: tokencore.GrantPassword,
	})
	must(b, err)
	t.rows = rows
	empty := t.size(b)
	t.people(b, t.users())
	t.insert(b, batch{count: rows, created: time.Now().Add(-period), step: period / time.Duration(rows), refreshEvery: refreshEvery})
	t.settle(b)
	t.bytes = t.size(b) - empty
}

func (t *table) users() int64 { return max(1, t.rows/tokensPerUser) }

func (t *table) find(b *testing.B, n int64) {
	token, err := t.TokenByDigest(b.Context(), digest(n))
	if err != nil || token.ID != n {
		b.Errorf("token %d: got %d, %v", n, token.ID, err)
	}
}

// random differs between callers.
func (t *table) random() *rand.Rand { return rand.New(rand.NewPCG(uint64(t.rows), rand.Uint64())) }

// digest is that of token n, whose value has the usual length. There are none below 1.
func digest(n int64) tokencore.Digest {
	return tokencore.DigestOf(tokencore.KindAccess, fmt.Sprintf("%s%025d", secretPrefix, n))
}

const secretPrefix = "scale"

func number(b *testing.B, text string) int64 {
	n, err := strconv.ParseInt(text, 10, 64)
	must(b, err)
	return n
}

// keepRefreshTokens makes all of them outlive the test.
var keepRefreshTokens = map[string]json.RawMessage{
	tokencore.SettingOAuth2Provider: json.RawMessage(`{"REFRESH_TOKEN_EXPIRE_SECONDS":31536000000}`),
}

// firstPages is a store in which only so many pages of tokens can be read.
type firstPages struct {
	tokencore.Store
	left int
}

var errEnough = errors.New("enough")

func (s *firstPages) Tokens(ctx context.Context, q tokencore.Query) ([]tokencore.Token, int, error) {
	if s.left == 0 {
		return nil, 0, errEnough
	}
	s.left--
	return s.Store.Tokens(ctx, q)
}
