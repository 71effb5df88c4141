package config

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"sallyport/protocol/jose"
)

// Compile turns a tree into the snapshot of one environment. builtin are the
// variables that whoever runs it provides, such as listen.url and
// listen.gateway; environment and tenant are added. The snapshot is nil exactly
// if a problem is an error. Problems include those of [Parse], sorted by place.
//
// Nothing in the snapshot is shared with the tree but the content of files.
func Compile(t *Tree, environment string, builtin map[string]string) (*Snapshot, []Problem) {
	c := newChecker(t, environment, builtin)
	if c.begin() {
		c.fillIn()
		c.check()
	}
	problems := order(slices.Concat(t.problems, c.problems))
	if Refused(problems) {
		return nil, problems
	}
	return c.snapshot, problems
}

// Check compiles a tree for every environment and gives the problems of all,
// sorted by place, each once; one that only some environments have names them.
// What else a judge finds in the snapshot of an environment stands among them.
func Check(t *Tree, builtin map[string]string, judges ...func(*Tree, *Snapshot) []Problem) []Problem {
	environments := t.Environments()
	if len(environments) == 0 {
		_, problems := Compile(t, "", builtin)
		return problems
	}
	where := map[Problem][]string{}
	for _, environment := range environments {
		snapshot, problems := Compile(t, environment, builtin)
		for _, judge := range judges {
			if snapshot != nil {
				problems = append(problems, judge(t, snapshot)...)
			}
		}
		for _, p := range problems {
			where[p] = append(where[p], environment)
		}
	}
	var all []Problem
	for p, some := range where {
		if len(some) < len(environments) {
			p.What += " (in " + strings.Join(some, ", ") + ")"
		}
		all = append(all, p)
	}
	return order(all)
}

// checker compiles one environment.
type checker struct {
	report
	tree           *Tree
	environment    string
	builtin        map[string]string
	fill           *variables
	entries        []entry
	snapshot       *Snapshot
	groups         []string // of the tenant
	attributes     []string
	tables         []apiTable
	tagged         map[string][]string  // server/policy → tags that it names applications by
	operationNames []string             // of all APIs, once asked for
	others         map[string]addresses // of the tenant's other environments
	listening      bool                 // the environment is where the program listens
}

// entry is an object with its variables filled in.
type entry struct {
	*object
	value holder
}

func newChecker(t *Tree, environment string, builtin map[string]string) *checker {
	return &checker{tree: t, environment: environment, builtin: builtin, tagged: map[string][]string{}, snapshot: &Snapshot{
		Environment: environment, Digest: t.Digest(),
		Servers: map[string]*LiveServer{}, Applications: map[string]*Application{}, ClientKeys: map[string]jose.KeySet{},
		APIs:     map[string]*LiveAPI{},
		Products: map[string]*Product{}, Brands: map[string]*LiveBrand{}, Journeys: map[string]*Journey{},
		Migrations: map[string]*LiveMigration{}, Expectations: map[string]*LiveExpectations{},
		Documents: map[string]*Document{}, Purposes: map[string]*Purpose{},
		Hooks: map[string]*Hook{}, Senders: map[string]*LiveSender{}, Messages: map[string]*Message{}, Records: map[string]*LiveRecords{},
	}}
}

// begin finds the environment and its variables. Without them there is nothing
// to fill in, and most of what would be found would be noise.
func (c *checker) begin() bool {
	tenant := c.tree.tenant()
	if tenant == nil {
		return false
	}
	spec, found := tenant.raw.(*Tenant).Environments[c.environment]
	if !found {
		names := c.tree.Environments()
		f := finding{EnvironmentAbsent, fmt.Sprintf("the tenant has no environment %q", c.environment), suggest(c.environment, names)}
		if len(names) == 0 {
			f.what, f.fix = "the tenant has no environment", "add environments: with a name and a url"
		}
		c.fail(tenant.spot().at("environments"), f)
		return false
	}
	c.fill = c.variables(&c.report, c.environment, spec)
	return true
}

// variables are those of any environment of the tenant.
func (c *checker) variables(r *report, environment string, spec EnvironmentSpec) *variables {
	tenant := c.tree.tenant()
	builtin := map[string]string{}
	maps.Copy(builtin, c.builtin)
	builtin["environment"], builtin["tenant"] = environment, tenant.name
	return newVariables(r, tenant.spot().at("environments", environment), spec.Variables, builtin)
}

// fillIn makes the objects anew with variables in place.
func (c *checker) fillIn() {
	for _, o := range c.tree.objects {
		value := o.kind.fresh()
		b := &binder{report: &c.report, file: o.file, fill: c.fill.fill, plain: plainKeys[o.kind]}
		b.object(o.node, value)
		if meta := value.meta(); meta.Title == "" {
			meta.Title = meta.Name
		}
		c.entries = append(c.entries, entry{o, value})
	}
}

// plainKeys are those whose variables belong to another environment than the
// one that is compiled.
var plainKeys = map[Kind]string{KindTenant: "environments"}

// check visits kinds in the order in which they refer to each other.
func (c *checker) check() {
	c.tags()
	each(c, c.tenant)
	each(c, c.brand)
	each(c, c.apart)
	each(c, c.application)
	each(c, c.hook)
	each(c, c.sender)
	each(c, c.message)
	c.senderOverlaps()
	c.messageOverlaps()
	each(c, c.document)
	each(c, c.purpose)
	each(c, c.server)
	each(c, c.api)
	each(c, c.product)
	each(c, c.journey)
	each(c, c.migration)
	each(c, c.records)
	c.assignments()
	c.judges()
	c.models()
	c.claimSets()
	c.routes()
	each(c, c.expectations)
	c.defaultBrand()
	c.purposes()
}

// each visits the objects of one kind.
func each[T holder](c *checker, visit func(at spot, value T)) {
	for _, e := range c.entries {
		if value, is := e.value.(T); is {
			visit(e.spot(), value)
		}
	}
}

// names lists the objects of a kind.
func (c *checker) names(kind Kind) []string {
	var names []string
	for _, e := range c.entries {
		if e.kind == kind {
			names = append(names, e.name)
		}
	}
	return names
}

// objectAt is the spot of an object by its name.
func (c *checker) objectAt(kind Kind, name string) spot {
	for _, e := range c.entries {
		if e.kind == kind && e.name == name {
			return e.spot()
		}
	}
	return spot{}
}

// tenant checks the registries and the environment's address.
func (c *checker) tenant(at spot, tenant *Tenant) {
	if c.snapshot.Tenant != nil {
		return // a second one, told by Parse
	}
	c.snapshot.Tenant = tenant
	for i := range tenant.Groups {
		g := &tenant.Groups[i]
		c.name(at.at("groups", i), g.Name, "group")
		c.groups = append(c.groups, g.Name)
		g.Title = or(g.Title, g.Name)
	}
	for i := range tenant.Attributes {
		a := &tenant.Attributes[i]
		c.key(at.at("attributes", i), a.Name, "attribute")
		c.attributeType(at.at("attributes", i), a)
		c.attributeOf(at.at("attributes", i), a)
		if a.Of != OfAccount { // of which a customer has several
			c.attributes = append(c.attributes, a.Name)
		}
		a.Title = or(a.Title, a.Name)
	}
	c.once(at.at("groups"), c.groups, "group", "name")
	c.once(at.at("attributes"), attributeNames(tenant.Attributes), "attribute", "name")
	c.environments(at.at("environments"), tenant)
	c.governance(at, tenant)
	c.passwords(at.at("passwords"), &tenant.Passwords)
}

func or(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}
