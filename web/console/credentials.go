package console

import (
	"errors"
	"slices"
	"strconv"

	"sallyport/service/directory"
	"sallyport/service/subscribe"
	"sallyport/web/design"
)

// ofApplication is the way back to the application of the path.
func (x *exchange) ofApplication() []design.Place {
	name := x.values["application"]
	return []design.Place{x.above("Applications", "applications"), x.above(name, "applications", name)}
}

// createSecret makes a client secret. It answers with the page that shows it, for
// there is no other place from which it could be read.
func (x *exchange) createSecret() {
	a, exists := x.live.Snapshot().Applications[x.values["application"]]
	if !exists {
		x.missing()
		return
	}
	if a.Authentication == "none" {
		x.declined("This application authenticates with no secret.", "Give it another authentication in the configuration first.")
		return
	}
	id, secret, err := x.cfg.Secrets.CreateSecret(x.r.Context(), x.live.ID, a.Name, x.who.Actor())
	switch {
	case errors.Is(err, directory.ErrTooManySecrets):
		x.declined("The application has two secrets already, as many as a rotation needs.", "End the older one first.")
	case err != nil:
		x.failed(err)
	default:
		x.showOnce("Client secret of "+a.Name, "Copy the secret to where the application reads it.",
			design.Fact{Name: "Secret id", Cell: design.Code(id)}, design.Fact{Name: "Client secret", Cell: design.ID(secret)})
	}
}

// showOnce shows what can never be read again.
func (x *exchange) showOnce(title, what string, values ...design.Fact) {
	trail := x.ofApplication()
	note := design.Note{Mark: design.Warning("Shown this once"), Text: what, Do: "To open this page again is to make another."}
	x.show(sheet{Title: title, Trail: trail, Parts: []part{
		{Note: &note}, {Facts: values}, {Links: []design.Place{{Label: "Go on: I have copied it", URL: trail[1].URL}}},
	}})
}

// askEndSecret asks whether a secret is to end.
func (x *exchange) askEndSecret() {
	stored, err := x.cfg.Secrets.ListSecrets(x.r.Context(), x.live.ID, x.values["application"])
	if err != nil {
		x.failed(err)
		return
	}
	for _, s := range stored {
		if s.ID == x.values["secret"] {
			x.confirm("End secret "+s.ID+"?", design.Form{
				Lead:   []string{"Whoever uses it is refused within five seconds, for ever. Make sure that the application has another."},
				Facts:  []design.Fact{fact("Application", s.Application), {Name: "Made", Cell: design.Instant(s.Created)}},
				Submit: design.Button{Label: "End secret", Danger: true},
			}, x.ofApplication()...)
			return
		}
	}
	x.missing()
}

// endSecret ends a client secret on every node.
func (x *exchange) endSecret() {
	name := x.values["application"]
	err := x.cfg.Secrets.DeleteSecret(x.r.Context(), x.live.ID, name, x.values["secret"], x.who.Actor())
	if errors.Is(err, directory.ErrNoSecret) {
		x.missing()
		return
	}
	x.finish(err, "secret-ended", x.here("applications", name))
}

// createSubscription subscribes the application to a product.
func (x *exchange) createSubscription() {
	name := x.values["application"]
	if _, exists := x.live.Snapshot().Applications[name]; !exists {
		x.missing()
		return
	}
	made, err := x.cfg.Subscribe.Create(x.r.Context(), x.live, name, x.r.PostForm.Get("product"), x.who.Actor())
	switch {
	case errors.Is(err, subscribe.ErrUnknown):
		x.missing()
	case errors.Is(err, subscribe.ErrNotAdmitted):
		x.declined("The product is not for this application.", "Name the application in the product, and apply that.")
	case err != nil:
		x.failed(err)
	default:
		x.showOnce("Keys of subscription "+made.ID, "Copy a key to where the application reads it. Both work, so that one can be changed while the other is in use.",
			design.Fact{Name: "Primary key", Cell: design.ID(made.Primary.Reveal())}, design.Fact{Name: "Secondary key", Cell: design.ID(made.Secondary.Reveal())})
	}
}

// named is the subscription that the path names, if it is the application's.
func (x *exchange) named() (s subscribe.Subscription, exists bool) {
	all, err := x.cfg.Subscribe.List(x.r.Context(), x.live, x.values["application"])
	if err != nil {
		x.failed(err)
		return s, false
	}
	i := slices.IndexFunc(all, func(s subscribe.Subscription) bool { return s.ID == x.values["subscription"] })
	if i < 0 || all[i].Application == "" {
		x.missing()
		return s, false
	}
	return all[i], true
}

// subscription shows one, with what can be done with it.
func (x *exchange) subscription() {
	s, exists := x.named()
	if !exists {
		return
	}
	form := design.Form{
		Lead: []string{"A new key is shown once. The one that it replaces is dead on every node within a second; the other works on."},
		Facts: facts(
			fact("Product", s.Product), design.Fact{Name: "State", Cell: design.State(standing(s))},
			design.Fact{Name: "Made", Cell: design.Instant(s.Created)}, design.Fact{Name: "Ends", Cell: design.Instant(s.Expires)},
		),
		Fields: []design.Field{{Name: "change", Label: "What to do", Choices: design.One, Options: []design.Option{
			{Value: "primary", Label: "Replace the primary key", Chosen: true},
			{Value: "secondary", Label: "Replace the secondary key"},
			{Value: "suspend", Label: "Suspend it", Hint: "Both keys are refused until it is resumed."},
		}}},
		Hidden: []design.Hidden{{Name: "version", Value: strconv.FormatInt(s.Version, 10)}},
		Submit: design.Button{Label: "Change subscription", Danger: true},
	}
	if s.State != subscribe.Active {
		form.Fields[0].Options[2] = design.Option{Value: "resume", Label: "Resume it", Hint: "Both keys work again."}
	}
	x.confirm("Subscription "+s.ID, form, x.ofApplication()...)
}

// changeSubscription replaces a key, suspends or resumes.
func (x *exchange) changeSubscription() {
	s, exists := x.named()
	if !exists {
		return
	}
	version, err := strconv.ParseInt(x.r.PostForm.Get("version"), 10, 64)
	if err != nil || version < 1 {
		x.missing()
		return
	}
	service, word := x.cfg.Subscribe.Expecting(version), ""
	var key subscribe.Key
	change := x.r.PostForm.Get("change")
	switch change {
	case "suspend":
		word, err = "subscription-suspended", service.Suspend(x.r.Context(), x.live, s.ID, x.who.Actor())
	case "resume":
		word, err = "subscription-resumed", service.Resume(x.r.Context(), x.live, s.ID, x.who.Actor())
	case string(subscribe.Primary), string(subscribe.Secondary):
		key, err = service.Rotate(x.r.Context(), x.live, s.ID, subscribe.Slot(change), x.who.Actor())
	default:
		x.missing()
		return
	}
	switch {
	case errors.Is(err, x.cfg.Conflict):
		x.declined("Somebody changed the subscription while you looked at it.", "Look at it again, then decide.")
	case err != nil || word != "":
		x.finish(err, word, x.here("applications", s.Application))
	default:
		x.showOnce("New "+change+" key of subscription "+s.ID, "Copy the key to where the application reads it.", design.Fact{Name: "New key", Cell: design.ID(key.Reveal())})
	}
}
