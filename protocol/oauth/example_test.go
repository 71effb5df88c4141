package oauth_test

import (
	"errors"
	"fmt"

	"sallyport/protocol/oauth"
)

// An authorization endpoint, from the query to the redirect.
func ExampleParseAuthorizationRequest() {
	registered := []string{"https://app.example/cb"}
	answer := func(query string) string {
		p, err := oauth.ParseParameters(query)
		if err != nil {
			return "page: " + err.Error()
		}
		request, problem := oauth.ParseAuthorizationRequest(p)
		var local *oauth.NotRedirectableError
		if errors.As(problem, &local) {
			return "page: " + local.Error()
		}
		to, err := request.Return.Match(registered)
		if err != nil {
			return "page: " + err.Error()
		}
		var refused *oauth.Error
		if errors.As(problem, &refused) {
			return to.Failure(refused, "https://login.example").Location()
		}
		return to.Success(oauth.NewSecret("SplxlOBeZQQYbYS6WxSbIA"), "https://login.example").Location()
	}
	const client = "client_id=web&redirect_uri=https%3A%2F%2Fapp.example%2Fcb"
	fmt.Println(answer(client + "&response_type=code&state=xyz"))
	fmt.Println(answer(client + "&response_type=token&state=xyz"))
	fmt.Println(answer("client_id=web&redirect_uri=https%3A%2F%2Fevil.example%2F&response_type=code"))
	// Output:
	// https://app.example/cb?code=SplxlOBeZQQYbYS6WxSbIA&iss=https%3A%2F%2Flogin.example&state=xyz
	// https://app.example/cb?error=unsupported_response_type&error_description=response_type+must+be+code&iss=https%3A%2F%2Flogin.example&state=xyz
	// page: oauth: invalid_request: redirect_uri is not registered for this client
}

func ExampleChallenge_Verify() {
	challenge, err := oauth.ParseChallenge("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", "S256")
	if err != nil {
		panic(err)
	}
	fmt.Println(challenge.Verify(oauth.NewSecret("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")))
	fmt.Println(challenge.Verify(oauth.Secret{}))
	// Output:
	// <nil>
	// oauth: invalid_grant: code_verifier is missing
}

func ExampleMatchRedirect() {
	fmt.Println(oauth.MatchRedirect([]string{"https://app.example/cb"}, "https://app.example/cb/"))
	fmt.Println(oauth.MatchRedirect([]string{"http://127.0.0.1/cb"}, "http://127.0.0.1:51004/cb"))
	// Output:
	// false
	// true
}

func ExampleBearerChallenge() {
	fmt.Println(oauth.BearerChallenge{
		Error:  oauth.InsufficientScope("this operation needs billing.write.payment"),
		Scopes: []oauth.Scope{"billing.write.payment"},
	})
	// Output:
	// Bearer error="insufficient_scope", error_description="this operation needs billing.write.payment", scope="billing.write.payment"
}

func ExampleWellKnownPaths() {
	for _, path := range oauth.WellKnownPaths("/customers") {
		fmt.Println(path)
	}
	// Output:
	// /.well-known/oauth-authorization-server/customers
	// /.well-known/openid-configuration/customers
	// /customers/.well-known/openid-configuration
}
