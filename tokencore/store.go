package tokencore

import (
	"context"
	"encoding/json"
	"time"
)

// Store keeps everything that must survive a restart. tokencore/store has
// implementations, tokencore/store/storetest the contract that each must pass.
//
// Every method returns ErrNotFound, ErrConflict, ErrConsumed or ErrField as
// documented, and otherwise an error that matches ErrUnavailable. Times are kept
// to the microsecond, in UTC. A row that refers to an application, access token or
// refresh token that is not there is refused with ErrNotFound, a comparison whose
// operator or value does not fit the column with ErrField. Absent values sort last
// ascending and first descending.
//
// Texts are UTF-8 without U+0000. A comparison with another text is refused with ErrField, a
// write of one with an *InvalidError, and a look-up by one finds nothing.
//
// Users and organizations may live in another directory: rows refer to them
// whether or not they are in the store, and a relation to one that is not leads nowhere.
type Store interface {
	Reader

	// Update runs fn in one serialized transaction: all of it is durable when
	// Update returns nil, and none of it happened otherwise. fn runs exactly
	// once and must use only tx. Update calls do not nest. After ErrNotFound,
	// ErrConflict or ErrConsumed fn may go on with the transaction.
	Update(ctx context.Context, fn func(tx Tx) error) error

	// Watch calls f for every change until ctx is done. A change that this Store
	// committed is delivered before its Update returns; a change of another
	// process within the bound that the implementation states. f must be quick
	// and must not call the Store; it may be called from several goroutines.
	// Watch returns at once.
	Watch(ctx context.Context, f func(Change))

	// Announce delivers changes to the watchers of this Store, and to nobody else. It is for
	// who found a row gone: another process has deleted it, and may not have told yet.
	Announce(changes ...Change)

	// Ping reports whether the store can answer now.
	Ping(ctx context.Context) error

	// Close releases everything. It must be called once, after the last use.
	Close() error
}

// Reader is what can be read, in a transaction or outside of one.
type Reader interface {
	ApplicationReader
	TokenReader
	SessionReader
	AccountReader
	SettingReader
	ActivityReader
}

// Tx is a transaction. Every write that a cached verification may depend on also
// publishes its Change, so that no caller can forget to.
type Tx interface {
	Reader
	ApplicationWriter
	TokenWriter
	SessionWriter
	AccountWriter
	SettingWriter
	ActivityWriter
}

// ApplicationReader reads applications.
type ApplicationReader interface {
	Application(ctx context.Context, id int64) (Application, error)
	// ApplicationByClientID never matches an empty client id.
	ApplicationByClientID(ctx context.Context, clientID string) (Application, error)
	// Applications returns a page and the number of all matches. Fields: id, name,
	// description, client_type, redirect_uris, grant_type, skip_authorization,
	// organization, user, created, modified. Relations to one: organization, user; to
	// many: tokens.
	Applications(ctx context.Context, q Query) ([]Application, int, error)
}

// ApplicationWriter changes applications.
type ApplicationWriter interface {
	// CreateApplication sets a.ID. ErrConflict: the pair of name and organization
	// (both compared exactly; no organization never conflicts), or the client id, is taken.
	CreateApplication(ctx context.Context, a *Application) error
	// UpdateApplication overwrites every column of the row. ErrNotFound, ErrConflict.
	// Publishes ChangeApplication.
	UpdateApplication(ctx context.Context, a Application) error
	// DeleteApplication also deletes its access tokens, refresh tokens and codes.
	// ErrNotFound. Publishes ChangeApplication and a ChangeToken for each token.
	DeleteApplication(ctx context.Context, id int64) error
}

// TokenReader reads access tokens, refresh tokens and codes.
type TokenReader interface {
	Token(ctx context.Context, id int64) (Token, error)
	TokenByDigest(ctx context.Context, digest Digest) (Token, error)
	// Tokens returns a page and the number of all matches. Fields: id, description,
	// scope, user, application, organization (of the application), source, created,
	// modified, expires, last_used, grant, refreshable (bool). Relations to one: user,
	// application, refresh (the refresh token that points to the token; of
	// several, any).
	Tokens(ctx context.Context, q Query) ([]Token, int, error)
	// RefreshTokenByDigest also returns used ones.
	RefreshTokenByDigest(ctx context.Context, digest Digest) (RefreshToken, error)
	// RefreshTokens returns a page and the number of all matches. Fields: id, user,
	// application, token (null when the access token is gone), grant, created, revoked
	// (null: live). Relation to one: token.
	RefreshTokens(ctx context.Context, q Query) ([]RefreshToken, int, error)
	// CodeByDigest also returns used ones.
	CodeByDigest(ctx context.Context, digest Digest) (AuthorizationCode, error)
}

// TokenWriter changes access tokens, refresh tokens and codes.
type TokenWriter interface {
	// CreateToken sets t.ID. ErrConflict: the digest exists. Publishes ChangeIssued.
	CreateToken(ctx context.Context, t *Token) error
	// UpdateToken overwrites description, scope, expires and modified. ErrNotFound.
	// Publishes ChangeToken.
	UpdateToken(ctx context.Context, t Token) error
	// DeleteToken deletes the access token; its refresh token stays, with TokenID 0.
	// ErrNotFound. Publishes ChangeToken.
	DeleteToken(ctx context.Context, id int64) error
	// TouchTokens records uses of tokens. Unknown ids are ignored, an older time
	// never replaces a newer one, and nothing is published.
	TouchTokens(ctx context.Context, uses []TokenUse) error

	// CreateRefreshToken sets r.ID. ErrConflict: the digest exists.
	CreateRefreshToken(ctx context.Context, r *RefreshToken) error
	// RevokeRefreshToken marks a live refresh token as used at that time.
	// ErrConsumed: it was not live any more; of any number of callers exactly one
	// succeeds. ErrNotFound.
	RevokeRefreshToken(ctx context.Context, id int64, at time.Time) error
	// DeleteRefreshTokens deletes the given ones and returns how many there were.
	// Access tokens that were obtained with one of them stay, with SourceID 0.
	DeleteRefreshTokens(ctx context.Context, ids []int64) (int, error)

	// CreateCode sets c.ID. ErrConflict: the digest exists.
	CreateCode(ctx context.Context, c *AuthorizationCode) error
	// ConsumeCode marks a code as redeemed at that time. ErrConsumed: it was
	// redeemed before; of any number of callers exactly one succeeds. ErrNotFound.
	ConsumeCode(ctx context.Context, digest Digest, at time.Time) error
	// DeleteCodes deletes the codes of an application (0: of all) and of a user
	// (0: of all) that expired before the time (zero: all), at most so many (0: all), and
	// returns how many.
	DeleteCodes(ctx context.Context, applicationID, userID int64, expiredBefore time.Time, most int) (int, error)
}

// TokenUse says that a token was accepted.
type TokenUse struct {
	TokenID int64
	Time    time.Time
	From    string // client address
}

// SessionReader reads sessions.
type SessionReader interface {
	// Session also returns expired ones.
	Session(ctx context.Context, digest Digest) (Session, error)
	// Sessions returns those of a user, the oldest first.
	Sessions(ctx context.Context, userID int64) ([]Session, error)
}

// SessionWriter changes sessions. Nothing about sessions is published.
type SessionWriter interface {
	// CreateSession stores a session. ErrConflict: the digest exists.
	CreateSession(ctx context.Context, session Session) error
	// ExtendSession overwrites the expiry. ErrNotFound.
	ExtendSession(ctx context.Context, digest Digest, expires time.Time) error
	// DeleteSession ends a session; an absent one is no error.
	DeleteSession(ctx context.Context, digest Digest) error
	// DeleteSessions ends the sessions of a user (0: of all) that expired before the
	// time (zero: all), at most so many (0: all), and returns how many.
	DeleteSessions(ctx context.Context, userID int64, expiredBefore time.Time, most int) (int, error)
}

// AccountReader reads users and organizations.
type AccountReader interface {
	User(ctx context.Context, id int64) (User, error)
	UserByName(ctx context.Context, username string) (User, error)
	// Users returns a page and the number of all matches. Fields: id, username,
	// first_name, last_name, email, is_superuser, is_system_auditor, is_active,
	// created, modified, last_login. Relations to many: tokens, organizations (of which
	// the user is a member), admin_of_organizations.
	Users(ctx context.Context, q Query) ([]User, int, error)
	Organization(ctx context.Context, id int64) (Organization, error)
	OrganizationByName(ctx context.Context, name string) (Organization, error)
	// Organizations returns a page and the number of all matches. Fields: id,
	// name, description, max_hosts, created_by, modified_by, created, modified.
	// Relations to many: applications, users (the members), admins.
	Organizations(ctx context.Context, q Query) ([]Organization, int, error)
	// Roles returns the organizations in which the user holds each role, ascending.
	Roles(ctx context.Context, userID int64) (Roles, error)
	// Holders returns the ids of the users who hold the role in the organization, ascending.
	Holders(ctx context.Context, organizationID int64, role Role) ([]int64, error)
}

// AccountWriter changes users and organizations.
type AccountWriter interface {
	// CreateUser sets u.ID. ErrConflict: the name is taken.
	CreateUser(ctx context.Context, u *User) error
	// UpdateUser overwrites every column of the row. ErrNotFound, ErrConflict.
	// Publishes ChangeUser.
	UpdateUser(ctx context.Context, u User) error
	// DeleteUser also deletes the user's roles, tokens, refresh tokens, codes and
	// sessions.
	// ErrNotFound. Publishes ChangeUser.
	DeleteUser(ctx context.Context, id int64) error
	// CreateOrganization sets o.ID. ErrConflict: the name is taken.
	CreateOrganization(ctx context.Context, o *Organization) error
	// UpdateOrganization overwrites every column of the row. ErrNotFound, ErrConflict.
	UpdateOrganization(ctx context.Context, o Organization) error
	// DeleteOrganization also deletes its roles and, as DeleteApplication does,
	// its applications. ErrNotFound.
	DeleteOrganization(ctx context.Context, id int64) error
	// GrantRole and RevokeRole are idempotent. ErrNotFound: no such user or organization.
	GrantRole(ctx context.Context, organizationID, userID int64, role Role) error
	RevokeRole(ctx context.Context, organizationID, userID int64, role Role) error
}

// SettingReader reads settings that were changed from their defaults.
type SettingReader interface {
	// StoredSettings returns the stored ones by AWX's key, each as JSON.
	StoredSettings(ctx context.Context) (map[string]json.RawMessage, error)
}

// SettingWriter changes settings.
type SettingWriter interface {
	// PutSetting stores one value. Publishes ChangeSettings.
	PutSetting(ctx context.Context, key string, value json.RawMessage) error
	// DeleteSetting goes back to the default; an absent key is no error. Publishes ChangeSettings.
	DeleteSetting(ctx context.Context, key string) error
}

// ActivityReader reads the activity stream.
type ActivityReader interface {
	// Activities returns a page and the number of all matches. Fields: id, time,
	// operation, node, actor_name, object, object_id, object2, object2_id, role,
	// setting, changes.
	// Relations to one: actor, and application, token, user, organization: the object,
	// or else the second object, if it is of that type and still exists. Relation to
	// many: user_organizations (of which that user is a member).
	Activities(ctx context.Context, q Query) ([]Activity, int, error)
}

// ActivityWriter appends to the activity stream.
type ActivityWriter interface {
	// AppendActivity sets a.ID.
	AppendActivity(ctx context.Context, a *Activity) error
}
