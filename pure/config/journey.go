package config

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// What journeys can be for, and ask for.
var (
	purposes = []string{"sign-in", "registration", "recovery"}
	asks     = []string{"identifier", "password", "totp", "verify", "new-password", "terms", "profile", "claim", "access", "questions"}
)

// journey checks a journey and sets its defaults.
func (c *checker) journey(at spot, j *Journey) {
	c.snapshot.Journeys[j.Name] = j
	known := c.required(at, "purpose", j.Purpose) && c.oneOf(at.at("purpose"), "purpose", j.Purpose, purposes...)
	c.within(at, "session", j.Session, bounds{"the session", 5 * Duration(time.Minute), Duration(year)})
	if j.Session == 0 {
		j.Session = 12 * Duration(time.Hour)
	}
	c.references(at.at("groups"), "the journey", "group", j.Groups, c.groups)
	if len(j.Groups) > 0 && known && j.Purpose != "registration" {
		c.fail(at.at("groups"), finding{ValueUnknown, "only a journey that registers people puts them into groups", "remove it, or move it to the journey with the purpose registration"})
	}
	names := make([]string, len(j.Steps))
	for i, step := range j.Steps {
		names[i] = step.Name
		c.name(at.at("steps", i), step.Name, "step")
		if c.required(at.at("steps", i), "ask", step.Ask) {
			known = c.oneOf(at.at("steps", i, "ask"), "thing to ask for", step.Ask, asks...) && known
		}
		c.step(at.at("steps", i), step)
		c.factorRules(at.at("steps", i), step, j.Purpose)
		c.accessStep(at.at("steps", i), step)
		c.questionsStep(at.at("steps", i), step, j.Purpose)
	}
	c.once(at.at("steps"), names, "step", "name")
	if fix := misled(j); known && fix != "" {
		c.fail(at.at("steps"), finding{StepsInvalid, "the steps do not lead to a signed-in customer", fix})
	}
}

// maxSteps is how many steps a journey has at most.
const maxSteps = 16

// misled says how the steps of a journey lead to where its purpose says; empty if they
// do. Who somebody is comes first.
func misled(j *Journey) string {
	var asked []string
	for _, step := range j.Steps {
		asked = append(asked, step.Ask)
	}
	first, rest := asked[:min(len(asked), 2)], asked[min(len(asked), 2):]
	once := func(ask string, from int) bool { return !slices.Contains(rest[min(len(rest), from):], ask) }
	late := !once("identifier", 0) || !once("password", 0)
	switch {
	case len(asked) > maxSteps:
		return fmt.Sprintf("ask for %d things at most", maxSteps)
	case j.Purpose == "registration":
		if late || !slices.Equal(first, []string{"identifier", "verify"}) || repeats(rest, "totp", "new-password") {
			return "ask for the identifier, then verify it, then for whatever else you like, a password and a second factor (totp) once at most"
		}
	case j.Purpose == "recovery":
		if late || !slices.Equal(first, []string{"identifier", "verify"}) || len(rest) == 0 || rest[0] != "totp" || !slices.Contains(rest, "new-password") || repeats(rest, "totp", "new-password", "questions") || slices.Contains(rest[slices.Index(rest, "new-password"):], "questions") {
			return "ask for the identifier, then verify it, then for a second factor (totp) of those who have one, then, if you like, for answers to security questions, then for a new password, each once"
		}
	default:
		by := slices.Equal(first, []string{"identifier", "password"}) || slices.Equal(first, []string{"identifier", "verify"})
		if late || !by || !once("totp", 1) || !once("new-password", 0) {
			return "ask for the identifier, then for the password, then, if you like, for a code (totp), each once"
		}
	}
	return ""
}

// repeats tells whether one of those is asked for twice.
func repeats(asked []string, each ...string) bool {
	for _, ask := range each {
		if i := slices.Index(asked, ask); i >= 0 && slices.Contains(asked[i+1:], ask) {
			return true
		}
	}
	return false
}

// step checks what only some steps can have.
func (c *checker) step(at spot, step StepSpec) {
	switch {
	case step.When == "":
	case step.Ask != "totp":
		c.fail(at.at("when"), finding{ValueUnknown, "only a code (totp) can be asked of some alone", "remove it; everybody is asked for the " + step.Ask})
	default:
		c.oneOf(at.at("when"), "time to ask", step.When, "always", "enrolled")
	}
	if step.Or != "" && c.only(at, "or", step.Ask, "password") {
		c.oneOf(at.at("or"), "substitute for a password", step.Or, "code")
	}
	if len(step.Factors) > 0 && c.only(at, "factors", step.Ask, "totp") {
		for i, factor := range step.Factors {
			c.oneOf(at.at("factors", i), "second factor besides an app", factor, "text", "call")
		}
	}
	if step.Defer != 0 && c.only(at, "defer", step.Ask, "totp") && (step.Defer < 0 || step.Defer > 20) {
		c.fail(at.at("defer"), finding{OutOfBounds, fmt.Sprintf("setting up a second factor waits for %d sign-ins", step.Defer), "choose between 0 and 20"})
	}
	if step.Skip {
		c.only(at, "skip", step.Ask, "verify", "terms", "profile", "claim", "questions")
	}
	if len(step.Channels) > 0 && c.only(at, "channels", step.Ask, "verify") {
		for i, channel := range step.Channels {
			c.oneOf(at.at("channels", i), "way to send a code", channel, "email", "text", "call")
		}
	}
	if len(step.Documents) > 0 && c.only(at, "documents", step.Ask, "terms") {
		for i, name := range step.Documents {
			c.known(at.at("documents", i), "the step", "document", name, c.names(KindDocument))
		}
	}
	if len(step.Fields) > 0 && c.only(at, "fields", step.Ask, "profile") {
		c.once(at.at("fields"), step.Fields, "field")
	}
	if step.Ask == "profile" {
		c.asked(at, step)
	}
	if step.Most != 0 && c.only(at, "most", step.Ask, "profile") && (step.Most < 1 || step.Most > 20) {
		c.fail(at.at("most"), finding{OutOfBounds, fmt.Sprintf("%d things are asked at once", step.Most), "choose between 1 and 20"})
	}
}

// asked checks what a step asks customers to say of themselves.
func (c *checker) asked(at spot, step StepSpec) {
	if len(step.Fields) == 0 {
		c.fail(at, finding{FieldRequired, "the step asks for nothing", "add fields: with the attributes that it asks for, or name"})
	}
	for i, name := range step.Fields {
		if name == "name" || !c.known(at.at("fields", i), "the step", "attribute", name, c.attributes) {
			continue // the name is how pages greet them
		}
		if a := c.snapshot.Attribute(OfCustomer, name); a == nil || !a.SelfService {
			c.fail(at.at("fields", i), finding{ValueUnknown, fmt.Sprintf("customers do not say %s of themselves", name), "add self_service: true to the attribute, if no rule decides by it"})
		}
	}
}

// only refuses a key that steps of other kinds have.
func (c *checker) only(at spot, key, ask string, of ...string) bool {
	if slices.Contains(of, ask) {
		return true
	}
	c.fail(at.at(key), finding{ValueUnknown, fmt.Sprintf("only a step that asks for %s has %s", strings.Join(of, ", "), key), "remove it"})
	return false
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
