package config

import (
	"fmt"
	"slices"
	"time"
)

// What becomes of a token if a hook gives no answer that counts, as
// `on_failure:` spells it.
const (
	HookRefuse  = "refuse"  // there is no token
	HookWithout = "without" // all that the hook judges is taken away, and its claims are left out
	HookAllow   = "allow"   // of journeys alone: they go on as if there were no hook
)

// MaxHooks is how many hooks a server asks for one token.
const MaxHooks = 3

// maxHookTime keeps a customer from waiting for a service that does not answer.
const maxHookTime = 3 * Duration(time.Second)

// hook checks a hook and sets its defaults.
func (c *checker) hook(at spot, h *Hook) {
	c.snapshot.Hooks[h.Name] = h
	if at.has("url") {
		u, reason := readWeb(h.URL)
		if reason == "" && (u.RawQuery != "" || u.ForceQuery) {
			reason = "has a query"
		}
		if reason != "" {
			c.fail(at.at("url"), finding{HookInvalid, "the address of the hook " + reason, "write an https address; http only for this machine"})
		}
	} else {
		c.fail(at, finding{FieldRequired, "the address of the hook is missing", "add url:"})
	}
	c.within(at, "timeout", h.Timeout, bounds{"the time that the hook has", Duration(time.Second), maxHookTime})
	if h.Timeout == 0 {
		h.Timeout = Duration(time.Second)
	}
	h.OnFailure = or(h.OnFailure, HookRefuse)
	c.oneOf(at.at("on_failure"), "way to go on without a hook", h.OnFailure, HookRefuse, HookWithout, HookAllow)
	c.hookPoints(at, h)
	c.references(at.at("sends"), fmt.Sprintf("the hook %q", h.Name), "attribute", h.Sends, c.attributes)
}

// hooks checks those that a server asks.
func (c *checker) hooks(list spot, s *Server) {
	c.references(list, "the server", "hook", s.Hooks, c.names(KindHook))
	if len(s.Hooks) > MaxHooks {
		c.fail(list.at(MaxHooks), finding{HookInvalid, fmt.Sprintf("the server asks %d hooks for each token", len(s.Hooks)), fmt.Sprintf("name at most %d", MaxHooks)})
	}
	for i, name := range s.Hooks {
		if h := c.snapshot.Hooks[name]; h != nil && h.OnFailure == HookAllow {
			c.fail(list.at(i), finding{HookInvalid, fmt.Sprintf("the hook %q may be passed over, which no hook may that is asked for a token", name), "write on_failure: refuse or without, or make another hook for journeys"})
		}
		// Whoever takes tokens for that audience must not take a question for one.
		if h := c.snapshot.Hooks[name]; h != nil && h.URL != "" && h.URL == s.Audience {
			c.fail(list.at(i), finding{HookInvalid, fmt.Sprintf("the hook %q has the address that is the server's audience", name), "give the hook an address of its own"})
		}
	}
}

// hookClaim checks a claim of a server, the i-th, if a hook fills it.
func (c *checker) hookClaim(at spot, i int, s *Server) {
	claim := &s.Claims[i]
	if claim.Hook == "" {
		return
	}
	by := fmt.Sprintf("the claim %q", claim.Name)
	if c.known(at.at("hook"), by, "hook", claim.Hook, c.names(KindHook)) && !slices.Contains(s.Hooks, claim.Hook) {
		c.fail(at.at("hook"), finding{HookInvalid, fmt.Sprintf("%s is filled by the hook %q, which the server does not ask", by, claim.Hook), "name it among the server's hooks:"})
	}
	// An answer has one value of a name, and it must be known whose and of what type.
	for _, other := range s.Claims[:i] {
		if other.Name == claim.Name && other.Hook != "" && (other.Hook != claim.Hook || other.Type != claim.Type) {
			c.fail(at.at("hook"), finding{HookInvalid, by + " is filled by another hook already, or as another type", "let one hook fill it, as one type"})
			break
		}
	}
	if i := slices.Index(claim.In, "userinfo"); i >= 0 {
		c.fail(at.at("in", i), finding{HookInvalid, by + " is in userinfo, where no hook is asked", "use access or id"})
	}
}

// judges checks the scopes that hooks may take away, once every server is known:
// each must be one of a server that asks the hook.
func (c *checker) judges() {
	each(c, func(at spot, h *Hook) {
		c.hookServer(at, h)
		known := slices.Clone(oidcNames)
		for _, live := range c.snapshot.Servers {
			if slices.Contains(live.Hooks, h.Name) {
				known = append(known, scopeNames(live.Server)...)
			}
		}
		slices.Sort(known) // so that suggestions do not depend on the order of servers
		list := at.at("judges")
		if len(h.Judges) == 1 && h.Judges[0] == "*" {
			return
		}
		for i, scope := range h.Judges {
			switch {
			case scope == "*":
				c.fail(list.at(i), finding{StarNotAlone, fmt.Sprintf(`the hook %q judges "*" beside others`, h.Name), `keep either "*" or the names`})
			case !slices.Contains(known, scope) && !c.tree.lost && !c.full:
				c.fail(list.at(i), finding{ReferenceMissing, fmt.Sprintf("the hook %q judges %q, and no server that asks it has that scope", h.Name, scope), suggest(scope, known)})
			}
		}
		c.once(list, h.Judges, "scope")
	})
}

// MayTake tells whether the hook may take a scope away.
func (h *Hook) MayTake(scope string) bool {
	return slices.Contains(h.Judges, "*") || slices.Contains(h.Judges, scope)
}
