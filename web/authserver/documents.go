package authserver

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"sync"

	"sallyport/protocol/jose"
	"sallyport/protocol/oauth"
	"sallyport/pure/config"
	"sallyport/service/environment"
	"sallyport/service/issue"
)

// documents keeps what is rendered once for each server and revision.
type documents struct{ known sync.Map }

type documentKey struct {
	live   *environment.Live
	server string
}

// rendered is immutable.
type rendered struct {
	snapshot  *config.Snapshot
	discovery document
	origins   map[string]bool // of the applications that it serves
	policies  sync.Map        // quota.Limit → RateLimit-Policy
	jwks      sync.Map        // serial of the keys → document; two at most are alive
}

// document is a public answer with its tag.
type document struct {
	body []byte
	etag string
}

func newDocument(body []byte) document {
	sum := sha256.Sum256(body)
	return document{body: body, etag: `"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`}
}

// documentsOf gives the documents of the exchange's server under its snapshot.
func (x *exchange) documentsOf() *rendered {
	key := documentKey{x.live, x.server.Name}
	if known, found := x.documents.known.Load(key); found && known.(*rendered).snapshot == x.view.Snapshot {
		return known.(*rendered)
	}
	fresh := &rendered{snapshot: x.view.Snapshot, origins: map[string]bool{}}
	for _, application := range x.view.Snapshot.Applications {
		if _, served := application.Assigned[x.server.Name]; !served {
			continue
		}
		for _, origin := range application.Origins {
			fresh.origins[origin] = true
		}
	}
	body, err := json.Marshal(metadata(x.view.Snapshot, x.server))
	if err != nil {
		x.cfg.Log.Error("discovery document cannot be encoded", "server", x.server.Name, "error", err)
	}
	fresh.discovery = newDocument(body)
	x.documents.known.Store(key, fresh)
	return fresh
}

// discovery serves OpenID Connect Discovery 1.0 §4 and RFC 8414 §3 alike.
func (x *exchange) discovery() { x.publish(x.documentsOf().discovery) }

// jwks serves the published keys (RFC 7517 §5).
func (x *exchange) jwks() {
	signing, err := x.cfg.Issue.Signing(x.r.Context(), x.view, x.server)
	if err != nil {
		x.fail(err)
		return
	}
	documents := x.documentsOf()
	if known, found := documents.jwks.Load(signing.Serial); found {
		x.publish(known.(document))
		return
	}
	fresh := newDocument(signing.JWKS)
	documents.jwks.Clear()
	documents.jwks.Store(signing.Serial, fresh)
	x.publish(fresh)
}

// publish answers with a document that caches may keep for five minutes: keys
// are published long before they sign.
func (x *exchange) publish(d document) {
	header := x.w.Header()
	header.Set("Cache-Control", "public, max-age=300")
	header.Set("ETag", d.etag)
	if slices.Contains(strings.Split(strings.ReplaceAll(x.r.Header.Get("If-None-Match"), " ", ""), ","), d.etag) {
		x.w.WriteHeader(http.StatusNotModified)
		return
	}
	header.Set("Content-Type", "application/json")
	_, _ = x.w.Write(d.body)
}

// metadata says what a server can do. It promises nothing that depends on who
// asks, and every URL in it is the issuer's own.
func metadata(s *config.Snapshot, server *config.LiveServer) oauth.Metadata {
	// The server's own, and RS256, which every server must offer (OpenID Connect
	// Discovery §3) and some clients insist on.
	algorithms := []string{string(issue.Algorithm(server))}
	if rs256 := string(jose.RS256); algorithms[0] != rs256 {
		algorithms = append(algorithms, rs256)
	}
	no := false
	m := oauth.Metadata{
		Issuer:                                     server.Issuer,
		AuthorizationEndpoint:                      server.Issuer + "/authorize",
		TokenEndpoint:                              server.Issuer + "/token",
		UserinfoEndpoint:                           server.Issuer + "/userinfo",
		RevocationEndpoint:                         server.Issuer + "/revoke",
		IntrospectionEndpoint:                      server.Issuer + "/introspect",
		EndSessionEndpoint:                         server.Issuer + "/logout",
		JWKSURI:                                    server.Issuer + "/jwks",
		ResponseTypesSupported:                     []oauth.ResponseType{oauth.ResponseTypeCode},
		ResponseModesSupported:                     []oauth.ResponseMode{oauth.ResponseModeQuery, oauth.ResponseModeFormPost},
		GrantTypesSupported:                        []oauth.GrantType{oauth.GrantAuthorizationCode, oauth.GrantRefreshToken, oauth.GrantClientCredentials},
		CodeChallengeMethodsSupported:              []oauth.ChallengeMethod{oauth.MethodS256},
		UILocalesSupported:                         words.Languages(),
		ACRValuesSupported:                         issue.Reachable(s),
		SubjectTypesSupported:                      []string{"public"},
		PromptValuesSupported:                      []oauth.Prompt{oauth.PromptNone, oauth.PromptLogin, oauth.PromptConsent, oauth.PromptSelectAccount},
		ClaimTypesSupported:                        []string{"normal"},
		IDTokenSigningAlgValuesSupported:           algorithms,
		ClaimsParameterSupported:                   true,
		RequestURIParameterSupported:               &no,
		ClaimsSupported:                            claimNames(server),
		ScopesSupported:                            scopeNames(server),
		AuthorizationResponseIssParameterSupported: true,
	}
	authenticating(&m)
	return m
}

// authenticating says how clients authenticate, at all endpoints alike; but who
// looks into tokens must.
func authenticating(m *oauth.Metadata) {
	methods := []oauth.AuthMethod{oauth.AuthSecretBasic, oauth.AuthSecretPost, oauth.AuthPrivateKeyJWT}
	var algorithms []string
	for _, alg := range oauth.AssertionAlgorithms() {
		algorithms = append(algorithms, string(alg))
	}
	m.IntrospectionEndpointAuthMethodsSupported, m.IntrospectionEndpointAuthSigningAlgValuesSupported = methods, algorithms
	anybody := append(slices.Clone(methods), oauth.AuthNone)
	m.TokenEndpointAuthMethodsSupported, m.TokenEndpointAuthSigningAlgValuesSupported = anybody, algorithms
	m.RevocationEndpointAuthMethodsSupported, m.RevocationEndpointAuthSigningAlgValuesSupported = anybody, algorithms
}

func claimNames(server *config.LiveServer) []oauth.ClaimName {
	names := []oauth.ClaimName{"iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "sid"}
	for _, name := range issue.StandardClaims() {
		names = append(names, oauth.ClaimName(name))
	}
	for _, claim := range server.Claims {
		if name := oauth.ClaimName(claim.Name); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// scopeNames lists OIDC's own and the customer scopes; what machines may have
// is nobody's business but theirs.
func scopeNames(server *config.LiveServer) []oauth.Scope {
	scopes := []oauth.Scope{oauth.ScopeOpenID, oauth.ScopeProfile, oauth.ScopeEmail, oauth.ScopePhone, oauth.ScopeOfflineAccess}
	for _, scope := range server.Access.Scopes() {
		if scope.Kind.Customer() {
			scopes = append(scopes, oauth.Scope(scope.Name))
		}
	}
	return scopes
}
