package access

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// String renders the trace as a page of plain text: the verdict, the request,
// the checks, the scopes above the ceilings, and each rule with the first
// condition that failed.
func (t Trace) String() string {
	var b strings.Builder
	t.Decision.write(&b)
	t.Request.write(&b, t.Server)
	b.WriteString("\nChecks\n")
	for _, s := range t.Steps {
		fmt.Fprintf(&b, "  %-4s %-12s %s\n", mark(s.Passed), s.Check, s.Text)
	}
	if len(t.Above) > 0 {
		b.WriteString("\nAbove the ceilings\n")
		for _, s := range t.Above {
			fmt.Fprintf(&b, "  %s: %s\n", s.Scope, s.Reason.text())
		}
	}
	if len(t.Policies) > 0 {
		b.WriteString("\nPolicies\n")
		for _, p := range t.Policies {
			p.write(&b)
		}
	}
	return b.String()
}

func mark(passed bool) string {
	if passed {
		return "ok"
	}
	return "no"
}

func (d Decision) write(b *strings.Builder) {
	if !d.Allowed {
		fmt.Fprintf(b, "REFUSED with %s: %s\n", d.Error.Code, d.Error.Description)
		return
	}
	fmt.Fprintf(b, "GRANTED %s\n", list(d.Granted, "nothing"))
	fmt.Fprintf(b, "  by rule %s of policy %s\n", d.Rule, d.Policy)
	fmt.Fprintf(b, "  access token %s, refresh %s, idle %s\n", span(d.Lifetimes.Access), span(d.Lifetimes.Refresh), span(d.Lifetimes.Idle))
	if d.Rate != (Rate{}) {
		fmt.Fprintf(b, "  calls        %s\n", d.Rate.text())
	}
	if d.FellThrough {
		b.WriteString("  fell through from an earlier policy that names the application\n")
	}
}

func (r Request) write(b *strings.Builder, server ServerID) {
	fmt.Fprintf(b, "\nRequest to %s\n", server)
	fmt.Fprintf(b, "  application  %s\n  grant        %s\n", r.Application, r.Grant)
	fmt.Fprintf(b, "  scopes       %s\n", list(r.Scopes, "none named"))
	if r.Original != nil {
		fmt.Fprintf(b, "  refresh of   %s\n", list(r.Original, "nothing"))
	}
	if r.Subject != nil {
		fmt.Fprintf(b, "  customer in  %s\n  assurance    %s\n", list(r.Subject.Groups, "no group"), r.Assurance)
		for _, name := range slices.Sorted(maps.Keys(r.Subject.Attributes)) {
			fmt.Fprintf(b, "  attribute    %s = %q\n", name, r.Subject.Attributes[name])
		}
	}
	address, at := "not known", "not known"
	if r.Address.IsValid() {
		address = r.Address.String()
	}
	if !r.At.IsZero() {
		at = r.At.Format(time.RFC3339)
	}
	fmt.Fprintf(b, "  address      %s\n  at           %s\n", address, at)
	if !r.Authenticated.IsZero() {
		fmt.Fprintf(b, "  signed in    %s\n", r.Authenticated.Format(time.RFC3339))
	}
}

func (p PolicyTrace) write(b *strings.Builder) {
	fmt.Fprintf(b, "  %s: %s\n", p.Policy, p.Part.text())
	for i, r := range p.Rules {
		fmt.Fprintf(b, "    %d. %s (%s) ", i+1, r.Rule, r.Effect)
		if r.Matched {
			b.WriteString("decides\n")
		} else {
			fmt.Fprintf(b, "does not match by %s: %s\n", r.Failed, r.Why)
		}
	}
}

func (p Part) text() string {
	switch p {
	case PartNotNamed:
		return "does not name the application"
	case PartNotReached:
		return "was not reached"
	case PartNoMatch:
		return "no rule matches"
	}
	return "decides"
}

func (r Reason) text() string {
	switch r {
	case UnknownScope:
		return "this server does not know it"
	case NeedsCustomer:
		return "it needs a signed-in customer"
	case NeedsMachine:
		return "it is for machines only"
	case NotAssigned:
		return "it is not assigned to the application"
	case NotEntitled:
		return "the customer's groups are not entitled to it"
	case BeyondOriginal:
		return "it was not in the set first granted"
	}
	return "a rule denies it"
}

// span writes a lifetime in its largest whole unit.
func span(d time.Duration) string {
	for _, unit := range []struct {
		size time.Duration
		name string
	}{{day, "d"}, {time.Hour, "h"}, {time.Minute, "m"}} {
		if d >= unit.size && d%unit.size == 0 {
			return fmt.Sprintf("%d%s", d/unit.size, unit.name)
		}
	}
	return d.String()
}
