package config

import "time"

// accessStep checks what a step waits for, and for how long. A page waits no longer than
// half of what a journey may take.
func (c *checker) accessStep(at spot, step StepSpec) {
	if step.Ask != "access" {
		if len(step.Groups) > 0 {
			c.only(at, "groups", step.Ask, "access")
		}
		if step.Patience != 0 {
			c.only(at, "patience", step.Ask, "access")
		}
		return
	}
	if len(step.Groups) == 0 {
		c.fail(at, finding{FieldRequired, "the step waits for nothing", "add groups: with those that open what customers come for"})
	}
	c.references(at.at("groups"), "the step", "group", step.Groups, c.groups)
	c.within(at, "patience", step.Patience, bounds{"the patience", 10 * Duration(time.Second), 15 * Duration(time.Minute)})
}
