package awx

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/awxgate/awxgate/tokencore"
)

func TestDirectory_ManyAtOnceGetTheirOwnUsers(t *testing.T) {
	f := newFakeAWX(t)
	const people = 10
	for id := range int64(people) {
		p := newPerson(100+id, fmt.Sprintf("user%d", id), fmt.Sprintf("uuid-%d", id))
		p.member = []int64{id%3 + 1}
		f.people = append(f.people, p)
	}
	d, c := newDirectory(t, f, nil)
	var wg sync.WaitGroup
	for worker := range int64(16) {
		wg.Go(func() {
			for i := range int64(30) {
				n := (worker + i) % people
				name, password := fmt.Sprintf("user%d", n), tokencore.NewSecret(fmt.Sprintf("user%d-pa55word", n))
				byID, errID := d.User(t.Context(), 100+n)
				byName, errName := d.UserByName(t.Context(), name)
				byPassword, errPassword := d.Authenticate(t.Context(), name, password)
				held, errRoles := d.Roles(t.Context(), 100+n)
				err := errors.Join(errID, errName, errPassword, errRoles)
				if err != nil || byID.Username != name || byName.ID != 100+n || byPassword.ID != 100+n || !held.Has(tokencore.RoleMember, n%3+1) {
					t.Errorf("%s: %v, %v, %v, %v, %v", name, byID, byName, byPassword, held, err)
				}
				if i%10 == 0 {
					c.advance(defaultTTL)
				}
			}
		})
	}
	wg.Wait()
}
