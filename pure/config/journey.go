package config

import (
	"fmt"
	"slices"
	"time"
)

// journey checks a journey and sets its defaults.
func (c *checker) journey(at spot, j *Journey) {
	c.snapshot.Journeys[j.Name] = j
	if c.required(at, "purpose", j.Purpose) {
		c.oneOf(at.at("purpose"), "purpose", j.Purpose, "sign-in")
	}
	c.within(at, "session", j.Session, bounds{"the session", 5 * Duration(time.Minute), Duration(year)})
	if j.Session == 0 {
		j.Session = 12 * Duration(time.Hour)
	}
	names := make([]string, len(j.Steps))
	asked := make([]string, len(j.Steps))
	known := true
	for i, step := range j.Steps {
		names[i], asked[i] = step.Name, step.Ask
		c.name(at.at("steps", i), step.Name, "step")
		if c.required(at.at("steps", i), "ask", step.Ask) {
			known = c.oneOf(at.at("steps", i, "ask"), "thing to ask for", step.Ask, "identifier", "password", "totp") && known
		}
		c.when(at.at("steps", i, "when"), step)
	}
	c.once(at.at("steps"), names, "step", "name")
	whole := []string{"identifier", "password", "totp"}
	if known && (len(asked) < 2 || !slices.Equal(asked, whole[:min(len(asked), len(whole))])) {
		c.fail(at.at("steps"), finding{StepsInvalid, "the steps do not lead to a signed-in customer", "ask for the identifier, then for the password, then, if you like, for a code (totp), each once"})
	}
}

// when checks of whom a step asks.
func (c *checker) when(at spot, step StepSpec) {
	switch {
	case step.When == "":
	case step.Ask != "totp":
		c.fail(at, finding{ValueUnknown, "only a code (totp) can be asked of some alone", "remove it; everybody is asked for the " + step.Ask})
	default:
		c.oneOf(at, "time to ask", step.When, "always", "enrolled")
	}
}

// purposes refuses two journeys for one purpose, since nothing chooses between
// them.
func (c *checker) purposes() {
	first := map[string]string{}
	each(c, func(at spot, j *Journey) {
		if other, taken := first[j.Purpose]; taken && j.Purpose != "" {
			c.fail(at.at("purpose"), finding{ItemRepeated, fmt.Sprintf("the journey %q has the purpose %q already", other, j.Purpose), "remove one of them"})
		}
		first[j.Purpose] = j.Name
	})
}
