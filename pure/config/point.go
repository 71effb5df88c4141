package config

import (
	"fmt"
	"maps"
	"slices"
)

// Point is a point of a journey, as `points:` and `events:` of a hook spell it.
type Point string

// The points. Before somebody proved who they are nobody is asked and nobody is told:
// whoever types the name of another could have them heard of, and a veto would tell who is
// known.
const (
	RegistrationBegin  Point = "registration.begin"  // told alone: somebody proved an address that nobody had, and is a customer
	IdentifierVerified Point = "identifier.verified" // told alone: a customer proved that an address is theirs
	RegistrationFinish Point = "registration.finish" // nothing is left to do of a registration
	SignInFinish       Point = "signin.finish"       // all is proved and done; the session begins
	RecoveryFinish     Point = "recovery.finish"     // the same, with a new password
	AccountClaim       Point = "account.claim"       // a customer knew enough of an account for it to be theirs

	// Told alone, at no step of a journey: what becomes of a customer who is known.
	AgreementGiven     Point = "agreement.given"     // they said yes to a document or a purpose
	AgreementRefused   Point = "agreement.refused"   // they said no to a purpose
	AgreementWithdrawn Point = "agreement.withdrawn" // what they said yes to holds no more
	ProfileChanged     Point = "profile.changed"     // their name, an attribute or a group is another
)

// Points lists those at which a hook may say no, in the order of a customer's way.
func Points() []Point { return []Point{RegistrationFinish, SignInFinish, RecoveryFinish, AccountClaim} }

// PointEvents lists those of which a hook can be told.
func PointEvents() []Point {
	told := []Point{RegistrationBegin, IdentifierVerified, AgreementGiven, AgreementRefused, AgreementWithdrawn, ProfileChanged}
	return append(told, Points()...)
}

// hookPoints checks at what points of journeys a hook is asked and told.
func (c *checker) hookPoints(at spot, h *Hook) {
	for _, list := range []struct {
		key   string
		have  []string
		known []Point
	}{{"points", h.Points, Points()}, {"events", h.Events, PointEvents()}} {
		names := make([]string, len(list.known))
		for i, p := range list.known {
			names[i] = string(p)
		}
		for i, name := range list.have {
			c.oneOf(at.at(list.key, i), "point of a journey", name, names...)
		}
		c.once(at.at(list.key), list.have, "point")
	}
	if h.OnFailure == HookAllow && len(h.Points) == 0 {
		c.fail(at.at("on_failure"), finding{HookInvalid, "on_failure: allow is for points of journeys, and the hook has none", "add points:, or write refuse or without"})
	}
}

// hookServer checks whose key signs what a hook is asked and told at journeys, once every
// server is known, and that no more hooks are asked at a point than a customer can wait for.
func (c *checker) hookServer(at spot, h *Hook) {
	if len(h.Points)+len(h.Events) == 0 {
		return
	}
	servers := slices.Sorted(maps.Keys(c.snapshot.Servers))
	switch {
	case h.Server != "":
		c.known(at.at("server"), fmt.Sprintf("the hook %q", h.Name), "server", h.Server, c.names(KindServer))
	case len(servers) == 1:
		h.Server = servers[0]
	case !c.tree.lost && !c.full:
		c.fail(at, finding{FieldRequired, "it is not said whose key signs what the hook is asked and told", "add server: with the name of an authorization server"})
	}
	for i, point := range h.Points {
		if n := len(c.snapshot.HooksAt(Point(point))); n > MaxHooks {
			c.fail(at.at("points", i), finding{HookInvalid, fmt.Sprintf("%d hooks are asked at %s", n, point), fmt.Sprintf("have at most %d asked there", MaxHooks)})
		}
	}
	if live := c.snapshot.Servers[h.Server]; live != nil && h.URL != "" && h.URL == live.Audience {
		c.fail(at.at("url"), finding{HookInvalid, "the hook has the address that is the audience of the server whose key signs", "give the hook an address of its own"})
	}
}

// HooksAt lists the hooks that are asked at a point, by name.
func (s *Snapshot) HooksAt(p Point) []*Hook {
	return s.hooksWhere(func(h *Hook) bool { return slices.Contains(h.Points, string(p)) })
}

// HooksTold lists the hooks that are told of a point, by name.
func (s *Snapshot) HooksTold(p Point) []*Hook {
	return s.hooksWhere(func(h *Hook) bool { return slices.Contains(h.Events, string(p)) })
}

func (s *Snapshot) hooksWhere(is func(*Hook) bool) (some []*Hook) {
	for _, name := range slices.Sorted(maps.Keys(s.Hooks)) {
		if h := s.Hooks[name]; is(h) {
			some = append(some, h)
		}
	}
	return some
}
