package expect

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"sallyport/pure/access"
	"sallyport/pure/config"
)

// somewhere is an address of no network that anybody has (RFC 5737).
var somewhere = netip.MustParseAddr("192.0.2.1")

// meeting makes requests for one scope that meet every condition of a rule, as far
// as they can be met at once: one for each group of its any-of list.
func (p *proof) meeting(r *config.RuleSpec, application string, scope access.Scope, now time.Time) []access.Request {
	base := access.Request{
		Application: access.ApplicationID(application), Grant: p.grant(scope), Scopes: []access.Scope{scope},
		Address: inside(r.Networks), At: during(r.Times, now),
	}
	if base.Grant == access.ClientCredentials {
		return []access.Request{base}
	}
	base.Assurance, base.Authenticated = access.PhishingResistant, base.At
	var none []string
	choices := [][]access.Group{nil}
	if r.Groups != nil {
		none = r.Groups.None
		if len(r.Groups.Any) > 0 {
			choices = nil
		}
		for _, group := range r.Groups.Any {
			choices = append(choices, []access.Group{access.Group(group)})
		}
	}
	entitled := p.entitling(scope, none)
	var all []access.Request
	for _, groups := range choices {
		if entitled != "" && !slices.Contains(groups, entitled) {
			groups = append(groups, entitled)
		}
		one := base
		one.Subject = &access.Subject{Groups: groups, Attributes: having(r.Attributes)}
		all = append(all, one)
	}
	return all
}

// having are attributes that meet conditions, as far as their form tells.
func having(conditions []config.AttributeCond) map[access.Attribute]string {
	all := map[access.Attribute]string{}
	for _, c := range conditions {
		value := "other"
		number, err := strconv.ParseInt(c.Below, 10, 64)
		switch {
		case len(c.Is) > 0:
			value = c.Is[0]
		case c.AtLeast != "":
			value = c.AtLeast
		case c.Below != "" && err == nil:
			value = strconv.FormatInt(number-1, 10)
		case c.Below != "":
			value = "1900-01-01"
		}
		all[access.Attribute(c.Name)] = value
	}
	if len(all) == 0 {
		return nil
	}
	return all
}

// grant is the one that can carry a scope.
func (p *proof) grant(scope access.Scope) access.GrantType {
	spec, _ := p.live.Access.Scope(scope)
	if spec.Kind == access.SystemRead || spec.Kind == access.SystemWrite {
		return access.ClientCredentials
	}
	return access.AuthorizationCode
}

// entitling is a group that entitles to a scope and is none of those given; empty if
// there is no table of entitlements, or no such group.
func (p *proof) entitling(scope access.Scope, none []string) access.Group {
	var groups []string
	for group, scopes := range p.live.Entitlements {
		covers := func(s string) bool {
			return s == string(scope) || slices.Contains(p.above[scope], access.Scope(s))
		}
		if slices.ContainsFunc(scopes, covers) && !slices.Contains(none, group) {
			groups = append(groups, group)
		}
	}
	if len(groups) == 0 {
		return ""
	}
	return access.Group(slices.Min(groups))
}

// inside is an address of one of the networks; somewhere if there are none.
func inside(networks []string) netip.Addr {
	for _, text := range networks {
		if network, err := netip.ParsePrefix(text); err == nil {
			return network.Addr()
		}
	}
	return somewhere
}

// during is the first quarter of an hour, from an instant on, that is in one of the
// windows; the instant itself if there are none.
func during(windows []config.TimeWindow, from time.Time) time.Time {
	const step, week = 15 * time.Minute, 8 * 24 * time.Hour
	if len(windows) == 0 {
		return from
	}
	for at := from.Truncate(step); at.Before(from.Add(week)); at = at.Add(step) {
		if slices.ContainsFunc(windows, func(w config.TimeWindow) bool { return open(w, at) }) {
			return at
		}
	}
	return from
}

// open reports whether a window is open. It serves to find an instant alone: what
// is decided there, pure/access says.
func open(w config.TimeWindow, at time.Time) bool {
	zone, err := time.LoadLocation(w.Zone)
	if err != nil {
		return false
	}
	local := at.In(zone)
	clock := local.Format("15:04")
	on := func(t time.Time) bool {
		return len(w.Days) == 0 || slices.Contains(w.Days, strings.ToLower(t.Format("Mon")))
	}
	if w.From <= w.To {
		return on(local) && w.From <= clock && clock < w.To
	}
	return on(local) && clock >= w.From || on(local.AddDate(0, 0, -1)) && clock < w.To
}
