package issue

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"strings"
	"time"

	"sallyport/protocol/jose"
	"sallyport/protocol/oauth"
	"sallyport/pure/access"
	"sallyport/pure/claim"
	"sallyport/pure/config"
	"sallyport/pure/customer"
	"sallyport/service/keyring"
	"sallyport/store"
)

// PreviewRequest is a token that nobody gets. Where Customer is zero and the
// grant is a customer's, the customer is an invented one with Groups and Attributes.
type PreviewRequest struct {
	Server      string
	Application string
	Grant       access.GrantType
	Customer    customer.ID
	Groups      []string
	Scopes      []access.Scope
	Original    []access.Scope // not nil: preview a refresh of this grant
	Address     netip.Addr
	At          time.Time // zero: now
	Assurance   access.Assurance
	SignedIn    time.Time         // when the customer did; zero: at the same instant
	Attributes  map[string]string // of an invented customer
}

// Preview is what the request would get, and why.
type Preview struct {
	Revision     int64           `json:"revision"`
	Decision     access.Decision `json:"decision"`
	Trace        access.Trace    `json:"trace"`
	AccessFormat string          `json:"access_format"`           // jwt or opaque
	AccessClaims Claims          `json:"access_claims,omitempty"` // none if refused
	IDClaims     Claims          `json:"id_claims,omitempty"`     // none without the openid scope
	Userinfo     Claims          `json:"userinfo,omitempty"`
	Sizes        Sizes           `json:"sizes"`
	Sources      []Source        `json:"sources,omitempty"`  // of every claim, by place
	LeftOut      []LeftOut       `json:"left_out,omitempty"` // claims that are not told
	Hooks        []Consulted     `json:"hooks,omitempty"`    // that would be asked, and are not: they could take scopes away
}

// Sizes are the lengths in bytes of what would be sent; 0 for what would not.
type Sizes struct {
	AccessToken int `json:"access_token"`
	IDToken     int `json:"id_token"`
}

// ErrNoApplication: the revision has no application of that name.
var ErrNoApplication = errors.New("no such application")

// Preview runs the code that issues, with signers that cannot sign. Nothing
// is recorded, and it works on any snapshot: a view may hold one that is not
// live. Errors: [ErrNoServer], [ErrNoApplication], store.ErrNotFound for an
// unknown customer.
func (s *Service) Preview(ctx context.Context, v View, r PreviewRequest) (Preview, error) {
	q, err := s.previewed(ctx, v, r)
	if err != nil {
		return Preview{}, err
	}
	p := Preview{
		Revision: v.Snapshot.Revision, Decision: q.decide(), Trace: access.Explain(q.server.Access, q.request),
		AccessFormat: q.server.TokensOf(q.application),
	}
	if !p.Decision.Allowed {
		return p, nil
	}
	i := &issuance{
		inquiry: q, decision: p.Decision, granted: p.Decision.Granted, now: q.request.At,
		jti: strings.Repeat("-", base64.RawURLEncoding.EncodedLen(24)),
	}
	if err := s.belong(ctx, i, claim.Access, claim.ID, claim.Userinfo); err != nil {
		return Preview{}, err
	}
	made, err := i.mint(i.blanks(), nil)
	if err != nil {
		return Preview{}, err
	}
	p.Hooks = i.wouldAsk()
	p.AccessClaims, p.IDClaims = made.accessClaims, made.idClaims
	p.Sizes = Sizes{AccessToken: len(made.access), IDToken: len(made.id)}
	p.Sources = slices.Concat(i.sources(claim.Access, p.AccessClaims), i.sources(claim.ID, p.IDClaims))
	if i.idToken() {
		p.Userinfo = i.userinfoClaims()
		p.Sources = append(p.Sources, i.sources(claim.Userinfo, p.Userinfo)...)
	}
	p.LeftOut = i.leftOut()
	return p, nil
}

// previewed puts the question of a preview.
func (s *Service) previewed(ctx context.Context, v View, r PreviewRequest) (*inquiry, error) {
	server, err := v.Server(r.Server)
	if err != nil {
		return nil, err
	}
	application, found := v.Snapshot.Applications[r.Application]
	if !found {
		return nil, ErrNoApplication
	}
	if r.At.IsZero() {
		r.At = s.cfg.Now()
	}
	if r.SignedIn.IsZero() {
		r.SignedIn = r.At
	}
	q := &inquiry{view: v, server: server, application: application, request: access.Request{
		Application: access.ApplicationID(r.Application), Grant: r.Grant, Scopes: r.Scopes, Original: r.Original,
		Address: r.Address, At: r.At, Assurance: r.Assurance,
	}}
	if r.Grant == access.ClientCredentials {
		return q, nil
	}
	if q.request.Scopes, err = askable(application, r.Scopes); err != nil {
		return nil, err
	}
	if q.person, err = s.imagine(ctx, v, application, r); err != nil {
		return nil, err
	}
	q.request.Subject, q.request.Authenticated = q.person.asSubject(server.Access), r.SignedIn
	return q, nil
}

// imagine gives the person of a preview: a real customer, or an invented one.
func (s *Service) imagine(ctx context.Context, v View, a *config.Application, r PreviewRequest) (*person, error) {
	c := customer.Customer{State: customer.Active, Name: "Example Customer", Groups: r.Groups, Attributes: r.Attributes}
	var identifiers []customer.Identifier
	if !r.Customer.IsZero() {
		var err error
		if c, err = s.cfg.Store.Customer(ctx, v.Env, r.Customer); err != nil {
			return nil, fmt.Errorf("reading a customer: %w", err)
		}
		if identifiers, err = s.cfg.Store.Identifiers(ctx, v.Env, r.Customer); err != nil {
			return nil, fmt.Errorf("reading identifiers: %w", err)
		}
	}
	acr := map[access.Assurance]string{
		access.OneFactor: ACRPassword, access.TwoFactor: ACRTwoFactor, access.PhishingResistant: ACRPasskey,
	}[r.Assurance]
	p := personOf(a, c, store.SessionID{}, detail{SignedIn: r.SignedIn, ACR: acr, AMR: []string{acr}})
	p.identifiers = identifiers
	return p, nil
}

// idToken tells whether the answer has an ID token.
func (i *issuance) idToken() bool { return i.person != nil && i.has(oauth.ScopeOpenID) }

// blanks are signers of the right size that hold no key.
func (i *issuance) blanks() signers {
	with := signers{access: blank{Algorithm(i.server), keyring.AccessTokenType}}
	if i.opaque() {
		with.access = blankSeal{}
	}
	if i.idToken() {
		with.id = blank{idAlgorithm(i.server, i.application), keyring.IDTokenType}
	}
	return with
}

// blankSeal is a blank for what is sealed.
type blankSeal struct{}

// Algorithm is that of sealing.
func (blankSeal) Algorithm() jose.Algorithm { return keyring.OpaqueAlgorithm }

// Sign measures.
func (blankSeal) Sign(_ io.Reader, payload []byte) (string, error) {
	return strings.Repeat(".", keyring.OpaqueLength(len(payload))), nil
}

// blank is a signer that cannot sign: what it gives is as long as a token, and
// dots.
type blank struct {
	algorithm jose.Algorithm
	typ       string
}

// Algorithm is the algorithm that it stands for.
func (b blank) Algorithm() jose.Algorithm { return b.algorithm }

// Sign measures. A header names type, algorithm and a key by its thumbprint.
func (b blank) Sign(_ io.Reader, payload []byte) (string, error) {
	const thumbprint = 43
	encoded := base64.RawURLEncoding.EncodedLen
	header := len(`{"alg":"","kid":"","typ":""}`) + len(b.algorithm) + thumbprint + len(b.typ)
	signature := 64
	if b.algorithm == jose.RS256 || b.algorithm == jose.PS256 {
		signature = 256
	}
	return strings.Repeat(".", encoded(header)+1+encoded(len(payload))+1+encoded(signature)), nil
}
