package agree_test

import (
	"cmp"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"sallyport/pure/access"
)

// This file is a second reading of what configuration means: a plain one, straight
// from the keys, that shares no code with what it is to check.

// verdict is what a request comes to.
type verdict struct {
	Granted              []string // by name; nil: refused
	Code                 access.ErrorCode
	Access, Refresh, Own time.Duration
	Rate                 string // as a token carries it
}

func (v verdict) allowed() bool { return v.Granted != nil }

// decide answers a request of a server.
func (t *tree) decide(s *server, r access.Request) verdict {
	refuse := func(code access.ErrorCode) verdict { return verdict{Code: code} }
	app := t.application(string(r.Application))
	if app == nil || app.Assigned[s.Name] == nil {
		return refuse(access.UnauthorizedClient)
	}
	if !slices.Contains(app.Grants, string(r.Grant)) || r.Original != nil && !slices.Contains(app.Grants, "refresh_token") {
		return refuse(access.UnauthorizedClient)
	}
	machine := r.Subject == nil
	asked, byName := texts(r.Scopes), true
	if r.Original != nil {
		for _, name := range asked {
			if !slices.Contains(r.Original, access.Scope(name)) {
				return refuse(access.InvalidScope)
			}
		}
		if len(asked) == 0 {
			asked = texts(r.Original)
		}
	}
	var own []string // OpenID Connect's
	if len(asked) == 0 {
		byName = false
		for _, o := range s.Scopes {
			if o.Default {
				asked = append(asked, o.Name)
			}
		}
	}
	var wanted []string
	for _, name := range asked {
		switch {
		case s.scope(name) != nil:
			wanted = append(wanted, name)
		case !access.IsOIDC(access.Scope(name)) || machine:
			return refuse(access.InvalidScope)
		default:
			own = append(own, name)
		}
	}
	below := slices.DeleteFunc(slices.Clone(wanted), func(name string) bool { return !t.within(s, app, r, name) })
	if byName && len(below) < len(wanted) && s.Excess != "narrow" {
		return refuse(access.InvalidScope)
	}
	if len(below) == 0 && len(own) == 0 {
		return refuse(access.InvalidScope)
	}
	for _, rule := range s.rulesFor(app) {
		if !rule.holds(r) {
			continue
		}
		covered := slices.DeleteFunc(slices.Clone(below), func(name string) bool { return !s.lists(rule, name) })
		switch {
		case rule.Effect == "deny":
			if len(covered) > 0 || rule.Scopes[0] == "*" {
				return refuse(access.AccessDenied)
			}
		case byName && len(covered) == len(below) || !byName && len(covered) > 0:
			v := verdict{Granted: append(own, covered...)}
			slices.Sort(v.Granted)
			v.Granted = slices.Compact(v.Granted)
			s.gives(rule, &v)
			return v
		}
	}
	return refuse(access.AccessDenied)
}

// within tells whether a scope is below the ceilings of a request.
func (t *tree) within(s *server, app *application, r access.Request, name string) bool {
	if strings.HasPrefix(s.scope(name).Kind, "system-") != (r.Subject == nil) || !s.covers(app.Assigned[s.Name], name) {
		return false
	}
	if r.Subject == nil || s.Entitlements == nil {
		return true
	}
	return slices.ContainsFunc(r.Subject.Groups, func(g access.Group) bool { return s.covers(s.Entitlements[string(g)], name) })
}

// up are a scope and those above it.
func (s *server) up(name string) []string {
	var all []string
	for at := s.scope(name); at != nil; at = s.scope(at.Parent) {
		all = append(all, at.Name)
	}
	return all
}

// covers tells whether a list names a scope or one above it.
func (s *server) covers(list []string, name string) bool {
	return slices.ContainsFunc(s.up(name), func(above string) bool { return slices.Contains(list, above) })
}

// lists tells whether a rule's list is about a scope: that of a denial is also about
// the scopes above those it names.
func (s *server) lists(r *rule, name string) bool {
	if slices.Contains(r.Scopes, "*") || s.covers(r.Scopes, name) {
		return true
	}
	return r.Effect == "deny" && slices.ContainsFunc(r.Scopes, func(listed string) bool { return slices.Contains(s.up(listed), name) })
}

// rulesFor are the rules that are asked for an application, in order.
func (s *server) rulesFor(app *application) (all []*rule) {
	for _, p := range s.Policies {
		if !named(p.Applications, app) {
			continue
		}
		all = append(all, p.Rules...)
		if !s.FallThrough {
			break
		}
	}
	return all
}

func named(list []string, app *application) bool {
	return slices.ContainsFunc(list, func(name string) bool {
		tag, tagged := strings.CutPrefix(name, "tag:")
		if !tagged {
			return name == "*" || name == app.Name
		}
		key, value, valued := strings.Cut(tag, "=")
		worn, wears := app.Tags[key]
		return wears && (!valued || worn == value)
	})
}

// holds tells whether a rule's conditions hold, scopes apart.
func (r *rule) holds(q access.Request) bool {
	deny, machine := r.Effect == "deny", q.Subject == nil
	if len(r.Grants) > 0 && !slices.Contains(r.Grants, string(q.Grant)) {
		return false
	}
	in := func(g string) bool { return !machine && slices.Contains(q.Subject.Groups, access.Group(g)) }
	if r.Groups != nil && (r.Groups.Any != nil && !slices.ContainsFunc(r.Groups.Any, in) || slices.ContainsFunc(r.Groups.None, in)) {
		return false
	}
	for _, c := range r.Attributes {
		if machine || !c.holds(q.Subject.Attributes[access.Attribute(c.Name)], deny) {
			return false
		}
	}
	if len(r.Networks) > 0 && !slices.ContainsFunc(r.Networks, func(n string) bool {
		return !q.Address.IsValid() && deny || netip.MustParsePrefix(n).Contains(q.Address)
	}) {
		return false
	}
	if len(r.Times) > 0 && !slices.ContainsFunc(r.Times, func(w *window) bool { return q.At.IsZero() && deny || !q.At.IsZero() && w.open(q.At) }) {
		return false
	}
	if machine {
		return r.Assurance == "" && r.MaxAge == ""
	}
	if int(q.Assurance) < 1+slices.Index(assurances, r.Assurance) {
		return false
	}
	return r.MaxAge == "" || !q.At.IsZero() && !q.Authenticated.IsZero() && q.At.Sub(q.Authenticated) <= length(r.MaxAge)
}

func (c *condition) holds(value string, deny bool) bool {
	var known bool
	order := func(v string) int { n, _ := strconv.Atoi(v); return n }
	switch c.Name {
	case "tariff":
		known = value != ""
	case "paperless":
		known = value == "true" || value == "false"
	case "balance":
		_, err := strconv.Atoi(value)
		known = err == nil
	case "since":
		_, err := time.Parse(time.DateOnly, value)
		known = err == nil
		order = func(v string) int { day, _ := time.Parse(time.DateOnly, v); return int(day.Unix()) }
	}
	if !known {
		return deny
	}
	return (c.Is == nil || slices.Contains(c.Is, value)) && !slices.Contains(c.Not, value) &&
		(c.AtLeast == "" || order(value) >= order(c.AtLeast)) && (c.Below == "" || order(value) < order(c.Below))
}

// zones are those that were loaded.
var zones sync.Map

func zone(name string) *time.Location {
	known, found := zones.Load(name)
	if !found {
		loaded, err := time.LoadLocation(name)
		if err != nil {
			panic(err)
		}
		known, _ = zones.LoadOrStore(name, loaded)
	}
	return known.(*time.Location)
}

// open tells whether a wall clock's reading is in the window.
func (w *window) open(at time.Time) bool {
	at = at.In(zone(w.Zone))
	clock, day := at.Format("15:04"), strings.ToLower(at.Format("Mon"))
	today := func(day string) bool { return w.Days == nil || slices.Contains(w.Days, day) }
	if w.From < w.To {
		return today(day) && w.From <= clock && clock < w.To
	}
	return today(day) && w.From <= clock || today(strings.ToLower(at.AddDate(0, 0, -1).Format("Mon"))) && clock < w.To
}

// gives fills in what a rule gives.
func (s *server) gives(r *rule, v *verdict) {
	var mine, servers lifetimes
	if r.Lifetimes != nil {
		mine = *r.Lifetimes
	}
	if s.Lifetimes != nil {
		servers = *s.Lifetimes
	}
	v.Access = length(cmp.Or(mine.Access, servers.Access, "15m"))
	v.Refresh = length(cmp.Or(mine.Refresh, servers.Refresh, "30d"))
	v.Own = length(cmp.Or(mine.Idle, servers.Idle, "7d"))
	if r.Rate != nil {
		v.Rate = strings.Join([]string{
			strconv.Itoa(r.Rate.Calls), strconv.Itoa(int(length(r.Rate.Per) / time.Second)), strconv.Itoa(cmp.Or(r.Rate.Burst, r.Rate.Calls)),
		}, "/")
	}
}

// length reads a length of time.
func length(text string) time.Duration {
	if days, found := strings.CutSuffix(text, "d"); found {
		n, _ := strconv.Atoi(days)
		return time.Duration(n) * 24 * time.Hour
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		panic(err)
	}
	return d
}

// opens tells whether a token of a server opens an operation to an application that
// calls with a key of a product.
func (t *tree) opens(a *api, o *operation, p *product, app *application, s *server, granted []string) bool {
	if !slices.Contains(p.APIs, a.Name) || !named(p.Applications, app) {
		return false
	}
	if slices.Contains(a.Public, o.Name) {
		return true
	}
	return slices.Contains(a.Servers, s.Name) && t.satisfies(o, s, granted)
}

func (t *tree) satisfies(o *operation, s *server, granted []string) bool {
	return slices.ContainsFunc(o.Needs, func(set []string) bool {
		return !slices.ContainsFunc(set, func(name string) bool { return s.scope(name) == nil || !s.covers(granted, name) })
	})
}

func texts[T ~string](names []T) []string {
	var all []string
	for _, n := range names {
		all = append(all, string(n))
	}
	return all
}
