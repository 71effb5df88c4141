package access

import (
	"fmt"
	"slices"
)

// Decide answers a request. It never fails: what cannot be granted is refused,
// with the check that refused it. Safe for concurrent use.
func Decide(m *Model, r Request) Decision { return decide(m, r, nil) }

// inquiry is a request on its way through the checks.
type inquiry struct {
	model   *Model
	request Request
	app     *application
	context context
	oidc    [len(oidcScopes)]bool // asked of OIDC's own
	column  column
	refused []RefusedScope
	needed  signIn
	trace   *Trace // nil unless somebody wants to know
}

func decide(m *Model, r Request, trace *Trace) Decision {
	return (&inquiry{model: m, request: r, app: m.applications[r.Application], trace: trace}).decide()
}

// decide runs the checks in order; the first to refuse ends it.
func (q *inquiry) decide() Decision {
	for _, check := range [...]func(*inquiry) *Refusal{
		(*inquiry).checkApplication,
		(*inquiry).checkGrant,
		(*inquiry).checkSubject,
		(*inquiry).checkOriginal,
		(*inquiry).checkScopes,
		(*inquiry).checkCeilings,
		(*inquiry).checkPolicy,
		(*inquiry).checkRules,
	} {
		if refusal := check(q); refusal != nil {
			return q.refuse(*refusal)
		}
	}
	return q.grant()
}

func (q *inquiry) refuse(why Refusal) Decision {
	if q.trace != nil {
		q.trace.step(why.Check, false, q.inFull(why))
	}
	d := Decision{Refused: q.refused, Error: why, NeededAssurance: q.needed.assurance, NeededAge: q.needed.age}
	q.decidedBy(&d)
	return d
}

// inFull is what a trace may say and a token response should not.
func (q *inquiry) inFull(why Refusal) string {
	if r := q.column.decider; r != nil {
		return fmt.Sprintf("rule %s of policy %s denies it", r.name, q.model.policies[r.policy].name)
	}
	return why.Description
}

// pass notes a check that let the request go on.
func (q *inquiry) pass(check Check, text func() string) {
	if q.trace != nil {
		q.trace.step(check, true, text())
	}
}

func (q *inquiry) grant() Decision {
	granted := q.column.scopes
	if q.column.defaults {
		granted.and(q.column.decider.scopes)
	}
	d := Decision{Allowed: true, Refused: q.refused, Lifetimes: q.column.decider.lifetimes, Rate: q.column.decider.rate}
	for i, asked := range q.oidc {
		if asked {
			d.Granted = append(d.Granted, oidcScopes[i])
		}
	}
	d.Granted = append(d.Granted, q.model.scopeNames(granted)...)
	q.decidedBy(&d)
	return d
}

func (q *inquiry) decidedBy(d *Decision) {
	if r := q.column.decider; r != nil {
		d.Policy, d.Rule = q.model.policies[r.policy].name, r.name
		d.FellThrough = r.policy != q.app.line.policies[0]
	}
}

func (q *inquiry) checkApplication() *Refusal {
	if q.app == nil {
		return &Refusal{UnauthorizedClient, CheckApplication, "this authorization server does not serve the application"}
	}
	q.pass(CheckApplication, func() string { return "the server serves the application" })
	return nil
}

func (q *inquiry) checkGrant() *Refusal {
	bit := grantBit(q.request.Grant)
	switch {
	case bit == 0 || bit == refreshGrant || q.app.grants&bit == 0:
		return &Refusal{UnauthorizedClient, CheckGrant, "the application may not use this grant type"}
	case q.request.Original != nil && q.app.grants&refreshGrant == 0:
		return &Refusal{UnauthorizedClient, CheckGrant, "the application may not refresh"}
	}
	q.context.grant = bit
	q.pass(CheckGrant, func() string { return fmt.Sprintf("the application may use %s", q.request.Grant) })
	return nil
}

// checkSubject refuses what the caller should never ask: a customer without
// groups to test would otherwise pass as a machine.
func (q *inquiry) checkSubject() *Refusal {
	c := &q.context
	c.machine = q.request.Grant == ClientCredentials
	if c.machine != (q.request.Subject == nil) {
		return &Refusal{AccessDenied, CheckSubject, "the grant type and the subject do not agree"}
	}
	c.groups = newSet(len(q.model.groups))
	c.address = q.request.Address.Unmap().WithZone("")
	c.at, c.age = q.request.At, unknownAge
	if c.machine {
		q.pass(CheckSubject, func() string { return "the subject is the application itself" })
		return nil
	}
	c.assurance, c.age = q.request.Assurance, q.request.age()
	c.cells = q.model.cells(q.request.Subject.Attributes)
	for _, group := range q.request.Subject.Groups {
		if i, ok := q.model.groupPosition[group]; ok {
			c.groups.add(i)
		}
	}
	q.pass(CheckSubject, func() string {
		return fmt.Sprintf("the subject is a customer in %s", list(q.request.Subject.Groups, "no group"))
	})
	return nil
}

// checkOriginal bounds a refresh by what was first granted (RFC 6749 §6).
func (q *inquiry) checkOriginal() *Refusal {
	if q.request.Original == nil {
		return nil
	}
	for _, scope := range q.request.Scopes {
		if !slices.Contains(q.request.Original, scope) {
			q.drop(scope, BeyondOriginal)
		}
	}
	if len(q.refused) > 0 || len(q.request.Original) == 0 {
		return &Refusal{InvalidScope, CheckOriginal, "a refresh may ask for nothing beyond what was first granted"}
	}
	q.pass(CheckOriginal, func() string { return "the refresh asks for nothing beyond the original grant" })
	return nil
}

// checkScopes resolves names to positions.
func (q *inquiry) checkScopes() *Refusal {
	asked := q.request.Scopes
	if len(asked) == 0 {
		asked = q.request.Original
	}
	if len(asked) == 0 {
		q.column = column{scopes: q.model.defaults.clone(), defaults: true}
		q.pass(CheckScopes, func() string {
			return fmt.Sprintf("no scope was asked, which asks for the defaults: %s", q.model.listed(q.model.defaults))
		})
		return nil
	}
	q.column = column{scopes: newSet(len(q.model.scopes))}
	for _, scope := range asked {
		q.ask(scope)
	}
	if len(q.refused) > 0 {
		return &Refusal{InvalidScope, CheckScopes, scopesRefusal(q.refused)}
	}
	q.pass(CheckScopes, func() string { return fmt.Sprintf("every scope is known: %s", list(asked, "none")) })
	return nil
}

func (q *inquiry) ask(scope Scope) {
	if i, ok := q.model.position[scope]; ok {
		q.column.scopes.add(i)
		return
	}
	i := slices.Index(oidcScopes[:], scope)
	switch {
	case i < 0:
		q.drop(scope, UnknownScope)
	case q.context.machine:
		q.drop(scope, NeedsCustomer)
	default:
		q.oidc[i] = true
	}
}

func (q *inquiry) drop(scope Scope, why Reason) {
	q.refused = append(q.refused, RefusedScope{Scope: scope, Reason: why})
}

func scopesRefusal(refused []RefusedScope) string {
	if slices.ContainsFunc(refused, func(r RefusedScope) bool { return r.Reason == UnknownScope }) {
		return "this authorization server does not know every scope asked"
	}
	return "OpenID Connect's scopes need a signed-in customer"
}

// checkCeilings is the only place that narrows, and only where the server says
// so; the defaults of an empty request were never asked for by name.
func (q *inquiry) checkCeilings() *Refusal {
	m := q.model
	ceiling := m.ceiling(q.app, &q.context)
	above := q.column.scopes.clone()
	above.without(ceiling)
	q.column.scopes.and(ceiling)
	reasons := q.reasons(above)
	if q.trace != nil {
		q.trace.Above = reasons
	}
	if !q.column.defaults {
		q.refused = append(q.refused, reasons...)
		if len(reasons) > 0 && m.excess == RefuseExcess {
			return &Refusal{InvalidScope, CheckCeilings, "some scopes are above what the application and the customer may have"}
		}
	}
	if q.column.scopes.empty() && (q.column.defaults || len(reasons) > 0) && !q.asksOIDC() {
		return &Refusal{InvalidScope, CheckCeilings, "no scope is left below what the application and the customer may have"}
	}
	q.pass(CheckCeilings, func() string { return fmt.Sprintf("below the ceilings: %s", m.listed(q.column.scopes)) })
	return nil
}

func (q *inquiry) asksOIDC() bool { return slices.Contains(q.oidc[:], true) }

// ceiling is the most that an application can have in a context.
func (m *Model) ceiling(app *application, c *context) set {
	ceiling := app.assigned.clone()
	if c.machine {
		ceiling.and(m.system)
		return ceiling
	}
	ceiling.and(m.customer)
	if m.table {
		ceiling.and(m.entitlement(c.groups))
	}
	return ceiling
}

// entitlement is what the table lists for any of the groups.
func (m *Model) entitlement(groups set) set {
	entitled := newSet(len(m.scopes))
	groups.each(func(i int) { entitled.or(m.entitled[i]) })
	return entitled
}

// reasons says of each scope above the ceiling which one it is.
func (q *inquiry) reasons(above set) []RefusedScope {
	var reasons []RefusedScope
	above.each(func(i int) {
		why := NotEntitled
		switch kind := q.model.scopes[i].Kind; {
		case kind.System() && !q.context.machine:
			why = NeedsMachine
		case kind.Customer() && q.context.machine:
			why = NeedsCustomer
		case !q.app.assigned.has(i):
			why = NotAssigned
		}
		reasons = append(reasons, RefusedScope{Scope: q.model.scopes[i].Name, Reason: why})
	})
	return reasons
}

func (q *inquiry) checkPolicy() *Refusal {
	if q.trace != nil {
		q.trace.lay(q.model, q.app)
	}
	if len(q.app.line.policies) == 0 {
		return &Refusal{AccessDenied, CheckPolicy, "no policy names the application"}
	}
	q.pass(CheckPolicy, func() string {
		return fmt.Sprintf("the first policy that names the application is %s", q.model.policies[q.app.line.policies[0]].name)
	})
	return nil
}

func (q *inquiry) checkRules() *Refusal {
	b := batch{columns: []column{q.column}}
	if q.trace != nil {
		b.seen = func(r *rule, failed Condition, decided bool) { q.trace.rule(q, r, failed, decided) }
	}
	evaluate(q.app.line.rules, &q.context, &b)
	q.column = b.columns[0]
	if q.trace != nil {
		q.trace.settle(q.app)
	}
	switch decider := q.column.decider; {
	case decider == nil:
		return q.unmatched()
	case decider.effect == Deny:
		q.column.scopes.and(decider.scopes)
		for _, scope := range q.model.scopeNames(q.column.scopes) {
			q.drop(scope, DeniedByRule)
		}
		return &Refusal{AccessDenied, CheckDeny, "a rule denies it"}
	}
	q.pass(CheckRule, func() string {
		return fmt.Sprintf("rule %s of policy %s allows it", q.column.decider.name, q.model.policies[q.column.decider.policy].name)
	})
	return nil
}
