package console

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"sallyport/pure/config"
	"sallyport/service/promotion"
	"sallyport/web/design"
)

// scopeFields are what the form asks for, beside the reason.
var scopeFields = [...]design.Field{
	{Name: "name", Label: "Name", Hint: "app.verb.target, such as billing.read.invoice.", MaxLength: 200},
	{Name: "server", Label: "Authorization server"},
	{Name: "kind", Label: "Kind", Hint: "Customer scopes need a signed-in person, system scopes a machine."},
	{Name: "shown", Label: "Title", Hint: "Customers are asked for their consent with it.", MaxLength: 200, Optional: true},
	{Name: "parent", Label: "Parent", Hint: "A scope that opens what this one opens, and more.", MaxLength: 200, Optional: true},
	{Name: "owner", Label: "Owner", Hint: "Becomes the tag owner.", MaxLength: 64, Optional: true},
	{Name: "assign", Label: "Assign to", Hint: "Applications, with spaces between them.", MaxLength: 2000, Optional: true},
	{Name: "policy", Label: "Policy", MaxLength: 63, Optional: true},
	{Name: "rules", Label: "Rules", Hint: "Of the policy, to list it. Left out: its only rule that allows.", MaxLength: 2000, Optional: true},
	{Name: "groups", Label: "Entitled groups", Hint: "Where the server has a table of entitlements.", MaxLength: 2000, Optional: true},
	{Name: "operations", Label: "Opens", Hint: "Operations as api/operationId, with spaces between them.", MaxLength: 4000, Optional: true},
}

// askScope asks for a new scope.
func (x *exchange) askScope() {
	x.scopeForm(func(name string) string {
		if name == "server" {
			return x.r.URL.Query().Get("server")
		}
		return ""
	}, x.head(), "", nil)
}

// scopeForm shows the form with what was given, and what is against it.
func (x *exchange) scopeForm(given func(string) string, base int64, wrong string, problems []config.Problem) {
	form := &design.Form{
		Hidden: []design.Hidden{{Name: "base", Value: strconv.FormatInt(base, 10)}},
		Submit: design.Button{Label: "Propose scope"},
	}
	for _, f := range scopeFields {
		f.Value, f.Autocomplete = given(f.Name), "off"
		switch f.Name {
		case "server":
			for _, name := range slices.Sorted(maps.Keys(x.live.Snapshot().Servers)) {
				f.Options = append(f.Options, design.Option{Value: name, Label: name})
			}
		case "kind":
			for _, kind := range []string{"customer-read", "customer-write", "system-read", "system-write"} {
				f.Options = append(f.Options, design.Option{Value: kind, Label: kind})
			}
		}
		form.Fields = append(form.Fields, f)
	}
	reason := reasonField("")
	reason.Value = given("reason")
	form.Fields = append(form.Fields, reason)
	s := sheet{Title: "Propose a scope", Trail: []design.Place{x.above("Changes", "changes")}, Parts: []part{{
		Lead: "It becomes a change, which shows what the scope opens, who gains it and what is missing. Nobody has it before that is applied.", Form: form,
	}}}
	if wrong != "" || len(problems) > 0 {
		s.Status = 422
		form.Problem = &design.Summary{What: wrong, Field: "reason"}
		if wrong == "" {
			form.Problem = &design.Summary{What: "The scope cannot be taken in", Field: "name"}
		}
		for _, p := range problems {
			form.Problem.More = append(form.Problem.More, design.Mistake{What: strings.TrimSuffix(p.String()+"; "+p.Fix, "; "), Field: "name"})
		}
	}
	x.show(s)
}

// proposeScope proposes the revision that was looked at with one scope more.
func (x *exchange) proposeScope() {
	given := func(name string) string {
		return strings.ToValidUTF8(strings.TrimSpace(x.r.PostForm.Get(name)), "\uFFFD")
	}
	base, err := strconv.ParseInt(given("base"), 10, 64)
	if err != nil || base < 1 {
		x.declined("The form does not say which revision was looked at.", "Open the form again.")
		return
	}
	reason, wrong := x.reason()
	if wrong != "" {
		x.scopeForm(given, base, wrong, nil)
		return
	}
	a, err := admission(given)
	if err != nil {
		x.scopeForm(given, base, asSentence(err.Error()), nil)
		return
	}
	_, tree, err := x.cfg.Registry.Revision(x.r.Context(), x.live, base)
	if err != nil {
		x.failed(err)
		return
	}
	edited, problems := config.Admit(tree, a)
	if edited == nil {
		x.scopeForm(given, base, "", problems)
		return
	}
	x.propose(promotion.Proposal{Tree: edited, Base: base, Title: "New scope " + a.Scope.Name, Reason: reason, Source: "a scope proposed in the console"})
}

// admission reads the form.
func admission(given func(string) string) (config.Admission, error) {
	a := config.Admission{
		Server: given("server"), Policy: given("policy"),
		Scope: config.ScopeSpec{Name: given("name"), Kind: given("kind"), Title: given("shown"), Parent: given("parent")},
	}
	if owner := given("owner"); owner != "" {
		a.Scope.Tags = map[string]string{"owner": owner}
	}
	for _, one := range []struct {
		name string
		into *[]string
	}{{"assign", &a.Applications}, {"rules", &a.Rules}, {"groups", &a.Groups}, {"operations", &a.Operations}} {
		var err error
		if *one.into, err = namesIn(given(one.name)); err != nil {
			return a, err
		}
	}
	return a, nil
}
