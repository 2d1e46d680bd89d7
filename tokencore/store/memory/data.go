package memory

import (
	"encoding/json"
	"maps"
	"slices"
	"time"

	"github.com/awxgate/awxgate/tokencore"
)

// data is every row, and the indexes that unique rules and hot look-ups need.
type data struct {
	applications  table[tokencore.Application]
	tokens        table[tokencore.Token]
	refreshTokens table[tokencore.RefreshToken]
	codes         table[tokencore.AuthorizationCode]
	sessions      table[tokencore.Session]
	users         table[tokencore.User]
	organizations table[tokencore.Organization]
	activities    table[tokencore.Activity]
	roles         map[holding]struct{}
	settings      map[string]json.RawMessage

	applicationByClientID map[string]int64
	tokenByDigest         map[tokencore.Digest]int64
	refreshByDigest       map[tokencore.Digest]int64
	codeByDigest          map[tokencore.Digest]int64
	sessionByDigest       map[tokencore.Digest]int64
	userByName            map[string]int64
	organizationByName    map[string]int64
	refreshOf             map[int64][]int64 // the refresh tokens that point to an access token
	obtainedWith          map[int64][]int64 // the access tokens whose source is a refresh token
}

// table is rows by id. Ids are never used twice.
type table[T any] struct {
	rows map[int64]T
	last *int64
}

// holding says that a user holds a role in an organization.
type holding struct {
	organization, user int64
	role               tokencore.Role
}

func newTable[T any]() table[T] { return table[T]{rows: make(map[int64]T), last: new(int64)} }

func newData() *data {
	return &data{
		applications:  newTable[tokencore.Application](),
		tokens:        newTable[tokencore.Token](),
		refreshTokens: newTable[tokencore.RefreshToken](),
		codes:         newTable[tokencore.AuthorizationCode](),
		sessions:      newTable[tokencore.Session](),
		users:         newTable[tokencore.User](),
		organizations: newTable[tokencore.Organization](),
		activities:    newTable[tokencore.Activity](),
		roles:         make(map[holding]struct{}),
		settings:      make(map[string]json.RawMessage),

		applicationByClientID: make(map[string]int64),
		tokenByDigest:         make(map[tokencore.Digest]int64),
		refreshByDigest:       make(map[tokencore.Digest]int64),
		codeByDigest:          make(map[tokencore.Digest]int64),
		sessionByDigest:       make(map[tokencore.Digest]int64),
		userByName:            make(map[string]int64),
		organizationByName:    make(map[string]int64),
		refreshOf:             make(map[int64][]int64),
		obtainedWith:          make(map[int64][]int64),
	}
}

func (t table[T]) nextID() int64 {
	*t.last++
	return *t.last
}

// matching returns the ids of the rows that match, ascending.
func (t table[T]) matching(match func(T) bool) []int64 {
	var ids []int64
	for id, row := range t.rows {
		if match(row) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

// sorted returns all rows by ascending id.
func (t table[T]) sorted() []T {
	rows := make([]T, 0, len(t.rows))
	for _, id := range slices.Sorted(maps.Keys(t.rows)) {
		rows = append(rows, t.rows[id])
	}
	return rows
}

// kept is a time as a store keeps it.
func kept(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }
