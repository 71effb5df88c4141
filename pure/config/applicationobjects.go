package config

// Application acts as an OAuth client: `kind: application`. Its name is its client_id.
type Application struct {
	Meta             `yaml:",inline"`
	Protocol         string              `yaml:"protocol"`       // oidc
	Type             string              `yaml:"type"`           // web, browser, native, machine
	Authentication   string              `yaml:"authentication"` // client_secret_basic (default of web and machine), client_secret_post, private_key_jwt, none (default of browser and native)
	JWKS             KeySetSpec          `yaml:"jwks"`           // public keys of private_key_jwt
	PKCE             string              `yaml:"pkce"`           // required (default) or optional; optional only where the application authenticates
	Redirects        []string            `yaml:"redirects"`
	LogoutRedirects  []string            `yaml:"post_logout_redirects"` // where the browser may go after signing out, exactly
	Consent          string              `yaml:"consent"`               // implicit (default): the customer's registration covers it; required: the customer is asked, and may withdraw
	MaxAge           Duration            `yaml:"max_age"`               // of the sign-in that it gets a code by; 0: of any session that lives. A request may ask for a younger one
	Origins          []string            `yaml:"origins"`               // CORS
	Assigned         map[string][]string `yaml:"assigned"`              // authorization server → scopes it may ask for
	Grants           []string            `yaml:"grants"`                // authorization_code, refresh_token, client_credentials; default by type
	Introspects      []string            `yaml:"introspects"`           // authorization servers any of whose access tokens it may look into, as a resource server does; its own it always may, but for configured claims of opaque ones
	IDTokenAlgorithm string              `yaml:"id_token_algorithm"`    // of its ID tokens: the server's if empty; RS256 is always possible
	Brand            string              `yaml:"brand"`
	AccessTokens     string              `yaml:"access_tokens"` // its access tokens: jwt or opaque; the server's if empty
	Rate             *Rate               `yaml:"rate"`          // of its requests at authorization servers, in place of their limits.application
	Home             string              `yaml:"home"`          // where pages lead back to
	Owner            string              `yaml:"owner"`
}

// KeySetSpec is a JWK set (RFC 7517 §5) of public keys. JSON is YAML, so a set can
// be pasted as it is.
type KeySetSpec struct {
	Keys []KeySpec `yaml:"keys" config:"set"` // at most 10
}

// KeySpec is the public half of a key as a JWK (RFC 7517 §4, RFC 7518 §6, RFC 8037 §2).
type KeySpec struct {
	ID        string   `yaml:"kid"` // required; of no other key
	Type      string   `yaml:"kty"` // EC, RSA, OKP
	Algorithm string   `yaml:"alg"` // ES256, RS256, PS256, EdDSA; default by type, of RSA keys RS256
	Use       string   `yaml:"use"` // sig
	Uses      []string `yaml:"key_ops"`
	Curve     string   `yaml:"crv"`
	X         string   `yaml:"x"`
	Y         string   `yaml:"y"`
	Modulus   string   `yaml:"n"` // at least 2048 bits
	Exponent  string   `yaml:"e"`
}

// API is a described back end behind the gateway: `kind: api`.
type API struct {
	Meta     `yaml:",inline"`
	OpenAPI  string   `yaml:"openapi" config:"asset"` // path of the document, relative to the YAML file
	Servers  []string `yaml:"servers"`                // whose tokens it takes; no two may have a scope of the same name
	Path     string   `yaml:"path"`                   // under the gateway's address; "/" or "/billing"
	Backend  Backend  `yaml:"backend"`
	Public   []string `yaml:"public"` // operationIds open without a token
	Validate bool     `yaml:"validate"`
	Maturity string   `yaml:"maturity"` // preview, stable (default), deprecated
	Until    string   `yaml:"until"`    // of a deprecated one: the day on which it goes, as 2006-01-02
	Data     []string `yaml:"data"`     // classes of data that its operations handle, such as billing; x-data-classes of an operation stands in their place
}

// Backend is where an API really is.
type Backend struct {
	URL      string   `yaml:"url"` // https; http only to loopback
	Timeout  Duration `yaml:"timeout"`
	Identity bool     `yaml:"identity"` // tell the back end who calls, in Sallyport-* headers
}

// Product bundles APIs for subscription: `kind: product`.
type Product struct {
	Meta         `yaml:",inline"`
	APIs         []string `yaml:"apis"`
	Applications []string `yaml:"applications"` // who may subscribe: names and tags as in a policy; "*" for all
	Rate         Rate     `yaml:"rate"`         // per subscription
}

// Rate is a limit of calls.
type Rate struct {
	Calls int      `yaml:"calls"` // 0: none
	Per   Duration `yaml:"per"`   // default 1s
	Burst int      `yaml:"burst"` // default Calls
}
