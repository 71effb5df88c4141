package console

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"sallyport/pure/config"
	"sallyport/service/environment"
	"sallyport/service/operator"
	"sallyport/service/promotion"
	"sallyport/web/design"
)

// askPromote lets the operator choose where to promote from, and shows what that
// would mean here.
func (x *exchange) askPromote() { x.promoteForm(x.r.URL.Query().Get("from"), nil) }

// sources are the environments of the tenant that can be promoted from: others, whose
// configuration the operator may read.
func (x *exchange) sources() []*environment.Live {
	var all []*environment.Live
	for _, live := range x.cfg.Registry.Environments() {
		at := operator.Place{Tenant: live.Tenant, Environment: live.Name}
		if live != x.live && live.Tenant == x.live.Tenant && !live.System() && x.who.May(operator.ReadConfiguration, at) {
			all = append(all, live)
		}
	}
	slices.SortFunc(all, func(a, b *environment.Live) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// source is the one of a name; nil for none.
func (x *exchange) source(name string) *environment.Live {
	for _, live := range x.sources() {
		if live.Name == name {
			return live
		}
	}
	return nil
}

// asked is what somebody wrote about a proposal, and what is wrong with it.
type asked struct{ title, reason, field, wrong string }

func (x *exchange) promoteForm(from string, a *asked) {
	options := []design.Option{{Value: "", Label: "Choose"}}
	for _, live := range x.sources() {
		options = append(options, design.Option{Value: live.Name, Label: live.Name})
	}
	s := sheet{Title: "Promote to " + x.live.Name, Trail: []design.Place{x.above("Changes", "changes")}}
	if len(options) == 1 {
		s.Parts = []part{{Empty: &design.Empty{What: "There is no other environment of this tenant that you may read.", Do: "sallyport env create " + x.live.Tenant + "/preview"}}}
		x.show(s)
		return
	}
	s.Parts = []part{{Filter: &filter{
		Fields: []design.Field{{Name: "from", Label: "From", Options: options, Value: from}}, Button: "Review",
	}}}
	live := x.source(from)
	if live == nil {
		x.show(s)
		return
	}
	r, tree, err := x.cfg.Registry.Revision(x.r.Context(), live, 0)
	if err != nil {
		x.failed(err)
		return
	}
	if a == nil {
		a = &asked{title: fmt.Sprintf("Promote revision %d of %s", r.Number, live.Name)}
	}
	base := x.head()
	proposal := promotion.Proposal{Tree: tree, Base: base, Title: "preview", Source: sourceText(live, r)}
	shown, err := x.cfg.Promotion.Preview(x.r.Context(), x.live, proposal, x.by())
	if err != nil {
		x.refusedChange(err)
		return
	}
	judged, err := x.judgedOf(shown)
	if err != nil {
		x.failed(err)
		return
	}
	s.Parts = append(s.Parts, x.reviewParts(shown, judged)...)
	s.Beside = gateParts(shown, judged)
	s.Parts = append(s.Parts, part{Heading: "Propose it", ID: "propose", Form: proposalForm(*a, []design.Hidden{
		{Name: "from", Value: from}, {Name: "revision", Value: strconv.FormatInt(r.Number, 10)}, {Name: "base", Value: strconv.FormatInt(base, 10)},
	})})
	if a.wrong != "" {
		s.Status = 422
	}
	x.show(s)
}

func sourceText(live *environment.Live, r environment.Revision) string {
	return fmt.Sprintf("%s/%s revision %d", live.Tenant, live.Name, r.Number)
}

// head is the environment's newest revision, as this node has it.
func (x *exchange) head() int64 {
	if s := x.live.Snapshot(); s != nil {
		return s.Revision
	}
	return 0
}

func proposalForm(a asked, hidden []design.Hidden, more ...design.Field) *design.Form {
	title := design.Field{Name: "title", Label: "Title", Hint: "One line.", Value: a.title, Autocomplete: "off", MaxLength: promotion.MaxTitle}
	reason := reasonField("")
	reason.Value = a.reason
	form := &design.Form{Hidden: hidden, Fields: append(more, title, reason), Submit: design.Button{Label: "Propose change"}}
	for i := range form.Fields {
		if f := &form.Fields[i]; f.Name == a.field {
			f.Wrong = a.wrong
		}
	}
	if a.wrong != "" {
		form.Problem = &design.Summary{What: a.wrong, Field: a.field}
	}
	return form
}

// proposal reads what somebody wrote about a proposal.
func (x *exchange) proposal() asked {
	a := asked{title: strings.ToValidUTF8(strings.TrimSpace(x.r.PostForm.Get("title")), "\uFFFD")}
	a.reason, a.wrong = x.reason()
	if a.wrong != "" {
		a.field = "reason"
	}
	if a.title == "" || len(a.title) > promotion.MaxTitle {
		a.field, a.wrong = "title", "Say in one line what it is"
	}
	return a
}

// promote proposes the revision that was looked at, upon the base that was looked at.
func (x *exchange) promote() {
	from := x.r.PostForm.Get("from")
	live, a := x.source(from), x.proposal()
	number, err := strconv.ParseInt(x.r.PostForm.Get("revision"), 10, 64)
	base, wrong := strconv.ParseInt(x.r.PostForm.Get("base"), 10, 64)
	switch {
	case live == nil, err != nil, wrong != nil, number < 1, base < 0:
		x.declined("There is nothing to promote from there.", "Choose an environment, and look at what it would change.")
		return
	case a.wrong != "":
		x.promoteForm(from, &a)
		return
	}
	r, tree, err := x.cfg.Registry.Revision(x.r.Context(), live, number)
	if err != nil {
		x.failed(err)
		return
	}
	x.propose(promotion.Proposal{Tree: tree, Base: base, Title: a.title, Reason: a.reason, Source: sourceText(live, r)})
}

func (x *exchange) propose(p promotion.Proposal) {
	shown, err := x.cfg.Promotion.Propose(x.r.Context(), x.live, p, x.by())
	if err != nil {
		x.refusedChange(err)
		return
	}
	x.finish(nil, "change-proposed", x.here("changes", strconv.FormatInt(shown.Change.Number, 10)))
}

// maxEdited is how large a file may be that is edited here.
const maxEdited = 256 << 10

// askEdit lists the files of the newest revision, or opens one.
func (x *exchange) askEdit() {
	_, tree, err := x.cfg.Registry.Revision(x.r.Context(), x.live, 0)
	if err != nil {
		x.failed(err)
		return
	}
	name := x.r.URL.Query().Get("file")
	content, known := tree.Files()[name]
	if !known || !editable(content) {
		x.editList(tree)
		return
	}
	x.editForm(name, string(content), asked{title: "Edit " + name}, x.head(), nil)
}

func editable(content []byte) bool {
	return len(content) <= maxEdited && strings.ToValidUTF8(string(content), "") == string(content)
}

func (x *exchange) editList(tree *config.Tree) {
	table := &design.Table{Columns: []design.Column{{Label: "File"}, {Label: "Bytes", Number: true}}}
	files := tree.Files()
	for _, name := range slices.Sorted(maps.Keys(files)) {
		row := design.Row{Cells: []design.Cell{design.Code(name), design.Text(grouped(int64(len(files[name]))))}}
		if editable(files[name]) {
			row.URL = query(x.r.URL.Path, "file", name)
		}
		table.Rows = append(table.Rows, row)
	}
	x.show(sheet{Title: "Edit a file", Trail: []design.Place{x.above("Changes", "changes")}, Parts: []part{{
		Lead: "An edit is proposed as a change. Once it is applied, sallyport pull writes it back to the files that you keep.", Table: table,
	}}})
}

func (x *exchange) editForm(name, text string, a asked, base int64, problems []config.Problem) {
	field := design.Field{Name: "text", Label: name, Value: text, Rows: 24, Code: true, MaxLength: maxEdited}
	form := proposalForm(a, []design.Hidden{{Name: "file", Value: name}, {Name: "base", Value: strconv.FormatInt(base, 10)}}, field)
	for _, p := range problems {
		if p.Severity == config.Error {
			form.Problem.More = append(form.Problem.More, design.Mistake{What: p.String(), Field: "text"})
		}
	}
	s := sheet{
		Title: "Edit " + name, Trail: []design.Place{x.above("Changes", "changes"), x.above("Edit a file", "edit")},
		Parts: []part{{Form: form}},
	}
	if a.wrong != "" {
		s.Status = 422
	}
	x.show(s)
}

// edit proposes the tree with one file as it was written.
func (x *exchange) edit() {
	name, a := x.r.PostForm.Get("file"), x.proposal()
	text := strings.ReplaceAll(x.r.PostForm.Get("text"), "\r\n", "\n")
	base, err := strconv.ParseInt(x.r.PostForm.Get("base"), 10, 64)
	if err != nil || base < 1 {
		x.declined("The form does not say which revision was edited.", "Open the file again.")
		return
	}
	_, tree, err := x.cfg.Registry.Revision(x.r.Context(), x.live, base)
	if err != nil {
		x.failed(err)
		return
	}
	files := tree.Files()
	if _, known := files[name]; !known {
		x.declined("The revision has no such file.", "Choose one of the list.")
		return
	}
	if !editable([]byte(text)) {
		a.field, a.wrong = "text", "The file is larger than may be edited here"
	}
	if a.wrong != "" {
		x.editForm(name, text, a, base, nil)
		return
	}
	files[name] = []byte(text)
	edited, problems := config.Parse(files)
	if !config.Refused(problems) {
		_, _, err = x.cfg.Registry.Compiled(x.live, edited)
		var invalid *environment.InvalidError
		if errors.As(err, &invalid) {
			problems = invalid.Problems
		}
	}
	if config.Refused(problems) {
		a.field, a.wrong = "text", "The configuration is not valid"
		x.editForm(name, text, a, base, problems)
		return
	}
	x.propose(promotion.Proposal{Tree: edited, Base: base, Title: a.title, Reason: a.reason, Source: "an edit in the console"})
}
