package expect

import (
	"fmt"
	"maps"
	"slices"

	"sallyport/pure/access"
	"sallyport/pure/config"
	"sallyport/pure/reach"
)

// ground is what verdicts stand on: a proof of each server that is spoken of.
type ground struct {
	snapshot   *config.Snapshot
	reach      *reach.Map
	options    Options
	proofs     map[string]*proof
	operations map[string]*reach.Operation
}

// proof is a server's matrix, indexed.
type proof struct {
	live   *config.LiveServer
	matrix *access.Matrix
	sets   [][]access.Scope // of several scopes, in the order of each row's Sets
	rows   map[string]*access.Row
	column map[access.Scope]int
	below  map[access.Scope][]access.Scope // what a scope stands for besides itself
	above  map[access.Scope][]access.Scope
	ranks  map[access.RuleRef]Rank
	gaps   map[gap]*Missing // reasons found so far
}

// gap is what somebody cannot have.
type gap struct {
	application string
	scope       access.Scope
}

func newGround(s *config.Snapshot, o Options) *ground {
	g := &ground{snapshot: s, reach: o.Reach, options: o, proofs: map[string]*proof{}, operations: map[string]*reach.Operation{}}
	if g.reach == nil {
		g.reach = reach.Of(s)
	}
	for _, o := range g.reach.Operations() {
		g.operations[o.API+"/"+o.ID] = o
	}
	return g
}

// proven gives the proof of a server; an error says why there is none.
func (g *ground) proven(server string) (*proof, error) {
	if p, known := g.proofs[server]; known {
		if p.matrix == nil {
			return nil, fmt.Errorf("what %s issues cannot be proven: its rules tell too much apart", server)
		}
		return p, nil
	}
	live := g.snapshot.Servers[server]
	if live == nil {
		return nil, fmt.Errorf("there is no authorization server %s", server)
	}
	p := &proof{
		live: live, sets: g.reach.AndSets(server), rows: map[string]*access.Row{}, column: map[access.Scope]int{},
		below: map[access.Scope][]access.Scope{}, above: map[access.Scope][]access.Scope{}, ranks: ranks(live), gaps: map[gap]*Missing{},
	}
	g.proofs[server] = p
	matrix, err := access.Prove(live.Access, access.Options{AndSets: p.sets, From: g.options.From})
	if err != nil {
		return nil, fmt.Errorf("what %s issues cannot be proven: %w", server, err)
	}
	p.matrix = matrix
	for i := range matrix.Rows {
		p.rows[nameOf(matrix.Rows[i].Application)] = &matrix.Rows[i]
	}
	for i, scope := range matrix.Scopes {
		p.column[scope] = i
		known, _ := g.reach.Scope(server, scope)
		p.below[scope] = known.Below
		for _, below := range known.Below {
			p.above[below] = append(p.above[below], scope)
		}
	}
	return p, nil
}

func nameOf(id access.ApplicationID) string {
	if id == "" {
		return config.AnyFuture
	}
	return string(id)
}

func ranks(live *config.LiveServer) map[access.RuleRef]Rank {
	all := map[access.RuleRef]Rank{}
	for i, p := range live.Policies {
		for j, r := range p.Rules {
			ref := access.RuleRef{Policy: access.PolicyName(p.Name), Rule: access.RuleName(r.Name)}
			all[ref] = Rank{Policy: ref.Policy, Rule: ref.Rule, Ordinal: j + 1, Of: len(p.Rules), Position: i + 1, Policies: len(live.Policies)}
		}
	}
	return all
}

// rank tells where the rule of a witness stands.
func (p *proof) rank(w *access.Witness) *Rank {
	if w == nil {
		return nil
	}
	r := p.ranks[access.RuleRef{Policy: w.Policy, Rule: w.Rule}]
	return &r
}

// had gives how an application has a scope, by itself or by what stands above it; nil
// if in no way.
func (p *proof) had(application string, scope access.Scope) *access.Witness {
	row := p.rows[application]
	if row == nil {
		return nil
	}
	if cell := row.Cells[p.column[scope]]; cell.Obtainable != access.Never {
		return cell.Witness
	}
	for _, above := range p.above[scope] {
		if cell := row.Cells[p.column[above]]; cell.Obtainable != access.Never {
			return cell.Witness
		}
	}
	return nil
}

// together gives how an application has several scopes in one token.
func (p *proof) together(application string, scopes []access.Scope) *access.Witness {
	if len(scopes) == 1 {
		return p.had(application, scopes[0])
	}
	row := p.rows[application]
	at := slices.IndexFunc(p.sets, func(s []access.Scope) bool { return slices.Equal(s, scopes) })
	if row == nil || at < 0 || row.Sets[at].Obtainable == access.Never {
		return nil
	}
	return row.Sets[at].Witness
}

// exists reports whether there is such an application, served by whom ever.
func (g *ground) exists(application string) bool {
	return application == config.AnyFuture || g.snapshot.Applications[application] != nil
}

// everybody is every application, and the one to come.
func (g *ground) everybody() []string {
	return append(slices.Sorted(maps.Keys(g.snapshot.Applications)), config.AnyFuture)
}
