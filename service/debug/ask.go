package debug

import (
	"context"
	"errors"

	"sallyport/protocol/jose"
	"sallyport/pure/access"
	"sallyport/pure/config"
	"sallyport/service/issue"
)

// Answer is what a question would get, and why. It is for those who may read the
// configuration; for anybody else see [Answer.Outline].
type Answer struct {
	Server      string            `json:"server"`
	Application string            `json:"application"`
	Asked       []access.Scope    `json:"asked"` // none: the server's defaults
	Preview     issue.Preview     `json:"preview"`
	Sources     []ClaimSource     `json:"sources,omitempty"` // of each claim, in order
	Limit       int               `json:"limit"`             // bytes of the longest access token that is taken
	Bounds      config.TokenSizes `json:"bounds"`            // what governance says of the bytes of one token
	Operations  []CallVerdict     `json:"operations"`        // of every API
	Refusal     string            `json:"refusal,omitempty"` // why nothing was decided; empty if something was
	grant       access.GrantType
	snapshot    *config.Snapshot
}

// Ask answers a question about the view. Errors: issue.ErrNoServer,
// issue.ErrNoApplication, store.ErrNotFound for an unknown customer.
func (s *Service) Ask(ctx context.Context, v issue.View, q issue.PreviewRequest) (Answer, error) {
	a := Answer{Server: q.Server, Application: q.Application, Asked: q.Scopes, Limit: jose.MaxTokenBytes, Bounds: v.Snapshot.Tenant.Governance.Token, grant: q.Grant, snapshot: v.Snapshot}
	server, err := v.Server(q.Server)
	if err != nil {
		return a, err
	}
	a.Preview, err = s.cfg.Issue.Preview(ctx, v, q)
	var refused *issue.Refusal
	switch {
	case errors.As(err, &refused): // before anything was decided
		a.Refusal = string(refused.Reason)
		a.Preview.Revision = v.Snapshot.Revision
	case err != nil:
		return a, err
	}
	a.Sources = sources(server, a.Preview)
	a.Operations = a.judge()
	return a, nil
}

// Allowed tells whether a token would be issued.
func (a Answer) Allowed() bool { return a.Preview.Decision.Allowed }
