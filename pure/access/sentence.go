package access

import (
	"fmt"
	"strings"
	"time"
)

// Sentence says a change of the difference for people who approve it: "mobile:
// any customer in landlords, from anywhere, can now get billing.write.payment;
// because rule pay of policy apps moved from place 4 to 2".
func (d *Difference) Sentence(c Change) string {
	var b strings.Builder
	switch {
	case c.Kind == OtherExcess:
		b.WriteString("any application: a request above the ceilings is treated otherwise")
	case c.Application == "":
		b.WriteString("any future application: ")
	default:
		b.WriteString(string(c.Application) + ": ")
	}
	for i, who := range c.Who {
		if i > 0 {
			b.WriteString("; or ")
		}
		b.WriteString(who.String())
	}
	b.WriteString(c.what())
	for i, e := range c.Causes {
		b.WriteString(map[bool]string{true: "; because ", false: ", and "}[i == 0] + d.Edits[e].Text)
	}
	return b.String()
}

// what says what happens, after who.
func (c Change) what() string {
	what := strings.ReplaceAll(list(c.Scopes, "a token to sign in"), ", ", " together with ")
	life := func(of string) string {
		return fmt.Sprintf(", %s with %s now lives for up to %s instead of %s", of, what, lifeText(c.To), lifeText(c.From))
	}
	switch c.Kind {
	case NewAccess:
		return ", can now get " + what
	case WiderAccess:
		return ", can now get " + what + " too"
	case WeakerAssurance:
		return ", can now get " + what + " without stronger assurance"
	case OlderSignIn:
		return ", can now get " + what + " without a fresher sign-in"
	case LongerAccess, ShorterAccess:
		return life("an access token")
	case LongerRefresh, ShorterRefresh:
		return life("a refresh family")
	case LongerIdle, ShorterIdle:
		return life("an unused refresh token")
	case LostAccess, NarrowerAccess:
		return ", can no longer get " + what
	case StrongerAssurance:
		return ", can get " + what + " only with stronger assurance"
	case FresherSignIn:
		return ", can get " + what + " only with a fresher sign-in"
	case HigherRate, LowerRate:
		return fmt.Sprintf(", calls with %s are now limited to %s instead of %s", what, c.ToRate.text(), c.FromRate.text())
	case OtherDefaults:
		return ", asking for no scope, " + c.defaults()
	}
	return ""
}

func (c Change) defaults() string {
	switch {
	case len(c.Gained) == 0 && len(c.Gone) == 0:
		return "gets the same for another time or at another rate"
	case len(c.Gone) == 0:
		return "now gets " + list(c.Gained, "") + " too, which could be asked for by name"
	case len(c.Gained) == 0:
		return "no longer gets " + list(c.Gone, "")
	}
	return "now gets " + list(c.Gained, "") + " instead of " + list(c.Gone, "")
}

// lifeText writes a life, which is none where nothing can be refreshed.
func lifeText(d time.Duration) string {
	if d == 0 {
		return "none"
	}
	return span(d)
}

// text says a rate as "100 each 1m, 20 at once".
func (r Rate) text() string {
	if r == (Rate{}) {
		return "any number"
	}
	return fmt.Sprintf("%d each %s, %d at once", r.Calls, span(r.Per), r.Burst)
}
