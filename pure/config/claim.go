package config

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"sallyport/pure/access"
	"sallyport/pure/claim"
)

// GroupFilter keeps some of a customer's groups. Text is the short form, "*" or a
// prefix; otherwise exactly one of the others is set.
type GroupFilter struct {
	Text       string `yaml:"-"`
	StartsWith string `yaml:"starts_with"`
	Equals     string `yaml:"equals"`
	Contains   string `yaml:"contains"`
}

var filterType = reflect.TypeFor[GroupFilter]()

// filterText names the field of the short form.
const filterText = "Text"

// IsZero tells whether there is no filter.
func (f GroupFilter) IsZero() bool { return f == GroupFilter{} }

// String is the filter in short: "*", a prefix and a star, or its key and text.
func (f GroupFilter) String() string {
	switch {
	case f.Text == "*" || f.Text == "":
		return f.Text + f.long()
	case strings.HasSuffix(f.Text, "*"):
		return f.Text
	}
	return f.Text + "*"
}

func (f GroupFilter) long() string {
	for _, one := range [...]struct{ key, text string }{{"starts_with", f.StartsWith}, {"equals", f.Equals}, {"contains", f.Contains}} {
		if one.text != "" {
			return one.key + " " + one.text
		}
	}
	return ""
}

// claims is the filter as it is computed. A star at the end of a prefix means
// nothing.
func (f GroupFilter) claims() claim.Filter {
	if f.Text == "*" {
		return claim.Filter{All: true}
	}
	if f.Text != "" {
		return claim.Filter{StartsWith: strings.TrimSuffix(f.Text, "*")}
	}
	return claim.Filter{StartsWith: f.StartsWith, Equals: f.Equals, Contains: f.Contains}
}

// claim checks what a claim says of itself and what it names. Whether it can be
// computed is known later, once the families of scopes are.
func (c *checker) claim(at spot, spec *ClaimSpec, scopes []string) {
	if !at.has("name") {
		c.fail(at, finding{FieldRequired, "this claim has no name", "add name:"})
	} else if reason := checkClaim(spec.Name); reason != "" {
		c.fail(at.at("name"), finding{ClaimInvalid, fmt.Sprintf("the claim %.80q %s", spec.Name, reason), "choose another name"})
	}
	by := fmt.Sprintf("the claim %q", spec.Name)
	if n := sourcesOf(spec); n != 1 {
		c.fail(at, finding{ClaimInvalid, fmt.Sprintf("%s has %d sources", by, n), "set exactly one of attribute, groups, accounts, value, expression and hook"})
	}
	if spec.Attribute != "" {
		c.known(at.at("attribute"), by, "attribute", spec.Attribute, c.attributes)
	}
	c.filter(at.at("groups"), by, spec.Groups)
	c.accountRule(at.at("accounts"), by, spec.Accounts)
	if at.has("most") && (spec.Most < 1 || spec.Most > claim.MaxMost) {
		c.fail(at.at("most"), finding{OutOfBounds, fmt.Sprintf("%s may take %d bytes", by, spec.Most), fmt.Sprintf("choose between 1 and %d", claim.MaxMost)})
	}
	if len(spec.In) == 0 {
		c.fail(at.at("in"), finding{FieldRequired, by + " is in no token", "add in: with access, id or userinfo"})
	}
	for i, where := range spec.In {
		c.oneOf(at.at("in", i), "place for a claim", where, "access", "id", "userinfo")
	}
	c.references(at.at("scopes"), by, "scope", spec.Scopes, scopes)
}

func sourcesOf(spec *ClaimSpec) (n int) {
	for _, is := range []bool{spec.Attribute != "", !spec.Groups.IsZero(), !spec.Accounts.claims().IsZero(), spec.Value != "", spec.Expression != "", spec.Hook != ""} {
		if is {
			n++
		}
	}
	return n
}

// filter checks that a filter has one condition, and that some group meets it.
func (c *checker) filter(at spot, by string, f GroupFilter) {
	if f.IsZero() {
		return
	}
	set := 0
	for _, text := range []string{f.StartsWith, f.Equals, f.Contains} {
		if text != "" {
			set++
		}
	}
	kept := f.claims()
	switch {
	case set > 1:
		c.fail(at, finding{ClaimInvalid, fmt.Sprintf("the filter of %s has %d conditions", by, set), "keep one of starts_with, equals and contains"})
	case slices.ContainsFunc(c.groups, kept.Keeps) || c.tree.lost || c.full:
	case kept.StartsWith != "":
		c.fail(at.at("starts_with"), finding{ReferenceMissing, fmt.Sprintf("no group begins with %q", kept.StartsWith), suggest(kept.StartsWith, c.groups)})
	case kept.Equals != "":
		c.known(at.at("equals"), by, "group", kept.Equals, c.groups)
	case kept.Contains != "":
		c.fail(at.at("contains"), finding{ReferenceMissing, fmt.Sprintf("no group contains %q", kept.Contains), suggest(kept.Contains, c.groups)})
	}
}

func checkClaim(name string) string {
	switch {
	case claim.Reserved(name):
		return "is set by the server itself"
	case name == "" || len(name) > 128:
		return "has not between 1 and 128 characters"
	case strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r > '~' || r == '"' || r == '\\' }):
		return "has characters other than printable ASCII"
	}
	return ""
}

// claimSets compiles the claims of every server. What package claim says about a
// place that was told already is left out.
func (c *checker) claimSets() {
	compiler := claim.NewCompiler(c.attributeTypes())
	each(c, func(at spot, s *Server) {
		live := c.snapshot.Servers[s.Name]
		if live.Server != s {
			return
		}
		specs := make([]claim.Spec, len(s.Claims))
		for i := range s.Claims {
			specs[i] = s.Claims[i].claims()
		}
		families := claim.Server{}
		if live.Access != nil { // it was refused otherwise
			families.Ancestors = live.Access.Ancestors
		}
		set, problems := compiler.Compile(specs, families)
		live.Told, live.Asks = set, asked(s, families)
		told := c.told()
		for _, p := range problems {
			place := at.at("claims", p.Claim)
			if p.Key != "" {
				place = place.at(p.Key)
			}
			if p.Unknown != "" && (c.tree.lost || c.full) || told.covers(place) {
				continue
			}
			c.fail(place, claimFinding(s.Claims[p.Claim].Name, p))
		}
	})
}

func claimFinding(name string, p claim.Problem) finding {
	f := finding{ClaimInvalid, fmt.Sprintf("the claim %q: %s", name, p.What), p.Fix}
	if p.Unknown == "" {
		return f
	}
	if f.code = ReferenceMissing; p.Key == "type" {
		f.code = ValueUnknown
	}
	f.fix = or(suggest(p.Unknown, p.Known), p.Fix)
	return f
}

func (spec *ClaimSpec) claims() claim.Spec {
	return claim.Spec{
		Name: spec.Name, Attribute: spec.Attribute, Groups: spec.Groups.claims(), Accounts: spec.Accounts.claims(), Value: spec.Value, Expression: spec.Expression,
		Hook: spec.Hook, Type: claim.Type(spec.Type), Most: spec.Most, In: named[claim.Place](spec.In), Scopes: named[access.Scope](spec.Scopes),
	}
}

// ClaimsWith names the configured claims that an access token with a scope may say,
// in order: those that always stand in it, and those that come with the scope.
func (s *LiveServer) ClaimsWith(scope access.Scope) []string {
	var names []string
	for i := range s.Told.Len() {
		if c := s.Told.At(i); c.In(claim.Access, []access.Scope{scope}) {
			names = append(names, c.Name())
		}
	}
	return names
}
