package journey

import (
	"slices"

	"sallyport/pure/config"
)

// When says of whom a second factor is asked.
type When string

// Whom it is asked of.
const (
	Always   When = "always"   // everybody; whoever has none sets one up
	Enrolled When = "enrolled" // whoever has one
	Never    When = "never"    // nobody, unless what they sign in to wants it
)

// Risk is something about a sign-in that is known without anybody else's help. There is
// no score: a rule names what it means.
type Risk string

// The risks.
const (
	NewDevice        Risk = "new-device"        // nobody signed in as them on this device before
	KnownDevice      Risk = "known-device"      // they did
	AfterRecovery    Risk = "after-recovery"    // they got a new password without knowing the old one, a short while ago
	Guessed          Risk = "guessed"           // somebody tried their name many times, just now
	BreachedPassword Risk = "breached-password" // what they typed is known to be stolen, or most common
	Dormant          Risk = "dormant"           // nobody signed in as them for long
)

// Circumstances are what rules look at, of somebody who has proved their first factor.
type Circumstances struct {
	Groups, Tags []string
	Risks        []Risk
}

// Ruling is what is asked of somebody as a second factor, and why.
type Ruling struct {
	Rule    int      `json:"rule,omitempty"` // that decided, from 1; 0: none, so that the step did
	Name    string   `json:"name,omitempty"` // of that rule; may be empty
	When    When     `json:"when"`
	Factors []string `json:"factors,omitempty"` // that count; none: all
	Defer   int      `json:"defer,omitempty"`   // how often setting one up may wait
	Left    bool     `json:"left,omitempty"`    // no rule decided: their registration left setting one up to be done

	// What of the circumstances made the rule match.
	Groups []string `json:"groups,omitempty"`
	Tags   []string `json:"tags,omitempty"`
	Risks  []Risk   `json:"risks,omitempty"`
}

// Counts tells whether a second factor counts: ByCode, ByPasskey, ByText, ByCall, ByCard.
func (r Ruling) Counts(by Proof) bool {
	word := string(by)
	if by == ByCode {
		word = "app"
	}
	return len(r.Factors) == 0 || slices.Contains(r.Factors, word)
}

// Rule decides what a step asks of somebody as a second factor: the first of its rules
// that matches does, or else the step itself. A rule matches if each kind of condition
// that it names is met by at least one of its entries.
func Rule(step config.StepSpec, c Circumstances) Ruling {
	for i, rule := range step.Rules {
		groups, tags, risks := both(rule.For.Groups, c.Groups), both(rule.For.Tags, c.Tags), both(rule.For.Risk, c.Risks)
		if len(rule.For.Groups) > 0 && groups == nil || len(rule.For.Tags) > 0 && tags == nil || len(rule.For.Risk) > 0 && risks == nil {
			continue
		}
		return Ruling{
			Rule: i + 1, Name: rule.Name, When: When(rule.When), Factors: rule.Factors, Defer: rule.Defer, Groups: groups, Tags: tags, Risks: risks,
		}
	}
	when := Always
	if step.When == string(Enrolled) {
		when = Enrolled
	}
	return Ruling{When: when, Defer: step.Defer}
}

// Left is what a step asks of somebody who put setting up a second factor off when they
// registered, or stopped there: what that step of the registration asked, unless a rule
// decided. Ruled is what [Rule] made of them.
func Left(ruled Ruling, registration config.StepSpec) Ruling {
	if ruled.Rule > 0 || ruled.When != Enrolled {
		return ruled
	}
	return Ruling{When: Always, Defer: registration.Defer, Left: true}
}

// Standing decides what a step asks of a segment in any case: rules that look at risks
// are left out, unless they ask for less.
func Standing(step config.StepSpec, c Circumstances) Ruling {
	step.Rules = slices.DeleteFunc(slices.Clone(step.Rules), func(r config.FactorRule) bool {
		return len(r.For.Risk) > 0 && r.When == string(Always)
	})
	c.Risks = []Risk{NewDevice, KnownDevice, AfterRecovery, Guessed, BreachedPassword, Dormant}
	return Rule(step, c)
}

// both are the entries of a rule that are met; nil for none.
func both[T ~string](of []string, has []T) (met []T) {
	for _, one := range has {
		if slices.Contains(of, string(one)) && !slices.Contains(met, one) {
			met = append(met, one)
		}
	}
	return met
}

// ruled are the outcomes that the rules of a step have.
type ruled uint8

const (
	ruledAlways ruled = 1 << iota
	ruledEnrolled
	ruledNever
)

// bit of an outcome; zero for none.
func (w When) bit() ruled {
	switch w {
	case Always:
		return ruledAlways
	case Enrolled:
		return ruledEnrolled
	case Never:
		return ruledNever
	}
	return 0
}

func ruledOf(rules []config.FactorRule) (all ruled) {
	for _, rule := range rules {
		all |= When(rule.When).bit()
	}
	return all
}

// when tells of whom a step asks a second factor, if a rule said so: what none of its
// rules says counts for nothing.
func (s step) when(said When) When {
	switch {
	case s.rules&said.bit() != 0:
		return said
	case s.always:
		return Always
	}
	return Enrolled
}
