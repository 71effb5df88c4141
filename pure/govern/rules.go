package govern

import (
	"fmt"
	"slices"
	"strings"

	"sallyport/pure/access"
	"sallyport/pure/config"
)

// budget refuses more scopes than a server may have, and warns before.
func (j *judge) budget(s *Server) {
	at := config.At{Kind: config.KindServer, Name: s.Name, Path: []any{"scopes"}}
	switch n := len(s.Scopes); {
	case n > s.Budget:
		j.fail(at, finding{
			config.BudgetExceeded, fmt.Sprintf("the server %q has %s, and its budget is %d", s.Name, counted(n, "scope"), s.Budget),
			fmt.Sprintf("merge or remove some; or say scope_budget: %d, so that whoever reviews the change sees it", n),
		})
	case n*7 >= s.Budget*6 && s.Budget > 6:
		j.warn(at, finding{
			config.BudgetNear, fmt.Sprintf("the server %q has %s of the %d that it may have", s.Name, counted(n, "scope"), s.Budget),
			"look at those that nobody uses: sallyport scope list --unused",
		})
	}
}

// rules tells what access finds in the rules. Scopes are told of by unused.
func (j *judge) rules(s *Server) {
	for _, f := range s.Findings {
		switch f.Kind {
		case access.DeadRule, access.ShadowedRule:
			j.warn(j.ruleAt(s.Name, f.Policy, f.Rule), finding{config.RuleDead, f.Text, "remove it, or move it to where it decides"})
		case access.UnaskedPolicy:
			j.warn(j.ruleAt(s.Name, f.Policy, ""), finding{config.RuleDead, f.Text, "remove it, or move it up"})
		case access.FellThrough:
			first := access.RuleRef{}
			if len(f.By) > 0 {
				first = f.By[0]
			}
			j.warn(j.ruleAt(s.Name, first.Policy, first.Rule), finding{
				config.GrantFellThrough, f.Text, "say it in the first policy that names the application, or turn fall_through off",
			})
		case access.UngrantedScope, access.UnassignedScope, access.UnknownGroup:
		}
	}
}

// ruleAt is the place of a rule, or of its policy.
func (j *judge) ruleAt(server string, policy access.PolicyName, rule access.RuleName) config.At {
	at := config.At{Kind: config.KindServer, Name: server, Path: []any{"policies"}}
	policies := j.snapshot.Servers[server].Policies
	p := slices.IndexFunc(policies, func(p config.PolicySpec) bool { return p.Name == string(policy) })
	if p < 0 {
		return at
	}
	at.Path = append(at.Path, p)
	if r := slices.IndexFunc(policies[p].Rules, func(r config.RuleSpec) bool { return r.Name == string(rule) }); r >= 0 {
		at.Path = append(at.Path, "rules", r)
	}
	return at
}

// unused warns of scopes that nobody can use, each with every reason.
func (j *judge) unused(s *Server) {
	for i, spec := range j.snapshot.Servers[s.Name].Scopes {
		var reasons []string
		for _, reason := range s.Scope(spec.Name).Unused() {
			if reason != NoOperation { // an API can stand elsewhere; reports tell it
				reasons = append(reasons, string(reason))
			}
		}
		if len(reasons) > 0 {
			j.warn(scopeAt(s.Name, i, "name"), finding{
				config.ScopeUnused, fmt.Sprintf("the scope %q is unused: %s", spec.Name, strings.Join(reasons, ", ")), "use it, or remove it",
			})
		}
	}
}

// writes warns of operations that change something for a scope that reads.
func (j *judge) writes() {
	for _, o := range j.report.operations {
		if o.Method == "GET" || o.Method == "HEAD" || o.Method == "OPTIONS" || o.Public {
			continue
		}
		for _, set := range o.Needs {
			reads := len(set.Scopes) > 0 && !slices.ContainsFunc(set.Scopes, func(s access.Scope) bool { return verbOf(string(s)) == "write" })
			if reads {
				j.warn(config.At{Kind: config.KindAPI, Name: o.API, Path: []any{"openapi"}}, finding{
					config.WriteUnderRead, fmt.Sprintf("%s changes something, and %v is enough for it", o, set.Scopes), "ask for a scope that writes",
				})
				break
			}
		}
	}
}
