package agree_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
)

// edited gives what a tree becomes by one to three random edits.
func edited(t *tree, seed uint64) *tree {
	d := &drawing{Rand: rand.New(rand.NewPCG(seed, 0xed17))}
	d.networks, d.windows, d.ages, d.claims = d.chance(6), d.chance(6), d.chance(4), true
	if d.chance(3) {
		d.attributes = one(d, [][]string{{"tariff"}, {"balance"}, {"paperless"}})
	}
	twin := t.clone()
	for range 1 + d.IntN(3) {
		for tries := 0; tries < 20 && !d.edit(twin); tries++ {
		}
	}
	return twin
}

// edit makes one edit, unless there is nothing to make it on.
func (d *drawing) edit(t *tree) bool {
	s := one(d, t.Servers)
	switch d.IntN(14) {
	case 0:
		return d.editAssignment(t, s)
	case 1:
		return d.editApplication(t)
	case 2:
		return d.editScope(s)
	case 3:
		return d.editEntitlements(s)
	case 4:
		return d.editServer(s)
	case 5:
		return d.editClaims(s)
	case 6:
		return d.editOperation(t)
	case 7:
		return d.editProduct(t)
	case 8:
		return d.editPolicies(t, s)
	}
	if len(s.Policies) == 0 {
		return false
	}
	p := one(d, s.Policies)
	if d.chance(4) {
		return d.editRules(s, p)
	}
	if len(p.Rules) == 0 {
		return false
	}
	return d.editRule(s, one(d, p.Rules))
}

// toggle puts an entry into a list, or takes it out.
func toggle(list []string, entry string) []string {
	if i := slices.Index(list, entry); i >= 0 {
		return slices.Delete(slices.Clone(list), i, i+1)
	}
	return append(slices.Clone(list), entry)
}

func (d *drawing) editAssignment(t *tree, s *server) bool {
	a := one(d, t.Applications)
	if a.Assigned[s.Name] == nil || len(s.Scopes) == 0 {
		return false
	}
	a.Assigned[s.Name] = toggle(a.Assigned[s.Name], one(d, s.Scopes).Name)
	return true
}

func (d *drawing) editApplication(t *tree) bool {
	a := one(d, t.Applications)
	switch {
	case d.chance(3) && len(t.Applications) < 4:
		t.Applications = append(t.Applications, d.application(t, "four", false))
		return !slices.Contains(t.names()[:len(t.names())-1], "four")
	case d.chance(2):
		if a.Tags = map[string]string{"tier": one(d, []string{"partner", "own"})}; d.chance(3) {
			a.Tags = nil
		}
	case a.Type == "web" && slices.Contains(a.Grants, "authorization_code"):
		a.Grants = toggle(a.Grants, one(d, []string{"refresh_token", "client_credentials"}))
	default:
		return false
	}
	return true
}

func (d *drawing) editScope(s *server) bool {
	if len(s.Scopes) == 0 {
		return false
	}
	o := one(d, s.Scopes)
	switch {
	case d.chance(2):
		o.Default = !o.Default
	case o.Parent != "":
		o.Parent = ""
	default:
		other := one(d, s.Scopes)
		fits := other != o && other.Kind[0] == o.Kind[0] && (o.Kind[len(o.Kind)-4:] == "read" || other.Kind[len(other.Kind)-5:] == "write")
		if !fits || slices.Contains(s.up(other.Name), o.Name) {
			return false
		}
		o.Parent = other.Name
	}
	return true
}

func (d *drawing) editEntitlements(s *server) bool {
	customers := slices.DeleteFunc(s.names(), func(name string) bool { return s.scope(name).Kind[0] != 'c' })
	switch {
	case len(customers) == 0:
		return false
	case s.Entitlements == nil:
		s.Entitlements = map[string][]string{one(d, allGroups): some(d, customers, 0)}
	case d.chance(5):
		s.Entitlements = nil
	default:
		g := one(d, allGroups)
		if s.Entitlements[g] = toggle(s.Entitlements[g], one(d, customers)); len(s.Entitlements[g]) == 0 {
			delete(s.Entitlements, g)
		}
	}
	return true
}

func (d *drawing) editServer(s *server) bool {
	switch d.IntN(3) {
	case 0:
		s.Excess = one(d, []string{"refuse", "narrow"})
	case 1:
		s.FallThrough = !s.FallThrough
	default:
		s.Lifetimes = &lifetimes{Access: one(d, []string{"10m", "1h"}), Refresh: one(d, []string{"10d", "60d"}), Idle: one(d, []string{"", "2d"})}
	}
	return true
}

func (d *drawing) editClaims(s *server) bool {
	if len(s.Claims) > 0 && d.chance(2) {
		c := one(d, s.Claims)
		switch d.IntN(3) {
		case 0:
			c.In = some(d, []string{"access", "id", "userinfo"}, 1)
		case 1:
			c.Scopes = some(d, append(s.names(), "profile"), 1)
		default:
			i := slices.Index(s.Claims, c)
			s.Claims = slices.Delete(slices.Clone(s.Claims), i, i+1)
		}
		return true
	}
	s.Claims = d.claimsOf(s)
	return true
}

func (d *drawing) editOperation(t *tree) bool {
	if len(t.APIs) == 0 {
		return false
	}
	a := one(d, t.APIs)
	if d.chance(4) {
		o := &operation{Name: fmt.Sprint("op", len(a.Operations)+7), Needs: [][]string{d.need(t, a)}}
		if slices.ContainsFunc(a.Operations, func(known *operation) bool { return known.Name == o.Name }) {
			return false
		}
		a.Operations = append(a.Operations, o)
		return true
	}
	o := one(d, a.Operations)
	switch {
	case slices.Contains(a.Public, o.Name):
		a.Public, o.Needs = toggle(a.Public, o.Name), [][]string{d.need(t, a)}
	case d.chance(4):
		a.Public, o.Needs = toggle(a.Public, o.Name), nil
	case len(o.Needs) > 1 && d.chance(2):
		o.Needs = o.Needs[:1]
	default:
		o.Needs = append(slices.Clone(o.Needs), d.need(t, a))
	}
	return true
}

func (d *drawing) editProduct(t *tree) bool {
	if len(t.Products) == 0 {
		return false
	}
	p := one(d, t.Products)
	if d.chance(2) {
		p.Applications = d.names(t)
		return true
	}
	apis := toggle(p.APIs, one(d, t.APIs).Name)
	if len(apis) == 0 {
		return false
	}
	p.APIs = apis
	return true
}

func (d *drawing) editPolicies(t *tree, s *server) bool {
	if len(s.Policies) == 0 {
		return false
	}
	i := d.IntN(len(s.Policies))
	switch {
	case d.chance(3):
		if s.Policies[i].Applications = []string{"*"}; d.chance(2) {
			s.Policies[i].Applications = []string{"tag:tier=partner"}
		}
	case d.chance(3):
		s.Policies = slices.Delete(slices.Clone(s.Policies), i, i+1)
	case len(s.Policies) > 1:
		s.Policies = slices.Clone(s.Policies)
		slices.Reverse(s.Policies)
	default:
		return false
	}
	return true
}

func (d *drawing) editRules(s *server, p *policy) bool {
	switch {
	case len(p.Rules) > 1 && d.chance(3):
		i := d.IntN(len(p.Rules) - 1)
		p.Rules[i], p.Rules[i+1] = p.Rules[i+1], p.Rules[i]
	case len(p.Rules) > 0 && d.chance(2):
		i := d.IntN(len(p.Rules))
		p.Rules = slices.Delete(slices.Clone(p.Rules), i, i+1)
	default:
		added := d.rule(s, fmt.Sprint("added", len(p.Rules)))
		if slices.ContainsFunc(p.Rules, func(r *rule) bool { return r.Name == added.Name }) {
			return false
		}
		p.Rules = slices.Insert(slices.Clone(p.Rules), d.IntN(len(p.Rules)+1), added)
	}
	return true
}

func (d *drawing) editRule(s *server, r *rule) bool {
	allows := r.Effect != "deny"
	switch d.IntN(9) {
	case 0, 1:
		if len(s.Scopes) == 0 || slices.Contains(r.Scopes, "*") || len(r.Scopes) == 1 && !allows {
			return false
		}
		r.Scopes = toggle(r.Scopes, one(d, s.Scopes).Name)
	case 2:
		if r.Groups != nil && d.chance(2) {
			r.Groups = nil
			break
		}
		r.Groups = &groups{Any: []string{one(d, allGroups)}}
		if d.chance(2) {
			r.Groups = &groups{None: []string{one(d, allGroups)}}
		}
	case 3:
		fresh := d.rule(s, r.Name)
		r.Attributes, r.Networks, r.Times = fresh.Attributes, fresh.Networks, fresh.Times
	case 4:
		if r.Grants = nil; d.chance(2) {
			r.Grants = []string{one(d, []string{"authorization_code", "client_credentials"})}
		}
	case 5:
		r.Effect, r.Assurance, r.MaxAge, r.Lifetimes, r.Rate = "deny", "", "", nil, nil
		if len(r.Scopes) == 0 {
			r.Scopes = []string{"*"}
		}
	default:
		if !allows {
			return false
		}
		r.Assurance, r.MaxAge, r.Lifetimes, r.Rate = pickOf(d, r.Assurance, ""), pickOf(d, r.MaxAge, ""), pickOf(d, r.Lifetimes, nil), pickOf(d, r.Rate, nil)
		d.gives(r)
	}
	return true
}

// pickOf is one of two.
func pickOf[T any](d *drawing, a, b T) T {
	if d.chance(2) {
		return a
	}
	return b
}
