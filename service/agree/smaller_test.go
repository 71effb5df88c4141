package agree_test

import (
	"iter"
	"slices"
)

// smallest makes a tree smaller for as long as it fails, and gives what is left with
// how that fails.
func smallest(t *tree, fails func(*tree) error) (*tree, error) {
	why := fails(t)
	for tries := 0; why != nil; {
		next, found := (*tree)(nil), false
		for one := range t.smaller() {
			if tries++; tries > 3000 {
				return t, why
			}
			if err := fails(one); err != nil {
				next, why, found = one, err, true
				break
			}
		}
		if !found {
			break
		}
		t = next
	}
	return t, why
}

// smaller gives the tree with one thing less each.
func (t *tree) smaller() iter.Seq[*tree] {
	return func(yield func(*tree) bool) {
		for n := 0; ; n++ {
			twin := t.clone()
			c := &cutting{left: n}
			c.tree(twin)
			if c.left >= 0 {
				return // there are no more
			}
			if !yield(twin) {
				return
			}
		}
	}
}

// cutting counts down to the one thing that it takes away.
type cutting struct{ left int }

func (c *cutting) now() bool {
	c.left--
	return c.left == -1
}

func less[T any](c *cutting, list []T) []T {
	for i := range list {
		if c.now() {
			return slices.Delete(list, i, i+1)
		}
	}
	return list
}

func none[T any](c *cutting, v *T, there bool) {
	if there && c.now() {
		var zero T
		*v = zero
	}
}

func (c *cutting) tree(t *tree) {
	t.Products, t.APIs, t.Applications, t.Servers = less(c, t.Products), less(c, t.APIs), less(c, t.Applications), less(c, t.Servers)
	for _, s := range t.Servers {
		c.server(s)
	}
	for _, a := range t.Applications {
		none(c, &a.Tags, a.Tags != nil)
		a.Grants = less(c, a.Grants)
		for name, list := range a.Assigned {
			a.Assigned[name] = less(c, list)
		}
	}
	for _, a := range t.APIs {
		a.Operations, a.Servers, a.Public = less(c, a.Operations), less(c, a.Servers), less(c, a.Public)
		for _, o := range a.Operations {
			o.Needs = less(c, o.Needs)
		}
	}
}

func (c *cutting) server(s *server) {
	s.Policies, s.Scopes, s.Claims = less(c, s.Policies), less(c, s.Scopes), less(c, s.Claims)
	none(c, &s.Entitlements, s.Entitlements != nil)
	none(c, &s.Lifetimes, s.Lifetimes != nil)
	none(c, &s.FallThrough, s.FallThrough)
	for _, o := range s.Scopes {
		none(c, &o.Parent, o.Parent != "")
		none(c, &o.Default, o.Default)
	}
	for _, p := range s.Policies {
		p.Rules = less(c, p.Rules)
		for _, r := range p.Rules {
			c.rule(r)
		}
	}
}

func (c *cutting) rule(r *rule) {
	r.Scopes, r.Attributes, r.Networks, r.Times = less(c, r.Scopes), less(c, r.Attributes), less(c, r.Networks), less(c, r.Times)
	none(c, &r.Grants, r.Grants != nil)
	none(c, &r.Groups, r.Groups != nil)
	none(c, &r.Assurance, r.Assurance != "")
	none(c, &r.MaxAge, r.MaxAge != "")
	none(c, &r.Lifetimes, r.Lifetimes != nil)
	none(c, &r.Rate, r.Rate != nil)
}
