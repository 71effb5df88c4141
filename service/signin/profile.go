package signin

import (
	"context"
	"maps"
	"math/big"
	"net/url"
	"slices"
	"strings"
	"time"

	"sallyport/pure/config"
	"sallyport/pure/customer"
	"sallyport/pure/journey"
	"sallyport/service/audit"
	"sallyport/store"
)

// nameField asks how pages greet the customer, which is no attribute.
const nameField = "name"

const (
	maxProfileText = 200 // characters of an answer
	profilePrefix  = "field-"
)

// ProfileField is one question of the page for what is missing about a customer.
type ProfileField struct {
	Name  string // of the attribute, or "name"
	Input string // under which the form brings the answer
	Title string
	Why   string // what it is kept for; empty of the name
	Type  string // text, number, boolean, date
	Value string // what was typed
	Wrong bool   // and is no answer
}

// profile is the task of saying what is missing about a customer, a few things at a
// time. Customers say of themselves what the configuration lets them say, and nothing
// else: a rule never decides by it.
type profile struct{}

func (p *profile) Look(_ context.Context, w *Walk) (journey.Found, any, error) {
	fields := missing(w)
	return journey.Found{Needed: len(fields) > 0}, fields, nil
}

// missing are the next questions.
func missing(w *Walk) (fields []ProfileField) {
	for _, name := range w.Step.Fields {
		f := ProfileField{Name: name, Input: profilePrefix + name, Title: "Your name", Type: "text"}
		if name == nameField {
			if w.Customer.Name != "" {
				continue
			}
		} else {
			spec := w.Snapshot.Attribute(config.OfCustomer, name)
			if _, has := w.Customer.Attributes[name]; has || spec == nil || !spec.SelfService {
				continue
			}
			f.Title, f.Type, f.Why = spec.Title, spec.Type, spec.Purpose
			if f.Title == "" {
				f.Title = name
			}
		}
		fields = append(fields, f)
	}
	if most := w.Step.Most; most > 0 {
		fields = fields[:min(len(fields), most)]
	}
	return fields
}

func (p *profile) Do(_ context.Context, w *Walk, form url.Values) (journey.Performed, error) {
	fields, answers, wrong := missing(w), map[string]string{}, false
	for i := range fields {
		f := &fields[i]
		f.Value = form.Get(f.Input)
		answer, ok := f.read()
		f.Wrong = !ok
		answers[f.Name], wrong = answer, wrong || !ok
	}
	if wrong {
		w.Show(fields)
		return journey.Performed{Verdict: journey.NoMatch}, nil
	}
	c, names := w.Customer, slices.Sorted(maps.Keys(answers))
	c.Attributes, c.Updated = maps.Clone(c.Attributes), w.run.cfg.Now()
	if c.Attributes == nil {
		c.Attributes = map[string]string{}
	}
	for name, answer := range answers {
		if name == nameField {
			c.Name = answer
			continue
		}
		c.Attributes[name] = answer
	}
	event := w.Event(audit.ProfileGiven, profileDetail{w.run.journey.Name(), names})
	w.Write(func(ctx context.Context, tx store.Tx) error {
		return firstError(
			func() error { return tx.UpdateCustomer(ctx, c) },
			func() error { return tx.Audit(ctx, event) },
		)
	})
	w.Became(c)
	return journey.Performed{Verdict: journey.Match}, nil
}

type profileDetail struct {
	Journey string   `json:"journey"`
	Fields  []string `json:"fields"` // names, never what was said
}

// read gives an answer in the form in which it is kept.
func (f *ProfileField) read() (string, bool) {
	text, err := customer.Text(strings.TrimSpace(f.Value), maxProfileText)
	if err != nil || text == "" {
		return "", false
	}
	switch f.Type {
	case "number":
		n, ok := new(big.Rat).SetString(text)
		return text, ok && n != nil && len(text) <= 40 && !strings.ContainsAny(text, "/eEpPxX_")
	case "boolean":
		return text, text == "true" || text == "false"
	case "date":
		_, err := time.Parse(time.DateOnly, text)
		return text, err == nil
	}
	return text, true
}
