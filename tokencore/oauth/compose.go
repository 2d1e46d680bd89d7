package oauth

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/ory/fosite"
	"github.com/ory/fosite/handler/oauth2"
	"github.com/ory/fosite/handler/pkce"

	"github.com/awxgate/awxgate/tokencore"
)

// compose wires fosite. compose.Compose of fosite takes only its own Config type,
// whose getters write defaults when they are first called, which is a data race.
func compose(svc *tokencore.Service, config Config) *fosite.Fosite {
	store, tokens := storage{svc}, strategy{svc}
	settings := &fosite.Config{
		// fosite counts in time.Duration, which 1000 years overflow, and by its own
		// clock. Both decide nothing here: see exchange.expires and strategy.
		AccessTokenLifespan:   time.Hour,
		RefreshTokenLifespan:  time.Hour,
		AuthorizeCodeLifespan: time.Hour,

		ScopeStrategy:            fosite.ExactScopeStrategy,
		AudienceMatchingStrategy: fosite.ExactAudienceMatchingStrategy,
		RefreshTokenScopes:       []string{}, // every grant; nil would mean "offline" scopes only
		MinParameterEntropy:      1,
		OmitRedirectScopeParam:   true,
		SanitationWhiteList:      []string{"redirect_uri", "code_challenge", "code_challenge_method"},

		EnforcePKCEForPublicClients:  !config.AllowPKCEOptional,
		RedirectSecureChecker:        isWebAddress,
		ClientAuthenticationStrategy: authenticatedClient,
		ClientSecretsHasher:          refusingHasher{},
	}
	cfg := configurator{settings}

	code := &oauth2.AuthorizeExplicitGrantHandler{
		AccessTokenStrategy: tokens, RefreshTokenStrategy: tokens, AuthorizeCodeStrategy: tokens,
		CoreStorage: store, TokenRevocationStorage: store, Config: cfg,
	}
	// It reads the code that the handler above has made or found, so it comes after it.
	proof := &pkce.Handler{AuthorizeCodeStrategy: tokens, Storage: store, Config: cfg}

	settings.AuthorizeEndpointHandlers = fosite.AuthorizeEndpointHandlers{code, proof}
	settings.TokenEndpointHandlers = fosite.TokenEndpointHandlers{
		code,
		proof,
		&oauth2.ResourceOwnerPasswordCredentialsGrantHandler{ //nolint:staticcheck // deprecated as the grant is, on which AWX's clients live
			HandleHelper:         &oauth2.HandleHelper{AccessTokenStrategy: tokens, AccessTokenStorage: store, Config: cfg},
			RefreshTokenStrategy: tokens, Config: cfg,
			ResourceOwnerPasswordCredentialsGrantStorage: store,
		},
		&oauth2.RefreshTokenGrantHandler{
			AccessTokenStrategy: tokens, RefreshTokenStrategy: tokens,
			TokenRevocationStorage: store, Config: cfg,
		},
	}
	return fosite.NewOAuth2Provider(store, cfg)
}

// configurator shows fosite what Configurator asks for and no more: fosite looks for
// further methods of its Config type and would then offer pushed authorization requests.
type configurator struct{ fosite.Configurator }

// GetJWKSFetcherStrategy returns none: no client authenticates by JWT, so nothing is
// ever fetched. The getter that it hides would start a cache with goroutines.
func (configurator) GetJWKSFetcherStrategy(context.Context) fosite.JWKSFetcherStrategy { return nil }

// authenticatedClient hands fosite the client that Provider.authenticate let in.
func authenticatedClient(ctx context.Context, _ *http.Request, _ url.Values) (fosite.Client, error) {
	return exchangeOf(ctx).client, nil
}

// isWebAddress accepts what AWX lets people register; fosite's own check refuses http.
func isWebAddress(_ context.Context, uri *url.URL) bool {
	return uri.Scheme == "https" || uri.Scheme == "http"
}

// refusingHasher keeps client secrets away from bcrypt, fosite's default, which
// looks at no more than 72 of their 128 characters.
type refusingHasher struct{}

var errNoHasher = errors.New("client secrets are not checked by fosite")

func (refusingHasher) Compare(context.Context, []byte, []byte) error { return errNoHasher }
func (refusingHasher) Hash(context.Context, []byte) ([]byte, error)  { return nil, errNoHasher }

var (
	_ fosite.Configurator                 = configurator{}
	_ fosite.ClientAuthenticationStrategy = authenticatedClient
	_ fosite.Hasher                       = refusingHasher{}
)
