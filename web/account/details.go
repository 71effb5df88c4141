package account

import (
	"cmp"
	"errors"
	"net/http"
	"slices"
	"strings"

	"sallyport/pure/config"
	"sallyport/pure/customer"
	"sallyport/service/directory"
	"sallyport/web/design"
)

// detailPrefix begins the names of fields of the form that are attributes.
const detailPrefix = "detail-"

// ownAttributes are those that customers change themselves, by name: what the
// configuration says, and nothing that a form could add.
func (x *exchange) ownAttributes() (all []*config.AttributeSpec) {
	for i := range x.snapshot.Tenant.Attributes {
		if a := x.snapshot.Attribute(config.OfCustomer, x.snapshot.Tenant.Attributes[i].Name); a != nil && a.SelfService && !slices.Contains(all, a) {
			all = append(all, a)
		}
	}
	slices.SortFunc(all, func(a, b *config.AttributeSpec) int { return strings.Compare(a.Name, b.Name) })
	return all
}

func (x *exchange) askDetails() { x.renderDetails(http.StatusOK, nil) }

func (x *exchange) renderDetails(status int, problem *design.Summary) {
	was := x.current.Customer
	value := func(field, kept string) string {
		if problem != nil {
			return short(x.r.PostForm.Get(field), customer.MaxValue)
		}
		return kept
	}
	fields := []design.Field{{
		Name: "name", Label: "Your name", Hint: "How we greet you, and what others see who share an account with you", Autocomplete: "name", MaxLength: customer.MaxName,
		Optional: true, Value: value("name", was.Name), Focus: problem == nil,
	}}
	for _, a := range x.ownAttributes() {
		f := design.Field{Name: detailPrefix + a.Name, Label: cmp.Or(a.Title, a.Name), Optional: true, MaxLength: customer.MaxValue, Value: value(detailPrefix+a.Name, was.Attributes[a.Name])}
		switch a.Type {
		case "boolean":
			f.Options = []design.Option{
				{Value: "", Label: "Not said", Chosen: f.Value == ""}, {Value: "true", Label: "Yes", Chosen: f.Value == "true"}, {Value: "false", Label: "No", Chosen: f.Value == "false"},
			}
		case "date":
			f.Type = "date"
		case "number":
			f.InputMode = "decimal"
		}
		fields = append(fields, f)
	}
	x.ask(status, "Your details", design.Form{
		Problem: problem, Lead: []string{"Leave out what you would rather not say."}, Fields: fields,
		Submit: design.Button{Label: "Keep these details", ID: "details-keep"}, Cancel: x.link(""),
	})
}

// changeDetails writes the fields of the form that are the customer's to change: what else
// was sent is not looked at.
func (x *exchange) changeDetails() {
	form := x.r.PostForm
	patch := directory.OwnPatch{Attributes: map[string]*string{}}
	if form.Has("name") {
		name := form.Get("name")
		patch.Name = &name
	}
	for _, a := range x.ownAttributes() {
		if !form.Has(detailPrefix + a.Name) {
			continue
		}
		if text := strings.TrimSpace(form.Get(detailPrefix + a.Name)); text != "" {
			patch.Attributes[a.Name] = &text
		} else if _, had := x.current.Customer.Attributes[a.Name]; had {
			patch.Attributes[a.Name] = nil
		}
	}
	_, err := x.changes().ChangeOwn(x.r.Context(), x.live, x.current.Customer.ID, patch)
	var wrong *directory.FieldError
	switch {
	case errors.As(err, &wrong):
		x.renderDetails(http.StatusUnprocessableEntity, x.wrongDetail(wrong))
	case x.failAddress(err):
	default:
		x.say("details-kept")
		x.lead("")
	}
}

// wrongDetail says which answer is none.
func (x *exchange) wrongDetail(wrong *directory.FieldError) *design.Summary {
	name, isAttribute := strings.CutPrefix(wrong.Field, "attributes.")
	if !isAttribute {
		return &design.Summary{What: "Enter a shorter name, in letters", Field: "name"}
	}
	for _, a := range x.ownAttributes() {
		if a.Name == name {
			return &design.Summary{What: x.phrase("This is no answer to: %s", cmp.Or(a.Title, a.Name)), Field: detailPrefix + a.Name}
		}
	}
	return &design.Summary{What: "Something here cannot be kept"}
}
