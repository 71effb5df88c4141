package agree_test

import (
	"fmt"
	"reflect"
	"slices"
)

// smallest makes trees smaller for as long as they fail together, taking the same
// thing from each, and gives what is left with how that fails.
func smallest(trees []*tree, fails func([]*tree) error) ([]*tree, error) {
	why := fails(trees)
	for found, tries := true, 0; why != nil && found; {
		found = false
		for _, part := range parts(trees) {
			if tries++; tries > 3000 {
				return trees, why
			}
			less := make([]*tree, len(trees))
			for i, t := range trees {
				less[i] = t.clone()
				(&cutting{target: part}).tree(less[i])
			}
			if err := fails(less); err != nil {
				trees, why, found = less, err, true
				break
			}
		}
	}
	return trees, why
}

// parts names everything that can be taken from one of some trees.
func parts(trees []*tree) []string {
	c := &cutting{}
	for _, t := range trees {
		c.tree(t.clone())
	}
	slices.Sort(c.parts)
	return slices.Compact(c.parts)
}

// cutting takes one part from a tree; without a target it lists them.
type cutting struct {
	target string
	parts  []string
}

func (c *cutting) now(part string) bool {
	if c.target == "" {
		c.parts = append(c.parts, part)
	}
	return c.target == part
}

// less takes the entry of a list that is the target, by its name.
func less[T any](c *cutting, at string, list []T) []T {
	for i, entry := range list {
		name := fmt.Sprint(entry)
		if v := reflect.Indirect(reflect.ValueOf(entry)); v.Kind() == reflect.Struct {
			name = fmt.Sprint(v.Interface())
			if field := v.FieldByName("Name"); field.IsValid() {
				name = field.String()
			}
		}
		if c.now(at + "/" + name) {
			return slices.Delete(list, i, i+1)
		}
	}
	return list
}

func none[T any](c *cutting, at string, v *T) {
	if !reflect.ValueOf(*v).IsZero() && c.now(at) {
		var zero T
		*v = zero
	}
}

func (c *cutting) tree(t *tree) {
	t.Servers, t.Applications = less(c, "1server", t.Servers), less(c, "2application", t.Applications)
	t.APIs, t.Products = less(c, "3api", t.APIs), less(c, "4product", t.Products)
	for _, s := range t.Servers {
		c.server("5"+s.Name, s)
	}
	for _, a := range t.Applications {
		at := "6" + a.Name
		none(c, at+"/tags", &a.Tags)
		a.Grants = less(c, at+"/grants", a.Grants)
		for name, list := range a.Assigned {
			a.Assigned[name] = less(c, at+"/assigned/"+name, list)
		}
	}
	for _, a := range t.APIs {
		at := "7" + a.Name
		a.Operations, a.Servers, a.Public = less(c, at, a.Operations), less(c, at+"/servers", a.Servers), less(c, at+"/public", a.Public)
		for _, o := range a.Operations {
			o.Needs = less(c, at+"/"+o.Name, o.Needs)
		}
	}
}

func (c *cutting) server(at string, s *server) {
	s.Policies, s.Scopes, s.Claims = less(c, at+"/1policy", s.Policies), less(c, at+"/2scope", s.Scopes), less(c, at+"/3claim", s.Claims)
	none(c, at+"/4entitlements", &s.Entitlements)
	none(c, at+"/4lifetimes", &s.Lifetimes)
	none(c, at+"/4fall through", &s.FallThrough)
	for _, o := range s.Scopes {
		none(c, at+"/5"+o.Name+"/parent", &o.Parent)
		none(c, at+"/5"+o.Name+"/default", &o.Default)
	}
	for _, p := range s.Policies {
		p.Rules = less(c, at+"/6"+p.Name, p.Rules)
		for _, r := range p.Rules {
			c.rule(at+"/7"+p.Name+"/"+r.Name, r)
		}
	}
}

func (c *cutting) rule(at string, r *rule) {
	r.Scopes, r.Attributes = less(c, at+"/scopes", r.Scopes), less(c, at+"/attributes", r.Attributes)
	r.Networks, r.Times = less(c, at+"/networks", r.Networks), less(c, at+"/times", r.Times)
	none(c, at+"/grants", &r.Grants)
	none(c, at+"/groups", &r.Groups)
	none(c, at+"/assurance", &r.Assurance)
	none(c, at+"/age", &r.MaxAge)
	none(c, at+"/lifetimes", &r.Lifetimes)
	none(c, at+"/rate", &r.Rate)
}
