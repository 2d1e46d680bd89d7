package tokencore

import (
	"context"
	"encoding/json"
)

// Importer is a Tx that takes rows over from elsewhere, with the ids and times that they
// have there. It is optional; see Exporter for the other direction.
type Importer interface {
	// Import adds rows. Those whose id (or digest, for sessions) is there already are left
	// as they are, so a batch may be repeated. Ids that are given later are higher than all
	// that were imported. ErrConflict: a row breaks a unique rule otherwise; ErrNotFound:
	// it refers to one that is not there. Publishes ChangeAll.
	Import(ctx context.Context, rows Rows) error
}

// Rows is a batch for an Importer. The kinds are added in the order of the fields.
type Rows struct {
	Users         []User
	Organizations []Organization
	Holdings      []Holding
	Applications  []Application
	Tokens        []Token // Refreshable is ignored: it follows from the refresh tokens
	RefreshTokens []RefreshToken
	// Sources give tokens that were imported without one their SourceID, because tokens and
	// refresh tokens refer to each other.
	Sources    []Source
	Codes      []AuthorizationCode
	Sessions   []Session
	Settings   map[string]json.RawMessage // overwrite what is there
	Activities []Activity
}

// Holding says that a user holds a role in an organization.
type Holding struct {
	UserID, OrganizationID int64
	Role                   Role
}

// Source says with which refresh token an access token was obtained.
type Source struct{ TokenID, RefreshTokenID int64 }

// Exporter is a Store that can list what nobody needs to list otherwise.
type Exporter interface {
	// ExportCodes returns codes with a higher id, ascending.
	ExportCodes(ctx context.Context, after int64, limit int) ([]AuthorizationCode, error)
	// ExportSessions returns sessions with a higher digest, ascending.
	ExportSessions(ctx context.Context, after Digest, limit int) ([]Session, error)
}
