package expect

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"sallyport/pure/access"
	"sallyport/pure/config"
	"sallyport/pure/reach"
)

// Options of [Judge]. The zero value judges all.
type Options struct {
	// Lists are the names of those to judge; all if empty.
	Lists []string
	// Application asks only for what is said of one, which may be [config.AnyFuture].
	Application string
	// Reach is [reach.Of] of the same snapshot, if the caller has it already.
	Reach *reach.Map
	// From is what [access.Options.From] is.
	From time.Time
}

// ErrUnknown is wrapped where options name a list or an application that there is not.
var ErrUnknown = errors.New("expect: no such thing")

// Judge holds a snapshot to its statements, in the order of [Statements]. It is as
// exact as [access.Prove]. The error is [ErrUnknown]; what cannot be proven fails the
// statements about it instead.
func Judge(s *config.Snapshot, o Options) ([]Verdict, error) {
	for _, name := range o.Lists {
		if s.Expectations[name] == nil {
			return nil, fmt.Errorf("%w: expectations %q", ErrUnknown, name)
		}
	}
	g := newGround(s, o)
	if o.Application != "" && !g.exists(o.Application) {
		return nil, fmt.Errorf("%w: application %q", ErrUnknown, o.Application)
	}
	statements := Statements(s)
	verdicts := make([]Verdict, 0, len(statements))
	for _, one := range statements {
		if len(o.Lists) > 0 && !slices.Contains(o.Lists, one.List) || !one.concerns(o.Application) {
			continue
		}
		verdicts = append(verdicts, g.judge(one))
	}
	return verdicts, nil
}

// judge holds the snapshot to one statement.
func (g *ground) judge(s Statement) Verdict {
	j := &judge{ground: g, verdict: Verdict{Statement: s}}
	switch {
	case !j.known():
	case s.About == OfOpening:
		j.opening()
	case s.About == OfOperations:
		j.calls()
	default:
		j.scopes()
	}
	return j.verdict
}

type judge struct {
	*ground
	verdict Verdict
}

func (j *judge) fail(f Failure) { j.verdict.Failures = append(j.verdict.Failures, f) }

// known fails what the snapshot does not have.
func (j *judge) known() bool {
	s := &j.verdict.Statement
	gone := func(f Failure, format string, args ...any) {
		f.Text = fmt.Sprintf(format, args...)
		f.Fix = "correct " + s.Place + ", or take the statement out together with what it was about"
		j.fail(f)
	}
	applications := s.Applications
	if s.Application != "" {
		applications = []string{s.Application}
	}
	for _, name := range applications {
		if !j.exists(name) {
			gone(Failure{Application: name}, "there is no application %s", name)
		}
	}
	for _, name := range s.Operations {
		if j.operations[name] == nil {
			gone(Failure{Operation: name}, "there is no operation %s", name)
		}
	}
	if s.About == OfOperations {
		return j.verdict.Holds()
	}
	p, err := j.proven(s.Server)
	if err != nil {
		j.fail(Failure{Server: s.Server, Text: err.Error(), Fix: "correct " + s.Place + ", or let the server's rules tell less apart"})
		return false
	}
	scopes := s.Scopes
	if s.About == OfOpening {
		scopes = []access.Scope{s.Scope}
	}
	for _, scope := range scopes {
		if _, known := p.column[scope]; !known {
			gone(Failure{Server: s.Server, Scope: scope}, "the server %s does not know scope %s", s.Server, scope)
		}
	}
	return j.verdict.Holds()
}

// scopes judges who obtains what. The server is proven.
func (j *judge) scopes() {
	s, p := &j.verdict.Statement, j.proofs[j.verdict.Statement.Server]
	if s.Must == access.MustNobodyBut {
		for _, name := range j.everybody() {
			if slices.Contains(s.Applications, name) || j.options.Application != "" && j.options.Application != name {
				continue
			}
			for _, scope := range s.Scopes {
				j.forbidScope(p, name, scope, "")
			}
		}
		return
	}
	for _, scope := range s.Scopes {
		switch s.Must {
		case access.MustNever:
			j.forbidScope(p, s.Application, scope, "")
		case access.MustObtain, access.MustExactly:
			j.demandScope(p, s.Application, scope)
		}
	}
	if s.Must != access.MustOnly && s.Must != access.MustExactly {
		return
	}
	allowed := map[access.Scope]bool{}
	for _, scope := range s.Scopes {
		allowed[scope] = true
		for _, below := range p.below[scope] {
			allowed[below] = true
		}
	}
	for _, scope := range p.matrix.Scopes {
		if !allowed[scope] {
			j.forbidScope(p, s.Application, scope, " besides")
		}
	}
}

func (j *judge) forbidScope(p *proof, application string, scope access.Scope, besides string) {
	w := p.had(application, scope)
	if w == nil {
		return
	}
	j.fail(Failure{
		Server: p.live.Name, Application: application, Scope: scope, Witness: w, Rank: p.rank(w),
		Text: fmt.Sprintf("%s can obtain %s%s: %s; %s", application, scope, besides, w, p.rank(w)),
		Fix:  j.narrow(p, w, application, string(scope)),
	})
}

// narrow says what would keep somebody from what a witness has.
func (j *judge) narrow(p *proof, w *access.Witness, application, what string) string {
	text := fmt.Sprintf("narrow rule %s/%s", w.Policy, w.Rule)
	if application != config.AnyFuture {
		text += fmt.Sprintf(", or take %s out of assigned: %s of application %s", what, p.live.Name, application)
	}
	return text + "; if it is meant, ask " + j.verdict.Statement.Owner + " to change " + j.verdict.Statement.Place
}

func (j *judge) demandScope(p *proof, application string, scope access.Scope) {
	if p.had(application, scope) != nil {
		return
	}
	missing := p.missing(application, scope)
	j.fail(Failure{
		Server: p.live.Name, Application: application, Scope: scope, Missing: missing,
		Text: fmt.Sprintf("%s can obtain %s in no context: %s", application, scope, missing.Text),
		Fix:  strings.TrimSpace("change what stands in the way, or ask " + j.verdict.Statement.Owner + " to change " + j.verdict.Statement.Place),
	})
}
