// Package kinds is the table of the kinds of running systems: the one place that
// knows all of them.
package kinds

import (
	"context"

	"sallyport/pure/config"
	"sallyport/service/source"
	"sallyport/service/source/auth0"
	"sallyport/service/source/cognito"
	"sallyport/service/source/firebase"
	"sallyport/service/source/hook"
	"sallyport/service/source/keycloak"
	"sallyport/service/source/ldap"
	"sallyport/service/source/oauth"
	"sallyport/service/source/okta"
	"sallyport/service/source/scim"
	"sallyport/service/source/sql"
)

// Of gives the opener of a kind; nil for one that is not known.
func Of(kind string) source.Opener {
	switch kind {
	case config.ConnectOAuth:
		return oauth.Open
	case config.ConnectKeycloak:
		return keycloak.Open
	case config.ConnectAuth0:
		return auth0.Open
	case config.ConnectOkta:
		return okta.Open
	case config.ConnectCognito:
		return cognito.Open
	case config.ConnectFirebase:
		return firebase.Open
	case config.ConnectLDAP:
		return ldap.Open
	case config.ConnectSQL:
		return sql.Open
	case config.ConnectSCIM:
		return scim.Open
	case config.ConnectHook:
		return hook.Open
	}
	return nil
}

// Open makes the system of a connection, whatever its kind. Errors are of what an
// operator must mend.
func Open(ctx context.Context, spec *source.Spec, deps source.Deps) (*source.System, error) {
	open := Of(spec.Kind)
	if open == nil {
		return nil, &source.Fault{Reason: source.NotConfigured, What: "nothing here speaks to systems of that kind"}
	}
	return open(ctx, spec, deps)
}
