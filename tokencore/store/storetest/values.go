package storetest

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/awxgate/awxgate/tokencore"
)

// awkward strings must come back as they went in.
var awkward = []string{
	"",
	" leading and trailing ",
	`quotes ' " ` + "`" + ` and \ backslash`,
	"100% of_it",
	"'; DROP TABLE tokens; --",
	"Zoë, Михаил, 山田, 👩‍🚀",
	"e\u0301 is not \u00e9",
	"line\nbreak\ttab",
	"<script>&amp;",
	strings.Repeat("long ", 4000),
}

var valueTests = []test{
	{"times keep their microseconds and come back in UTC", func(t *testing.T, s store) {
		zone := time.FixedZone("test", 5*3600+1800)
		for _, test := range []struct {
			name     string
			in, want time.Time
		}{
			{"microseconds", start, start},
			{"nanoseconds are cut off", start.Add(999), start},
			{"another zone", start.In(zone), start},
			{"the latest expiry", tokencore.LatestExpiry, tokencore.LatestExpiry},
			{"1000 years from now", start.AddDate(1000, 0, 0), start.AddDate(1000, 0, 0)},
			{"a microsecond before 1970", time.UnixMicro(-1), time.UnixMicro(-1).UTC()},
			{"1970", time.Unix(0, 0), time.Unix(0, 0).UTC()},
		} {
			u := tokencore.User{Username: test.name, Created: test.in, Modified: test.in, LastLogin: test.in}
			s.update(t, func(tx tokencore.Tx) error { return tx.CreateUser(s.ctx, &u) })
			got, err := s.User(s.ctx, u.ID)
			same(t, test.name+": created", found(t, got, err).Created, test.want)
			same(t, test.name+": last login", got.LastLogin, test.want)
			if got.Created.Location() != time.UTC {
				t.Errorf("%s: came back in %v", test.name, got.Created.Location())
			}
			_, count, err := s.Users(s.ctx, tokencore.Query{Where: tokencore.And{
				tokencore.Eq("created", test.in), tokencore.Eq("username", test.name),
			}})
			same(t, test.name+": found by time", found(t, count, err), 1)
		}
	}},
	{"a zero time stays zero", func(t *testing.T, s store) {
		u := tokencore.User{Username: "never"}
		s.update(t, func(tx tokencore.Tx) error { return tx.CreateUser(s.ctx, &u) })
		got, err := s.User(s.ctx, u.ID)
		same(t, "user", found(t, got, err), u)
		if !got.Created.IsZero() || !got.LastLogin.IsZero() {
			t.Errorf("created %v, last login %v", got.Created, got.LastLogin)
		}
	}},
	{"every string comes back as it was, and is found by it", func(t *testing.T, s store) {
		for _, text := range awkward {
			u := tokencore.User{Username: text, FirstName: text}
			s.update(t, func(tx tokencore.Tx) error { return tx.CreateUser(s.ctx, &u) })
			got, err := s.UserByName(s.ctx, text)
			same(t, "user", found(t, got, err), u)
			for _, op := range []tokencore.Op{tokencore.Equal, tokencore.EqualFold} {
				page, _, err := s.Users(s.ctx, tokencore.Query{Where: tokencore.Compare{Field: "first_name", Op: op, Value: text}})
				same(t, "by first name", found(t, page, err), []tokencore.User{u})
			}
		}
	}},
	{"a text with U+0000, or that is not UTF-8, is refused everywhere and found nowhere", func(t *testing.T, s store) {
		k := everyKind(t, s)
		for _, bad := range []string{"\x00", "a\x00b", "\xff", "a\xc3"} {
			u, o, a, token := k.user, k.organization, k.application, k.token
			u.FirstName, o.Description, a.RedirectURIs, token.Description = bad, bad, bad, bad
			for name, write := range map[string]func(tx tokencore.Tx) error{
				"CreateUser":         func(tx tokencore.Tx) error { return tx.CreateUser(s.ctx, &tokencore.User{Username: bad}) },
				"UpdateUser":         func(tx tokencore.Tx) error { return tx.UpdateUser(s.ctx, u) },
				"CreateOrganization": func(tx tokencore.Tx) error { return tx.CreateOrganization(s.ctx, &tokencore.Organization{Name: bad}) },
				"UpdateOrganization": func(tx tokencore.Tx) error { return tx.UpdateOrganization(s.ctx, o) },
				"CreateApplication":  func(tx tokencore.Tx) error { return tx.CreateApplication(s.ctx, &tokencore.Application{Name: bad}) },
				"UpdateApplication":  func(tx tokencore.Tx) error { return tx.UpdateApplication(s.ctx, a) },
				"CreateToken":        func(tx tokencore.Tx) error { return tx.CreateToken(s.ctx, &tokencore.Token{Scope: bad}) },
				"UpdateToken":        func(tx tokencore.Tx) error { return tx.UpdateToken(s.ctx, token) },
				"CreateRefreshToken": func(tx tokencore.Tx) error { return tx.CreateRefreshToken(s.ctx, &tokencore.RefreshToken{Scope: bad}) },
				"CreateCode":         func(tx tokencore.Tx) error { return tx.CreateCode(s.ctx, &tokencore.AuthorizationCode{Challenge: bad}) },
				"PutSetting":         func(tx tokencore.Tx) error { return tx.PutSetting(s.ctx, bad, nil) },
				"AppendActivity":     func(tx tokencore.Tx) error { return tx.AppendActivity(s.ctx, &tokencore.Activity{Node: bad}) },
			} {
				var invalid *tokencore.InvalidError
				s.update(t, func(tx tokencore.Tx) error {
					if err := write(tx); !errors.As(err, &invalid) || errors.Is(err, tokencore.ErrUnavailable) {
						t.Errorf("%s: got %v, want only an InvalidError", name, err)
					}
					return nil // and the transaction goes on
				})
			}
			user, err := s.UserByName(s.ctx, bad)
			missing(t, user, err)
			organization, err := s.OrganizationByName(s.ctx, bad)
			missing(t, organization, err)
			application, err := s.ApplicationByClientID(s.ctx, bad)
			missing(t, application, err)
			for _, comparison := range []tokencore.Compare{
				tokencore.Eq("username", bad),
				compare("username", tokencore.Less, bad),
				compare("username", tokencore.In, []string{"ann", bad}),
				compare("username", tokencore.ContainsFold, bad),
				compare("id", tokencore.HasSuffix, bad),
			} {
				_, _, err := s.Users(s.ctx, tokencore.Query{Where: comparison})
				wantFieldError(t, fmt.Sprintf("%d %q", comparison.Op, bad), err)
			}
		}
		k.check(t, s)
	}},
	{"large numbers come back", func(t *testing.T, s store) {
		const large = 1<<62 + 12345
		o := tokencore.Organization{Name: "large", MaxHosts: large, CreatedBy: large}
		s.update(t, func(tx tokencore.Tx) error { return tx.CreateOrganization(s.ctx, &o) })
		got, err := s.Organization(s.ctx, o.ID)
		same(t, "organization", found(t, got, err), o)
	}},
	{"digests with every byte come back and are told apart", func(t *testing.T, s store) {
		for b := range 256 {
			var d tokencore.Digest
			d[0], d[31] = byte(b), byte(255-b)
			o := tokencore.Token{Digest: d, UserID: 1, Expires: start}
			s.update(t, func(tx tokencore.Tx) error { return tx.CreateToken(s.ctx, &o) })
			got, err := s.TokenByDigest(s.ctx, d)
			same(t, "digest", found(t, got, err).Digest, d)
		}
	}},
}
