package console

import (
	"errors"
	"strings"

	"sallyport/pure/customer"
	"sallyport/service/directory"
	"sallyport/web/design"
)

// maxTagsTyped is how long words are that are typed at once.
const maxTagsTyped = customer.MaxTags * (customer.MaxTag + 1)

// askTags shows the words that somebody wears, and asks which are to come and to go.
func (x *exchange) askTags() {
	if profile, known := x.person(); known {
		x.tagsForm(profile, "", "")
	}
}

// tagsForm asks with what was sent, and what is wrong with it.
func (x *exchange) tagsForm(p directory.Profile, field, wrong string) {
	c := p.Customer
	worn, err := x.cfg.Directory.Tags(x.r.Context(), x.live.ID, c.ID)
	if err != nil {
		x.failed(err)
		return
	}
	if !x.viewedPerson(c.ID) {
		return
	}
	form := &design.Form{
		Lead:  []string{"Colleagues find people by tags, and a journey may ask people of a tag for a second factor. They give nobody access."},
		Facts: personFacts(p)[:3],
		Fields: []design.Field{{
			Name: "add", Label: "Add", Hint: "Lower-case letters, digits and dashes; a space between two.", Value: x.r.PostForm.Get("add"),
			Autocomplete: "off", MaxLength: maxTagsTyped, Optional: true,
		}},
		Submit: design.Button{Label: "Change tags"},
	}
	if len(worn) > 0 {
		remove := design.Field{Name: "remove", Label: "Take away", Choices: design.Many, Optional: true}
		for _, tag := range worn {
			remove.Options = append(remove.Options, design.Option{Value: tag, Label: tag})
		}
		form.Fields = append(form.Fields, remove)
	}
	form.Fields = append(form.Fields, reasonField(""))
	mistaken(form, field, wrong)
	x.confirm("Change tags", *form, x.above("Customers", "customers"), x.above(nameOf(c), "customers", c.ID.String()))
}

// changeTags puts words on a customer and takes words off. What others changed
// meanwhile stays: only what the form names comes and goes.
func (x *exchange) changeTags() {
	profile, known := x.person()
	if !known {
		return
	}
	id := profile.Customer.ID
	add, remove := strings.Fields(strings.ReplaceAll(x.r.PostForm.Get("add"), ",", " ")), x.r.PostForm["remove"]
	reason, wrong := x.reason()
	switch {
	case len(add)+len(remove) == 0:
		x.tagsForm(profile, "add", "Name a tag to add, or choose one to take away")
		return
	case len(add) > customer.MaxTags || len(remove) > customer.MaxTags:
		x.tagsForm(profile, "add", "Nobody wears as many")
		return
	case wrong != "":
		x.tagsForm(profile, "reason", wrong)
		return
	}
	_, err := x.cfg.Directory.Because(reason).Tag(x.r.Context(), x.live.ID, id, add, remove, x.who.Actor())
	var field *directory.FieldError
	switch {
	case errors.As(err, &field):
		x.tagsForm(profile, "add", "A tag is of lower-case letters, digits and dashes, and not as long as this")
	case errors.Is(err, x.cfg.Invalid):
		x.tagsForm(profile, "add", "Nobody wears more than 20 tags: take some away")
	default:
		x.finish(err, "tagged", x.here("customers", id.String()))
	}
}
