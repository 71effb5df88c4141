package expect

import (
	"fmt"
	"slices"
	"strings"

	"sallyport/pure/access"
	"sallyport/pure/reach"
)

// calls judges who can get a token that opens an operation.
func (j *judge) calls() {
	s := &j.verdict.Statement
	if s.Must == access.MustNobodyBut {
		for _, name := range j.everybody() {
			if slices.Contains(s.Applications, name) || j.options.Application != "" && j.options.Application != name {
				continue
			}
			for _, operation := range s.Operations {
				j.forbidCall(name, operation, "")
			}
		}
		return
	}
	for _, operation := range s.Operations {
		switch s.Must {
		case access.MustNever:
			j.forbidCall(s.Application, operation, "")
		case access.MustObtain, access.MustExactly:
			j.demandCall(s.Application, operation)
		}
	}
	if s.Must != access.MustOnly && s.Must != access.MustExactly {
		return
	}
	for _, o := range j.reach.Operations() {
		// What needs no token is nobody's in particular; a list of what one
		// application reaches need not repeat it.
		if name := o.API + "/" + o.ID; !o.Public && !slices.Contains(s.Operations, name) {
			j.forbidCall(s.Application, name, " besides")
		}
	}
}

// opened gives how an application gets a token for an operation. The error says which
// server cannot be proven.
func (g *ground) opened(application string, o *reach.Operation) (*proof, *access.Witness, error) {
	for _, set := range o.Needs {
		p, err := g.proven(set.Server)
		if err != nil {
			return nil, nil, err
		}
		if w := p.together(application, set.Scopes); w != nil {
			return p, w, nil
		}
	}
	return nil, nil, nil
}

func (j *judge) forbidCall(application, operation, besides string) {
	o := j.operations[operation]
	f := Failure{Application: application, Operation: operation}
	if o.Public {
		f.Text = fmt.Sprintf("%s (%s) needs no token, so %s can call it", operation, o, application)
		f.Fix = "take it out of public: of the API, and let the document ask for a scope"
		j.fail(f)
		return
	}
	p, w, err := j.opened(application, o)
	switch {
	case err != nil:
		f.Text = err.Error()
	case w == nil:
		return
	default:
		f.Server, f.Witness, f.Rank = p.live.Name, w, p.rank(w)
		if len(w.Scopes) == 1 {
			f.Scope = w.Scopes[0]
		}
		f.Text = fmt.Sprintf("%s can call %s (%s)%s with %s: %s; %s", application, operation, o, besides, names(w.Scopes), w, f.Rank)
		f.Fix = j.narrow(p, w, application, names(w.Scopes))
	}
	j.fail(f)
}

func (j *judge) demandCall(application, operation string) {
	o := j.operations[operation]
	if o.Public {
		return
	}
	_, w, err := j.opened(application, o)
	if w != nil {
		return
	}
	f := Failure{Application: application, Operation: operation, Fix: "change what stands in the way, or ask " + j.verdict.Statement.Owner + " to change " + j.verdict.Statement.Place}
	var ways []string
	for _, set := range o.Needs {
		if err != nil {
			break
		}
		p := j.proofs[set.Server]
		f.Server = set.Server
		for _, scope := range set.Scopes {
			if p.had(application, scope) == nil {
				f.Scope, f.Missing = scope, p.missing(application, scope)
				ways = append(ways, fmt.Sprintf("%s: %s", scope, f.Missing.Text))
			}
		}
	}
	switch {
	case err != nil:
		f.Text = err.Error()
	case len(o.Needs) == 0:
		f.Text = fmt.Sprintf("nobody can call %s (%s): no scope of a server opens it", operation, o)
	case len(ways) == 0:
		f.Text = fmt.Sprintf("%s can call %s (%s) in no context: its scopes cannot be had in one token", application, operation, o)
	default:
		f.Text = fmt.Sprintf("%s can call %s (%s) in no context: %s", application, operation, o, strings.Join(ways, "; "))
	}
	j.fail(f)
}

// opening judges what a scope opens, alone or together with others.
func (j *judge) opening() {
	s := &j.verdict.Statement
	scope, _ := j.reach.Scope(s.Server, s.Scope)
	opens := map[string]bool{}
	for _, o := range slices.Concat(scope.Opens, scope.Helps) {
		name := o.API + "/" + o.ID
		opens[name] = true
		if slices.Contains(s.Operations, name) {
			continue
		}
		how := ""
		if slices.Contains(scope.Helps, o) {
			how = ", together with others,"
		}
		j.fail(Failure{
			Server: s.Server, Scope: s.Scope, Operation: name, Text: fmt.Sprintf("scope %s%s opens %s (%s) besides", s.Scope, how, name, o),
			Fix: "let the operation need another scope; if it is meant, ask " + s.Owner + " to change " + s.Place,
		})
	}
	for _, name := range s.Operations {
		if !opens[name] {
			j.fail(Failure{
				Server: s.Server, Scope: s.Scope, Operation: name, Text: fmt.Sprintf("scope %s does not open %s (%s)", s.Scope, name, j.operations[name]),
				Fix: "let the operation need the scope, or ask " + s.Owner + " to change " + s.Place,
			})
		}
	}
}
