package awxapi

// oauthRoutes hands the OAuth2 endpoints over. They have rules, headers and errors of
// their own (RFC 6749, 7009) and take none of the REST pipeline.
func (a *API) oauthRoutes() []route {
	return []route{
		{path: authorizePath, raw: a.config.OAuth.ServeAuthorize},
		{path: tokenPath, raw: a.config.OAuth.ServeToken},
		{path: revokePath, raw: a.config.OAuth.ServeRevoke},
	}
}
