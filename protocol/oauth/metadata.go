package oauth

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// Metadata is the discovery document of an authorization server (RFC 8414 §2, OpenID
// Connect Discovery 1.0 §3). Empty arrays are left out (RFC 8414 §3.2). A boolean is a
// pointer where its absence means true.
type Metadata struct {
	// Issuer is byte for byte the iss of every token and response (RFC 8414 §3.3).
	Issuer                             string `json:"issuer"`
	AuthorizationEndpoint              string `json:"authorization_endpoint,omitempty"`
	TokenEndpoint                      string `json:"token_endpoint,omitempty"`
	UserinfoEndpoint                   string `json:"userinfo_endpoint,omitempty"`
	JWKSURI                            string `json:"jwks_uri,omitempty"`
	RegistrationEndpoint               string `json:"registration_endpoint,omitempty"`
	RevocationEndpoint                 string `json:"revocation_endpoint,omitempty"`
	IntrospectionEndpoint              string `json:"introspection_endpoint,omitempty"`
	DeviceAuthorizationEndpoint        string `json:"device_authorization_endpoint,omitempty"`
	PushedAuthorizationRequestEndpoint string `json:"pushed_authorization_request_endpoint,omitempty"`
	EndSessionEndpoint                 string `json:"end_session_endpoint,omitempty"`

	ScopesSupported               []Scope           `json:"scopes_supported,omitempty"`
	ResponseTypesSupported        []ResponseType    `json:"response_types_supported,omitempty"`
	ResponseModesSupported        []ResponseMode    `json:"response_modes_supported,omitempty"`
	GrantTypesSupported           []GrantType       `json:"grant_types_supported,omitempty"`
	CodeChallengeMethodsSupported []ChallengeMethod `json:"code_challenge_methods_supported,omitempty"`
	ACRValuesSupported            []ACR             `json:"acr_values_supported,omitempty"`
	SubjectTypesSupported         []string          `json:"subject_types_supported,omitempty"`
	PromptValuesSupported         []Prompt          `json:"prompt_values_supported,omitempty"`
	ClaimTypesSupported           []string          `json:"claim_types_supported,omitempty"`
	ClaimsSupported               []ClaimName       `json:"claims_supported,omitempty"`
	UILocalesSupported            []string          `json:"ui_locales_supported,omitempty"`

	IDTokenSigningAlgValuesSupported  []string `json:"id_token_signing_alg_values_supported,omitempty"`
	UserinfoSigningAlgValuesSupported []string `json:"userinfo_signing_alg_values_supported,omitempty"`
	DPoPSigningAlgValuesSupported     []string `json:"dpop_signing_alg_values_supported,omitempty"`

	TokenEndpointAuthMethodsSupported                  []AuthMethod `json:"token_endpoint_auth_methods_supported,omitempty"`
	TokenEndpointAuthSigningAlgValuesSupported         []string     `json:"token_endpoint_auth_signing_alg_values_supported,omitempty"`
	RevocationEndpointAuthMethodsSupported             []AuthMethod `json:"revocation_endpoint_auth_methods_supported,omitempty"`
	RevocationEndpointAuthSigningAlgValuesSupported    []string     `json:"revocation_endpoint_auth_signing_alg_values_supported,omitempty"`
	IntrospectionEndpointAuthMethodsSupported          []AuthMethod `json:"introspection_endpoint_auth_methods_supported,omitempty"`
	IntrospectionEndpointAuthSigningAlgValuesSupported []string     `json:"introspection_endpoint_auth_signing_alg_values_supported,omitempty"`

	ClaimsParameterSupported  bool `json:"claims_parameter_supported,omitempty"`
	RequestParameterSupported bool `json:"request_parameter_supported,omitempty"`
	// RequestURIParameterSupported must be said if false: absence means true (Discovery §3).
	RequestURIParameterSupported               *bool `json:"request_uri_parameter_supported,omitempty"`
	RequirePushedAuthorizationRequests         bool  `json:"require_pushed_authorization_requests,omitempty"`
	AuthorizationResponseIssParameterSupported bool  `json:"authorization_response_iss_parameter_supported,omitempty"` // RFC 9207 §3
	BackchannelLogoutSupported                 bool  `json:"backchannel_logout_supported,omitempty"`
	BackchannelLogoutSessionSupported          bool  `json:"backchannel_logout_session_supported,omitempty"`

	ServiceDocumentation string `json:"service_documentation,omitempty"`
	OPPolicyURI          string `json:"op_policy_uri,omitempty"`
	OPTOSURI             string `json:"op_tos_uri,omitempty"`
}

// ErrMetadata says that a discovery document breaks a rule of RFC 8414.
var ErrMetadata = errors.New("oauth: metadata")

// Validate checks the rules that a document can break by itself: a good issuer, the
// members that RFC 8414 §2 requires, and no "none" among the signature algorithms of client
// assertions. It reports every mistake at once; each wraps ErrMetadata.
func (m Metadata) Validate() error {
	var mistakes []error
	mistake := func(text string) { mistakes = append(mistakes, fmt.Errorf("%w: %s", ErrMetadata, text)) }
	if err := ValidateIssuer(m.Issuer); err != nil {
		mistakes = append(mistakes, fmt.Errorf("%w: %w", ErrMetadata, err))
	}
	if len(m.ResponseTypesSupported) == 0 {
		mistake("response_types_supported is required")
	}
	if m.TokenEndpoint == "" {
		mistake("token_endpoint is required")
	}
	if m.AuthorizationEndpoint == "" && slices.Contains(m.GrantTypesSupported, GrantAuthorizationCode) {
		mistake("authorization_endpoint is required by authorization_code")
	}
	for _, algs := range [][]string{
		m.TokenEndpointAuthSigningAlgValuesSupported,
		m.RevocationEndpointAuthSigningAlgValuesSupported, m.IntrospectionEndpointAuthSigningAlgValuesSupported,
	} {
		if slices.Contains(algs, "none") {
			mistake("none must not be an algorithm of client assertions")
		}
	}
	return errors.Join(mistakes...)
}

// ErrIssuer says that a string cannot be an issuer identifier.
var ErrIssuer = errors.New("oauth: an issuer is an https URL (or http on a loopback host) without query, fragment and trailing slash")

// ValidateIssuer checks an issuer identifier (RFC 8414 §2). Because issuers are compared byte for byte
// and others append to them, it also wants one plain spelling, without a trailing slash.
// http passes on loopback hosts only, for development.
func ValidateIssuer(issuer string) error {
	u, err := url.Parse(issuer)
	switch {
	case err != nil, checkURIBytes(issuer) != nil, u.Opaque != "", u.User != nil, u.Host == "",
		u.Scheme != "https" && u.Scheme != "http", !strings.HasPrefix(issuer, u.Scheme+"://"),
		strings.ContainsAny(issuer, "?#"), strings.HasSuffix(issuer, "/"),
		checkScheme(u) != nil, checkPath(u.EscapedPath()) != nil:
		return ErrIssuer
	}
	return nil
}

// WellKnownPaths gives the paths at which an issuer's metadata is served. issuerPath is the
// path of the issuer, "" or "/" if it has none. RFC 8414 §3.1 puts the well-known
// part before the path, OpenID Connect Discovery §4 behind it; clients try either.
func WellKnownPaths(issuerPath string) []string {
	path := strings.TrimSuffix(issuerPath, "/")
	if path != "" && !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	paths := []string{
		"/.well-known/oauth-authorization-server" + path,
		"/.well-known/openid-configuration" + path,
	}
	if path != "" {
		paths = append(paths, path+"/.well-known/openid-configuration")
	}
	return paths
}
