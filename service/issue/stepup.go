package issue

import (
	"net/netip"

	"sallyport/protocol/oauth"
	"sallyport/pure/access"
	"sallyport/pure/config"
)

// maxForeseen is how many groups a tenant may have for [Service.Foresee] to try
// them all.
const maxForeseen = 64

// StepUp is what a sign-in must be for a request to be granted.
type StepUp struct {
	TwoFactors bool // it proves two factors
	Anew       bool // it is made now, whatever session there is
}

// helps tells whether signing in with two factors, or just now, would answer a
// request that a session was refused for having proved less, or too long ago. Two
// factors are asked for once.
func (q *inquiry) helps(refused access.Decision, stepped bool) bool {
	if refused.NeededAssurance <= q.request.Assurance {
		return refused.NeededAge > 0
	}
	return !stepped && refused.NeededAssurance <= access.TwoFactor && provesTwoFactors(q.view.Snapshot)
}

// stepUp is the sign-in that helps. A fresh one must not prove less than the one
// before it, or something else would be missing then.
func (q *inquiry) stepUp(refused access.Decision) *StepUp {
	return &StepUp{
		TwoFactors: max(refused.NeededAssurance, q.request.Assurance) >= access.TwoFactor && provesTwoFactors(q.view.Snapshot),
		Anew:       refused.NeededAge > 0,
	}
}

// Foresee tells whether a request is granted to nobody who proves one factor,
// but to somebody who proves two. Then two are asked for at once, and nobody
// signs in twice. It may miss a case, which costs the customer that second time;
// it sends nobody through a second factor who has one group, or none, and could
// do without. Where rules ask for attributes it foresees nothing.
func (s *Service) Foresee(v View, server *config.LiveServer, a *config.Application, r oauth.AuthorizationRequest, address netip.Addr) bool {
	scopes, err := askable(a, scopesOf(r.Scopes))
	groups := v.Snapshot.Tenant.Groups
	if err != nil || len(groups) > maxForeseen || !asksForTwo(server) || !provesTwoFactors(v.Snapshot) ||
		len(server.Access.Attributes()) > 0 {
		return false
	}
	now := s.cfg.Now()
	q := &inquiry{view: v, server: server, application: a, request: access.Request{
		Application: access.ApplicationID(a.Name), Grant: access.AuthorizationCode, Scopes: scopes,
		Address: address, At: now, Assurance: access.OneFactor, Authenticated: now,
	}}
	helps := false
	for i := range len(groups) + 1 {
		q.request.Subject = &access.Subject{}
		if i > 0 {
			q.request.Subject.Groups = []access.Group{access.Group(groups[i-1].Name)}
		}
		decision := q.decide()
		if decision.Allowed {
			return false
		}
		helps = helps || decision.NeededAssurance > access.OneFactor && q.helps(decision, false)
	}
	return helps
}

// asksForTwo tells whether any rule does, so that strangers' requests cost nothing
// where none does.
func asksForTwo(server *config.LiveServer) bool {
	for _, policy := range server.Policies {
		for _, rule := range policy.Rules {
			if rule.Assurance == access.TwoFactor.String() {
				return true
			}
		}
	}
	return false
}
