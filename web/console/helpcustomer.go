package console

import (
	"errors"
	"strconv"
	"strings"

	"sallyport/pure/customer"
	"sallyport/service/directory"
	"sallyport/web/design"
)

// help is something that operators do for a customer, or to one.
type help struct {
	word, label, lead, done string
	danger                  bool
	fits                    func(customer.State) bool
	do                      func(*exchange, *directory.Directory, customer.ID) error
}

func anyState(customer.State) bool      { return true }
func whileActive(s customer.State) bool { return s == customer.Active }
func whileOff(s customer.State) bool    { return s == customer.Disabled }

var allHelp = [...]help{
	{
		word: "sign-out", label: "Sign out everywhere", done: "signed-out", fits: anyState,
		lead: "Every session ends, and within five seconds nothing is honoured that was issued before. They may sign in again at once.",
		do: func(x *exchange, d *directory.Directory, id customer.ID) error {
			return d.SignOut(x.r.Context(), x.live.ID, id, x.who.Actor())
		},
	},
	{
		word: "disable", label: "Disable customer", done: "disabled", danger: true, fits: whileActive,
		lead: "They cannot sign in until they are enabled, and within five seconds nothing is honoured that was issued before.",
		do: func(x *exchange, d *directory.Directory, id customer.ID) error {
			return d.Disable(x.r.Context(), x.live.ID, id, x.who.Actor())
		},
	},
	{
		word: "enable", label: "Enable customer", done: "enabled", fits: whileOff,
		lead: "They may sign in again. Nothing that was issued before comes back to life.",
		do: func(x *exchange, d *directory.Directory, id customer.ID) error {
			return d.Enable(x.r.Context(), x.live.ID, id, x.who.Actor())
		},
	},
}

// helps are the ways to what can be done for a customer.
func (x *exchange) helps(c customer.Customer) []design.Button {
	var buttons []design.Button
	for _, h := range allHelp {
		if h.fits(c.State) {
			buttons = append(buttons, design.Button{Label: h.label, URL: x.here("customers", c.ID.String(), h.word), Dialog: true, Quiet: true, Danger: h.danger})
		}
	}
	return buttons
}

// helpOf is what the last part of the path asks for.
func (x *exchange) helpOf() help {
	word := x.r.URL.Path[strings.LastIndexByte(x.r.URL.Path, '/')+1:]
	for _, h := range allHelp {
		if h.word == word {
			return h
		}
	}
	panic("console: a route to no help: " + word) // the table of routes names them all, and a test opens each
}

// askHelp shows whom it is about, and asks why.
func (x *exchange) askHelp() {
	if profile, known := x.person(); known {
		x.helpForm(profile, "")
	}
}

func (x *exchange) helpForm(p directory.Profile, wrong string) {
	h, c := x.helpOf(), p.Customer
	if !h.fits(c.State) {
		x.declined("The customer is "+strings.ToLower(stateOf(c.State).Word)+" already.", "Go back to the customer.")
		return
	}
	if !x.viewedPerson(c.ID) {
		return
	}
	form := design.Form{
		Lead:   []string{h.lead},
		Facts:  personFacts(p)[:3],
		Hidden: []design.Hidden{{Name: "version", Value: strconv.FormatInt(c.Version, 10)}},
		Fields: []design.Field{reasonField(wrong)},
		Submit: design.Button{Label: h.label, Danger: h.danger},
	}
	if wrong != "" {
		form.Problem = &design.Summary{What: wrong, Field: "reason"}
	}
	x.confirm(h.label, form, x.above("Customers", "customers"), x.above(nameOf(c), "customers", c.ID.String()))
}

// giveHelp does it to the customer as the operator saw them.
func (x *exchange) giveHelp() {
	profile, known := x.person()
	if !known {
		return
	}
	id := profile.Customer.ID
	reason, wrong := x.reason()
	if wrong != "" {
		x.helpForm(profile, wrong)
		return
	}
	version, err := strconv.ParseInt(x.r.PostForm.Get("version"), 10, 64)
	if err != nil || version < 1 {
		x.missing()
		return
	}
	h := x.helpOf()
	err = h.do(x, x.cfg.Directory.Expecting(version).Because(reason), id)
	if errors.Is(err, x.cfg.Conflict) {
		x.declined("Somebody changed the customer while you looked at them.", "Look at them again, then decide.")
		return
	}
	x.finish(err, h.done, x.here("customers", id.String()))
}

// reason is why somebody does something, as they typed it.
func (x *exchange) reason() (reason, wrong string) {
	reason = strings.TrimSpace(x.r.PostForm.Get("reason"))
	switch {
	case reason == "":
		return "", "Say why"
	case len(reason) > maxReason:
		return "", "Say why in fewer words"
	}
	return strings.ToValidUTF8(reason, "\uFFFD"), ""
}
