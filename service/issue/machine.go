package issue

import (
	"context"
	"encoding/base64"
	"time"

	"sallyport/protocol/oauth"
	"sallyport/pure/access"
	"sallyport/pure/config"
	"sallyport/service/audit"
)

// ClientCredentials gives an application a token for itself (RFC 6749 §4.4).
// It costs one signature and a share of one commit.
func (s *Service) ClientCredentials(ctx context.Context, v View, server *config.LiveServer, c Client, r oauth.TokenRequest) (oauth.TokenResponse, error) {
	if err := s.fresh(); err != nil {
		return oauth.TokenResponse{}, err
	}
	q := &inquiry{view: v, server: server, application: c.Application, request: access.Request{
		Application: access.ApplicationID(c.Application.Name), Grant: access.ClientCredentials,
		Scopes: scopesOf(r.Scopes), Address: c.Address, At: s.cfg.Now(),
	}}
	if err := checkResources(server, r.Resources); err != nil {
		return oauth.TokenResponse{}, err
	}
	if c.Public {
		// Whoever writes its name would get its rights.
		return oauth.TokenResponse{}, &Refusal{Reason: NotRegistered}
	}
	decision := q.decide()
	if !decision.Allowed {
		return oauth.TokenResponse{}, s.refuseDecided(ctx, q, decision, audit.TokenRefused)
	}
	i := &issuance{inquiry: q, decision: decision, granted: decision.Granted, now: q.request.At}
	if err := s.consult(ctx, i, audit.TokenRefused); err != nil {
		return oauth.TokenResponse{}, err
	}
	var id [24]byte
	if err := s.random(id[:]); err != nil {
		return oauth.TokenResponse{}, err
	}
	i.jti = base64.RawURLEncoding.EncodeToString(id[:])
	made, err := s.make(ctx, i)
	if err != nil {
		return oauth.TokenResponse{}, err
	}
	entry, record := q.record(decision)
	entry.Type, record.Token = audit.TokenIssued, i.jti
	if err := s.cfg.Audit.Record(ctx, v.Env, entry); err != nil {
		return oauth.TokenResponse{}, err
	}
	return i.response(made), nil
}

// make mints with the server's real keys.
func (s *Service) make(ctx context.Context, i *issuance) (minted, error) {
	with, err := s.signersFor(ctx, i)
	if err != nil {
		return minted{}, err
	}
	made, err := i.mint(with, s.cfg.Rand)
	if err != nil {
		return minted{}, err
	}
	if len(i.told) > 0 {
		s.tellFailures(ctx, i)
	}
	if s.cfg.Tally != nil {
		s.cfg.Tally.Issued(i.view.Env, i.server.Name, i.application.Name, i.granted, len(made.access), len(made.id))
	}
	return made, nil
}

// response is the answer without a refresh token.
func (i *issuance) response(made minted) oauth.TokenResponse {
	scopes := make([]oauth.Scope, len(i.granted))
	for n, scope := range i.granted {
		scopes[n] = oauth.Scope(scope)
	}
	return oauth.TokenResponse{
		AccessToken: oauth.NewSecret(made.access), TokenType: oauth.TokenTypeBearer,
		ExpiresIn: int64(i.decision.Lifetimes.Access / time.Second),
		Scopes:    scopes, IDToken: oauth.NewSecret(made.id),
	}
}
