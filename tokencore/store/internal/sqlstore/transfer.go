package sqlstore

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/awxgate/awxgate/tokencore"
)

const (
	sqlSetSource = `UPDATE tokens SET source_id = $1 WHERE id = $2`

	sqlExportCodes    = sqlCodes + ` WHERE id > $1 ORDER BY id LIMIT $2`
	sqlExportSessions = sqlSessions + ` WHERE digest > $1 ORDER BY digest LIMIT $2`
)

var (
	sqlImportUser         = withID(sqlCreateUser)
	sqlImportOrganization = withID(sqlCreateOrganization)
	sqlImportApplication  = withID(sqlCreateApplication)
	sqlImportToken        = withID(sqlCreateToken)
	sqlImportRefreshToken = withID(sqlCreateRefreshToken)
	sqlImportCode         = withID(sqlCreateCode)
	sqlImportSession      = sqlCreateSession + ` ON CONFLICT (digest) DO NOTHING`
	sqlImportActivity     = withID(sqlAppendActivity)
)

// withID makes of a statement that creates a row one that also takes its id, as the last
// parameter, and leaves a row with that id alone.
func withID(sqlCreate string) string {
	parameter := "$" + strconv.Itoa(strings.Count(sqlCreate, "$")+1)
	sql := strings.Replace(sqlCreate, "(", "(id, ", 1)
	sql = strings.Replace(sql, "VALUES (", "VALUES ("+parameter+", ", 1)
	return strings.TrimSuffix(sql, " RETURNING id") + ` ON CONFLICT (id) DO NOTHING`
}

// ExportCodes implements tokencore.Exporter.
func (r Reader) ExportCodes(ctx context.Context, after int64, limit int) ([]tokencore.AuthorizationCode, error) {
	return list(ctx, r.session, "listing codes", scanCode, sqlExportCodes, after, int64(limit))
}

// ExportSessions implements tokencore.Exporter.
func (r Reader) ExportSessions(ctx context.Context, after tokencore.Digest, limit int) ([]tokencore.Session, error) {
	return list(ctx, r.session, "listing sessions", scanSession, sqlExportSessions, after[:], int64(limit))
}

// Import implements tokencore.Importer.
func (t *Tx) Import(ctx context.Context, rows tokencore.Rows) error {
	i := importer{t: t, ctx: ctx}
	for _, u := range rows.Users {
		i.row("users", sqlImportUser, append(userValues(u), u.ID)...)
	}
	for _, o := range rows.Organizations {
		i.row("organizations", sqlImportOrganization, append(organizationValues(o), o.ID)...)
	}
	for _, h := range rows.Holdings {
		i.exec(sqlGrantRole, h.UserID, h.OrganizationID, string(h.Role))
	}
	for _, a := range rows.Applications {
		i.row("applications", sqlImportApplication, append(applicationValues(a), a.ID)...)
	}
	for _, o := range rows.Tokens {
		i.row("tokens", sqlImportToken, append(tokenValues(o), o.ID)...)
	}
	for _, r := range rows.RefreshTokens {
		i.row("refresh_tokens", sqlImportRefreshToken, append(refreshTokenValues(r), r.ID)...)
		if r.TokenID != 0 {
			i.exec(sqlSetRefreshable, r.TokenID)
		}
	}
	for _, s := range rows.Sources {
		i.exec(sqlSetSource, s.RefreshTokenID, s.TokenID)
	}
	for _, c := range rows.Codes {
		i.row("codes", sqlImportCode, append(codeValues(c), c.ID)...)
	}
	for _, s := range rows.Sessions {
		i.exec(sqlImportSession, s.Digest[:], s.UserID, micros(s.Created), micros(s.Expires))
	}
	for key, value := range rows.Settings {
		i.exec(sqlPutSetting, key, string(value))
	}
	for _, a := range rows.Activities {
		i.row("activities", sqlImportActivity, append(activityValues(a), a.ID)...)
	}
	return i.finish()
}

// importer keeps the first error, and which tables got rows with ids.
type importer struct {
	t      *Tx
	ctx    context.Context //nolint:containedctx // of one call
	tables []string
	err    error
}

func (i *importer) row(table, query string, values ...any) {
	if len(i.tables) == 0 || i.tables[len(i.tables)-1] != table {
		i.tables = append(i.tables, table)
	}
	i.exec(query, values...)
}

func (i *importer) exec(query string, values ...any) {
	if i.err == nil {
		_, i.err = i.t.session.try(i.ctx, "importing", query, values...)
	}
}

func (i *importer) finish() error {
	for _, table := range i.tables {
		if statement := i.t.session.dialect.Continue(table); statement != "" && i.err == nil {
			_, i.err = i.t.session.exec(i.ctx, "continuing the ids", statement)
		}
	}
	if i.err != nil {
		return fmt.Errorf("importing rows: %w", i.err)
	}
	i.t.publish(tokencore.ChangeAll, 0)
	return nil
}

var (
	_ tokencore.Importer = (*Tx)(nil)
	_ tokencore.Exporter = Reader{}
)
