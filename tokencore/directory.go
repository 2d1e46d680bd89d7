package tokencore

import "context"

// Directory knows who the users are. tokencore/directory has implementations:
// accounts in our own store, or AWX itself.
//
// A definite answer is a value, ErrNotFound or ErrBadCredentials; everything
// else must match ErrUnavailable, so that an outage never looks like a wrong
// password or a deleted user.
type Directory interface {
	// User returns a user by id, disabled ones included.
	User(ctx context.Context, id int64) (User, error)
	// UserByName returns a user by exact, case-sensitive name.
	UserByName(ctx context.Context, username string) (User, error)
	// Authenticate checks a password and returns the active user it belongs to.
	// It takes the same time for unknown users as for wrong passwords.
	Authenticate(ctx context.Context, username string, password Secret) (User, error)
	// Organization returns an organization by id.
	Organization(ctx context.Context, id int64) (Organization, error)
	// Roles returns the organizations in which the user holds a role.
	Roles(ctx context.Context, userID int64) (Roles, error)
}
