package migrate

import (
	"sallyport/pure/legacy"
	"sallyport/pure/legacy/aspnet"
	"sallyport/pure/legacy/auth0"
	"sallyport/pure/legacy/clerk"
	"sallyport/pure/legacy/cognito"
	"sallyport/pure/legacy/devise"
	"sallyport/pure/legacy/django"
	"sallyport/pure/legacy/drupal"
	"sallyport/pure/legacy/firebase"
	"sallyport/pure/legacy/fusionauth"
	"sallyport/pure/legacy/keycloak"
	"sallyport/pure/legacy/kratos"
	"sallyport/pure/legacy/laravel"
	"sallyport/pure/legacy/ldif"
	"sallyport/pure/legacy/membership"
	"sallyport/pure/legacy/ndjson"
	"sallyport/pure/legacy/okta"
	"sallyport/pure/legacy/sallyport"
	"sallyport/pure/legacy/scim"
	"sallyport/pure/legacy/spring"
	"sallyport/pure/legacy/supabase"
	"sallyport/pure/legacy/symfony"
	"sallyport/pure/legacy/wordpress"
)

// Formats lists the formats of other systems that source.format may name besides
// "csv" and "auth0". This is their only table: a new one is a line here.
func Formats() []legacy.Format {
	return []legacy.Format{
		aspnet.Format(),
		auth0.CSV(),
		clerk.Format(),
		cognito.CSV(),
		cognito.JSON(),
		devise.Format(),
		django.Format(),
		drupal.Format(),
		firebase.CSV(),
		firebase.JSON(),
		fusionauth.Format(),
		keycloak.Format(),
		kratos.Format(),
		laravel.Format(),
		ldif.Format(),
		membership.Format(),
		ndjson.Format(),
		okta.Format(),
		sallyport.Format(),
		scim.Format(),
		spring.Format(),
		supabase.Format(),
		symfony.Format(),
		wordpress.Format(),
	}
}

// formatOf finds a format of the table.
func formatOf(name string) (legacy.Format, bool) {
	for _, f := range Formats() {
		if f.Name == name {
			return f, true
		}
	}
	return legacy.Format{}, false
}
