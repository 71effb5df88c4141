package console

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"sallyport/pure/customer"
	"sallyport/pure/migrate"
	"sallyport/pure/rival"
	"sallyport/service/intake"
	"sallyport/service/operator"
	"sallyport/web/design"
)

// takeBack is what a form says that takes a decision back.
const takeBack = "back"

// shownSide is how many claimants stand side by side.
const shownSide = 50

// actionWords say what each decision does.
var actionWords = map[rival.Action]struct{ label, hint string }{
	rival.Merge:  {"One person", "The record below becomes the person; the others end in it, with their passwords and factors."},
	rival.Split:  {"Several persons", "Each becomes one. The identifier stays with the record below, or goes to nobody."},
	rival.Suffix: {"Several persons, with a suffix", "The record below keeps the username; the others get a number behind it."},
	rival.Ask:    {"Ask the customer", "Each becomes a person without the identifier, and is asked later."},
	rival.Drop:   {"Leave them out", "None becomes a person, but for the record below."},
}

// kindWords are what is claimed.
var kindWords = map[customer.IdentifierKind]string{customer.Email: "e-mail address", customer.Phone: "phone number", customer.Username: "username"}

// group is the one of the address: false was answered. What goes wrong where nobody
// may read records is told without them.
func (x *exchange) group() (migration string, g intake.RivalGroup, ok bool) {
	m := x.askedMigration()
	if m == nil {
		return "", g, false
	}
	if len(x.values["group"]) > maxGroup {
		x.missing()
		return m.Name, g, false
	}
	g, err := x.cfg.Intake.Rival(x.r.Context(), x.live.ID, m.Name, x.values["group"])
	if err != nil {
		x.failed(err)
	}
	return m.Name, g, err == nil
}

// duplicate shows who claims one identifier, side by side, and asks who is who.
func (x *exchange) duplicate() {
	if migration, g, ok := x.group(); ok {
		x.showGroup(migration, &g, nil, "", "")
	}
}

// showGroup shows a group, with what is wrong with the decision that was sent.
func (x *exchange) showGroup(migration string, g *intake.RivalGroup, tried *rival.Decision, field, wrong string) {
	if !x.sawGroups(migration, []intake.RivalGroup{*g}) {
		return
	}
	s := x.aboutMigration(migration, "duplicates", "Who is who")
	s.Trail = append(s.Trail, x.above("Duplicates", "migrations", migration, "duplicates"))
	s.Parts = []part{
		{Lead: grouped(int64(len(g.Claimants))) + " claim the " + kindWords[g.Kind] + " " + spelledBy(g) + ". Proved by " + proofWords(g) + "."},
		{Table: x.sideBySide(migration, g)},
		{Note: groupNote(g), Calm: true},
	}
	if x.mayDecide() && !carriedOut(g) {
		form := decisionForm(g, tried)
		mistaken(form, field, wrong)
		if wrong != "" {
			s.Status = http.StatusUnprocessableEntity
		}
		s.Parts = append(s.Parts, part{Heading: "Decide", ID: "decide", Form: form})
		if g.Decision != nil {
			s.Parts = append(s.Parts, part{Heading: "Or have them wait", Form: &design.Form{
				Lead: []string{"Without a decision the records stay held."}, Hidden: seenDecision(g, takeBack), Submit: design.Button{Label: "Take the decision back", Quiet: true, Danger: true},
			}})
		}
	}
	x.show(s)
}

// carriedOut tells whether records stand where the decision put them: it stays.
func carriedOut(g *intake.RivalGroup) bool {
	return g.Decision != nil && slices.ContainsFunc(g.Claimants, func(c intake.RivalClaimant) bool {
		switch migrate.Reason(c.Reason) {
		case rival.MergedInto, rival.SplitOff, rival.Suffixed, rival.Asked:
			return true
		}
		return g.Decision.Do == rival.Drop && c.State == "dropped" && c.Reason == string(g.Decision.Reason)
	})
}

func groupNote(g *intake.RivalGroup) *design.Note {
	switch {
	case carriedOut(g):
		return &design.Note{Mark: design.Good("Carried out"), Text: upper(decisionWords(*g.Decision)) + ".", Do: "Decided by " + g.By + "."}
	case g.Decision != nil:
		return &design.Note{Mark: design.Good("Decided"), Text: upper(decisionWords(*g.Decision)) + ".", Do: "By " + g.By + ". The next import or retry carries it out, once."}
	case g.Open():
		return &design.Note{Mark: design.Waiting("Suggested"), Text: upper(decisionWords(g.Suggested)) + ".", Do: asSentence(g.Why)}
	}
	return &design.Note{Mark: design.Plain("Settled"), Text: "Nobody waits here.", Do: "A decision counts for records that an import still looks at."}
}

// sideBySide compares those who claim it.
func (x *exchange) sideBySide(migration string, g *intake.RivalGroup) *design.Table {
	t := &design.Table{Columns: design.Columns("Who", "State", "Proved", "Name", "Identifiers", "Made", "Signs in by")}
	for i, c := range g.Claimants {
		if i == shownSide {
			t.Caption = "The first " + strconv.Itoa(shownSide) + " of " + grouped(int64(len(g.Claimants)))
			break
		}
		row := design.Row{Cells: []design.Cell{
			design.Code(c.Key), design.State(recordMark(c.State)), proved(c.Verified), design.Text(c.Name), identifiersCell(c.Identifiers), design.Instant(c.Created), signsIn(&c),
		}}
		if c.Key != "" {
			row.URL = query(x.here("migrations", migration, "record"), "key", c.Key)
		} else {
			row.Cells[0], row.Cells[1] = x.customerCell(c.Customer), design.State(design.Good("A customer"))
		}
		if c.Disabled {
			row.Cells[1].Note = "disabled"
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func proved(is bool) design.Cell {
	if is {
		return design.State(design.Good("Yes"))
	}
	return design.State(design.Plain("No"))
}

func identifiersCell(all []rival.Identifier) (cell design.Cell) {
	for _, id := range all {
		one := design.Cell{Text: id.Display}
		if id.Display == "" {
			one.Text = id.Value
		}
		if id.Kind != customer.Username && id.Verified {
			one.Note = "verified"
		}
		cell.List = append(cell.List, one)
	}
	return cell
}

func signsIn(c *intake.RivalClaimant) design.Cell {
	var ways []string
	if c.Password {
		ways = append(ways, "password")
	}
	for _, n := range []struct {
		n    int
		what string
	}{{c.Factors, "factor"}, {c.Passkeys, "passkey"}, {c.Links, "link"}} {
		if n.n > 0 {
			ways = append(ways, many(int64(n.n), n.what))
		}
	}
	return design.Text(strings.Join(ways, ", "))
}

// seenDecision binds a form to the decision that was seen.
func seenDecision(g *intake.RivalGroup, do string) []design.Hidden {
	all := []design.Hidden{{Name: "seen", Value: strconv.FormatInt(g.Version, 10)}}
	if do != "" {
		all = append(all, design.Hidden{Name: "do", Value: do})
	}
	return all
}

// decisionForm asks for a decision, beginning with the one that was tried, is kept,
// or is suggested.
func decisionForm(g *intake.RivalGroup, tried *rival.Decision) *design.Form {
	d := g.Suggested
	if g.Decision != nil {
		d = *g.Decision
	}
	if tried != nil {
		d = *tried
	}
	do := design.Field{Name: "do", Label: "They are", Choices: design.One}
	for _, a := range rival.Actions() {
		if a == rival.Suffix && g.Kind != customer.Username {
			continue
		}
		do.Options = append(do.Options, design.Option{Value: string(a), Label: actionWords[a].label, Hint: actionWords[a].hint, Chosen: a == d.Do})
	}
	record := design.Field{Name: "record", Label: "Record", Hint: "Which becomes the person, or keeps the identifier. None: of several persons nobody has it.", Value: d.Into + d.Keeps, Optional: true, Options: []design.Option{{Label: "none"}}}
	for _, key := range d.Claimants {
		record.Options = append(record.Options, design.Option{Value: key, Label: key})
	}
	take := design.Field{Name: "take", Label: "What one person takes over of the others", Choices: design.Many, Optional: true, Options: []design.Option{
		{Value: rival.TakeIdentifiers, Label: "What they could be found by"},
		{Value: rival.TakeLinks, Label: "Who they are elsewhere", Hint: "Only where all proved the identifier."},
		{Value: rival.TakeProfile, Label: "Name and attributes that the person lacks"},
	}}
	for i := range take.Options {
		take.Options[i].Chosen = slices.Contains(d.Take, take.Options[i].Value)
	}
	form := &design.Form{Hidden: seenDecision(g, ""), Fields: []design.Field{do, record, take}, Submit: design.Button{Label: "Keep the decision"}}
	if g.Kind == customer.Username {
		form.Fields = append(form.Fields, design.Field{Name: "suffix", Label: "Suffix", Hint: "# stands for a number. Left out: -#", Value: d.Suffix, MaxLength: 20, Autocomplete: "off", Optional: true})
	}
	form.Fields = append(form.Fields, design.Field{Name: "why", Label: "Why they are left out", Hint: "A word for the ledger, such as test-account.", Value: string(d.Reason), MaxLength: 63, Autocomplete: "off", Optional: true})
	return form
}

// decide keeps the decision of the form, or takes one back.
func (x *exchange) decide() {
	migration, g, ok := x.group()
	if !ok {
		return
	}
	seen, err := strconv.ParseInt(x.r.PostForm.Get("seen"), 10, 64)
	if err != nil {
		seen = -1 // of no decision that there ever was
	}
	d, word := x.decisionOf(&g), "duplicates-decided"
	if d == nil {
		word = "duplicates-taken-back"
	}
	_, err = x.cfg.Intake.Decide(x.r.Context(), intake.RivalChange{Env: x.live.ID, Migration: migration, Group: g.ID, Version: seen, Decision: d, Actor: x.who.Actor()})
	switch {
	case errors.Is(err, rival.ErrDecision) && x.who.May(operator.ReadRecords, x.place()):
		field, wrong := undecided(d, err)
		x.showGroup(migration, &g, d, field, wrong)
	case errors.Is(err, rival.ErrDecision):
		x.declined(asSentence(err.Error()), "Somebody who may read records can decide.")
	case errors.Is(err, intake.ErrDecidedMeanwhile):
		x.declined("Somebody else decided meanwhile, or you looked at the group before it changed.", "Open it again.")
	case errors.Is(err, intake.ErrApplied):
		x.declined("The decision was carried out already.", "Undo the run, or go on with the customers as they are.")
	case errors.Is(err, intake.ErrUnfinished):
		x.declined("An import of the migration is not finished, and goes by the decisions that it began with.", "Decide when it is done, or cancel it first.")
	default:
		x.finish(err, word, x.here("migrations", migration, "duplicates"))
	}
}

// undecided says what is wrong with a decision in the form's words.
func undecided(d *rival.Decision, err error) (field, wrong string) {
	switch {
	case actionWords[d.Do].label == "":
		return "do", "Choose what they are"
	case d.Do == rival.Merge && d.Into == "":
		return "record", "Choose the record that becomes the person"
	case d.Do == rival.Drop && d.Reason == "":
		return "why", "Say why they are left out"
	}
	return "", asSentence(strings.TrimPrefix(err.Error(), rival.ErrDecision.Error()+": "))
}

// decisionOf reads the form; nil takes back.
func (x *exchange) decisionOf(g *intake.RivalGroup) *rival.Decision {
	form := x.r.PostForm
	do := form.Get("do")
	if do == takeBack {
		return nil
	}
	d := &rival.Decision{Do: rival.Action(do), Kind: g.Kind, Claimants: g.Suggested.Claimants}
	switch d.Do {
	case rival.Merge:
		d.Into, d.Take = form.Get("record"), form["take"]
	case rival.Suffix:
		d.Keeps, d.Suffix = form.Get("record"), strings.TrimSpace(form.Get("suffix"))
	case rival.Drop:
		d.Keeps, d.Reason = form.Get("record"), migrate.Reason(strings.TrimSpace(form.Get("why")))
	case rival.Split, rival.Ask:
		d.Keeps = form.Get("record")
	}
	return d
}
