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
			known = c.oneOf(at.at("steps", i, "ask"), "thing to ask for", step.Ask, "identifier", "password") && known
		}
	}
	c.once(at.at("steps"), names, "step", "name")
	if known && !slices.Equal(asked, []string{"identifier", "password"}) {
		c.fail(at.at("steps"), finding{StepsInvalid, "the steps do not lead to a signed-in customer", "ask for the identifier, then for the password, each once"})
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
