package tokencore

import (
	"context"
	"errors"
)

// TokenRequest asks for a token outside any OAuth2 flow.
type TokenRequest struct {
	UserID        int64
	ApplicationID int64  // 0: personal token
	Scope         string // empty: DefaultScope
	Description   string
}

// Issued is a new token with the credentials that are known only now.
type Issued struct {
	Token   Token
	Access  Secret
	Refresh Secret // zero for a personal token
}

// Issue creates a token: a personal one, or one of an application together with a
// refresh token. *InvalidError for a bad scope; ErrNotFound for an unknown user or
// application; see CheckOwner for who may own one.
func (s *Service) Issue(ctx context.Context, by Actor, request TokenRequest) (Issued, error) {
	if request.Scope == "" {
		request.Scope = DefaultScope
	}
	if _, err := ParseScope(request.Scope); err != nil {
		return Issued{}, err
	}
	user, err := s.directory.User(ctx, request.UserID)
	if err != nil {
		return Issued{}, Unavailable("looking up user", err)
	}
	owner := user
	if request.ApplicationID != 0 {
		app, err := s.store.Application(ctx, request.ApplicationID)
		if err != nil {
			return Issued{}, Unavailable("loading application", err)
		}
		if owner, err = s.Owner(ctx, app, user); err != nil {
			return Issued{}, err
		}
	}
	var issued Issued
	err = s.store.Update(ctx, func(tx Tx) error {
		settings, err := settingsOf(ctx, tx)
		if err != nil {
			return err
		}
		if err := CheckOwner(user, settings); err != nil {
			return err
		}
		issued, err = s.issue(ctx, tx, by, owner, request, settings)
		return err
	})
	return issued, err
}

// Owner returns whose the tokens are that a user gets through an application: an imported
// application may have a user of its own, who owns all of its tokens, as in AWX. It may ask
// a remote directory, so call it before a transaction. ErrNotFound: that user is gone.
func (s *Service) Owner(ctx context.Context, app Application, user User) (User, error) {
	if app.UserID == 0 || app.UserID == user.ID {
		return user, nil
	}
	owner, err := s.directory.User(ctx, app.UserID)
	return owner, Unavailable("looking up the application's user", err)
}

func (s *Service) issue(
	ctx context.Context, tx Tx, by Actor, owner User, request TokenRequest, settings Settings,
) (issued Issued, err error) {
	if issued.Access, err = GenerateSecret(s.random, TokenLength); err != nil {
		return Issued{}, err
	}
	grant, err := NewUUID(s.random)
	if err != nil {
		return Issued{}, err
	}
	now := s.Now()
	issued.Token = Token{
		Digest: issued.Access.Digest(KindAccess), Hint: issued.Access.Hint(),
		UserID: owner.ID, UserAnsibleID: owner.AnsibleID, ApplicationID: request.ApplicationID, GrantID: grant,
		Description: request.Description, Scope: request.Scope,
		Created: now, Modified: now, Expires: ExpiryAfter(now, settings.AccessTokenSeconds),
		Refreshable: request.ApplicationID != 0,
	}
	if err := s.AddToken(ctx, tx, by, &issued.Token); err != nil {
		return Issued{}, err
	}
	if issued.Token.Personal() {
		return issued, nil
	}
	if issued.Refresh, err = GenerateSecret(s.random, TokenLength); err != nil {
		return Issued{}, err
	}
	err = tx.CreateRefreshToken(ctx, &RefreshToken{
		Digest: issued.Refresh.Digest(KindRefresh), Hint: issued.Refresh.Hint(),
		UserID: owner.ID, UserAnsibleID: owner.AnsibleID, ApplicationID: request.ApplicationID,
		TokenID: issued.Token.ID, GrantID: grant, Scope: request.Scope, Created: now,
	})
	if err != nil {
		return Issued{}, Unavailable("creating refresh token", err)
	}
	return issued, nil
}

// AddToken stores an access token within the caller's transaction and records it. The
// caller has asked Owner whose it is.
func (s *Service) AddToken(ctx context.Context, tx Tx, by Actor, t *Token) error {
	var applicationName any
	if !t.Personal() {
		app, err := tx.Application(ctx, t.ApplicationID)
		if err != nil {
			return Unavailable("loading application", err)
		}
		applicationName = app.Name
	}
	if err := tx.CreateToken(ctx, t); err != nil {
		return Unavailable("creating token", err)
	}
	return s.record(ctx, tx, by, Activity{
		Operation: OperationCreate, Object: ObjectToken, ObjectID: t.ID,
		Changes: changesOf(append(tokenPairs(*t, applicationName), pair{"id", t.ID}, pair{"token", masked})...),
	})
}

// UpdateToken lets edit change description and scope and stores the token.
// ErrNotFound, *InvalidError for a bad scope, or whatever edit returns.
func (s *Service) UpdateToken(ctx context.Context, by Actor, id int64, edit func(*Token) error) (Token, error) {
	var t Token
	err := s.store.Update(ctx, func(tx Tx) error {
		before, err := tx.Token(ctx, id)
		if err != nil {
			return Unavailable("loading token", err)
		}
		edited := before
		if err := edit(&edited); err != nil {
			return err
		}
		if _, err := ParseScope(edited.Scope); err != nil {
			return err
		}
		t = before
		t.Description, t.Scope, t.Modified = edited.Description, edited.Scope, s.Now()
		if err := tx.UpdateToken(ctx, t); err != nil {
			return Unavailable("updating token", err)
		}
		changed := changedPairs(tokenPairs(before, nil), tokenPairs(t, nil))
		if len(changed) == 0 {
			return nil
		}
		return s.record(ctx, tx, by, Activity{
			Operation: OperationUpdate, Object: ObjectToken, ObjectID: t.ID, Changes: changesOf(changed...),
		})
	})
	return t, err
}

// DropToken deletes an access token within the caller's transaction and records it.
// ErrNotFound.
func (s *Service) DropToken(ctx context.Context, tx Tx, by Actor, t Token) error {
	var applicationName any
	if !t.Personal() {
		switch app, err := tx.Application(ctx, t.ApplicationID); {
		case err == nil:
			applicationName = app.Name
		case !errors.Is(err, ErrNotFound):
			return Unavailable("loading application", err)
		}
	}
	if err := tx.DeleteToken(ctx, t.ID); err != nil {
		return Unavailable("deleting token", err)
	}
	return s.record(ctx, tx, by, Activity{
		Operation: OperationDelete, Object: ObjectToken, ObjectID: t.ID,
		Changes: changesOf(append(tokenPairs(t, applicationName), pair{"id", t.ID}, pair{"token", masked})...),
	})
}
