package config

import (
	"fmt"

	"sallyport/pure/access"
	"sallyport/pure/claim"
)

// consentOf checks whether customers are asked for a scope. Nobody can be asked for
// what only machines have.
func (c *checker) consentOf(at spot, scope *ScopeSpec) {
	if !at.has("consent") {
		scope.Consent = ConsentImplicit
		return
	}
	if !c.oneOf(at.at("consent"), "way to consent", scope.Consent, ConsentImplicit, ConsentRequired) {
		return
	}
	if scope.Consent == ConsentRequired && (scope.Kind == "system-read" || scope.Kind == "system-write") {
		c.fail(at.at("consent"), finding{
			ValueUnknown, fmt.Sprintf("the scope %q is the system's, so there is no customer to ask", scope.Name),
			"remove it, or make the scope a customer's",
		})
	}
}

// asked lists the scopes that customers are asked for: those that say so, and those
// that open as much and more.
func asked(s *Server, of claim.Server) map[string]bool {
	all := map[string]bool{}
	for i := range s.Scopes {
		if s.Scopes[i].Consent != ConsentRequired {
			continue
		}
		all[s.Scopes[i].Name] = true
		if of.Ancestors == nil {
			continue
		}
		for _, above := range of.Ancestors(access.Scope(s.Scopes[i].Name)) {
			all[string(above)] = true
		}
	}
	return all
}
