package design

import "time"

// sample is a component as the living page shows it.
type sample struct {
	Name    string // of its template; of a pattern: of its class
	Variant string // what is special about this one
	When    string // when to use it
	Takes   string // the type of its data
	Data    any
	Raw     string // markup of a pattern, which has no template
}

type group struct {
	ID, Title string
	Samples   []sample
}

// samples are the components in the order in which a page needs them.
func samples(at string) []group {
	return []group{
		{"about", "Ways about", waySamples(at)},
		{"lists", "Lists", listSamples(at)},
		{"facts", "Facts and figures", factSamples(at)},
		{"states", "States and notes", stateSamples(at)},
		{"forms", "Forms", formSamples(at)},
	}
}

// sampleTime is when samples happen.
func sampleTime() time.Time { return time.Date(2026, time.November, 22, 10, 42, 5, 0, time.UTC) }

func waySamples(at string) []sample {
	return []sample{
		{Name: "ribbon", When: "Above every page of an environment: a word, and a pattern where no real customers are.", Takes: "Ribbon", Data: Ribbon{Word: "Preview", Text: "not for real customers"}},
		{Name: "ribbon", Variant: "real", When: "Plain and red where a mistake meets people.", Takes: "Ribbon", Data: Ribbon{Word: "Production", Real: true}},
		{Name: "tabs", When: "The pages of one thing. The page names them; the layouts put them below the title.", Takes: "Tabs", Data: Tabs{Label: "Customer", Places: []Place{{Label: "Facts", URL: at + "#facts", Current: true}, {Label: "Timeline", URL: at + "#lists"}, {Label: "Rights", URL: at + "#states"}}}},
		{Name: "toolbar", When: "What can be done with a list, and a word about it.", Takes: "Toolbar", Data: Toolbar{Text: "12 waves, 3 of them running", Buttons: []Button{{Label: "Start wave", URL: at + "/form", Dialog: true}, {Label: "Export as CSV", URL: at + "#lists", Quiet: true}}}},
		{Name: "buttons", When: "Verbs with their object. One button is the way most come for; others are quiet; red takes something away; one that cannot be pressed says why.", Takes: "[]Button", Data: []Button{
			{Label: "Apply revision", URL: at + "#about"},
			{Label: "Compare revisions", URL: at + "#about", Quiet: true},
			{Label: "Disable customer", URL: at + "/form", Dialog: true, Danger: true},
			{Label: "Approve change", Disabled: "You wrote it: somebody else approves."},
		}},
		{Name: "button", When: "One of them alone: a link, or what sends its form.", Takes: "Button", Data: Button{Label: "Rotate secret", URL: at + "/form", Dialog: true, Quiet: true}},
		{Name: "pager", When: "Below a list that goes on. Nothing is counted, so page 4,000 is as quick as the first.", Takes: "Pager", Data: Pager{Newer: at + "#lists", NewerLabel: "Newer", OlderLabel: "Older"}},
	}
}

func listSamples(at string) []sample {
	return []sample{
		{Name: "search", When: "The field of a list, reached by the key /. Terms can be taken out, and starters begin.", Takes: "Search", Data: Search{
			Label: "Find events", Hint: "Such as result:!ok after:24h", Name: "q", Value: "actor:rita result:!ok", Button: "Find events", MaxLength: 200,
			Terms:    []Place{{Label: "actor:rita", URL: at + "#lists"}, {Label: "result:!ok", URL: at + "#lists"}},
			Starters: []Place{{Label: "Refusals of the last day", URL: at + "#lists"}, {Label: "Changes to roles", URL: at + "#lists"}},
		}},
		{Name: "table", When: "Things of a kind. The first cell is the row's name and leads to its page; the whole row opens it. Under 640 px rows are cards. j and k go from row to row.", Takes: "Table", Data: sampleTable(at)},
		{Name: "table", Variant: "with rows to choose", When: "When something is done with several at once. Shift chooses a range; without script the buttons stand there all the same.", Takes: "Table", Data: sampleChoice(at)},
		{Name: "table", Variant: "empty", When: "A list without rows says what it would hold, and one thing to do.", Takes: "Table", Data: Table{Columns: Columns("Wave"), Empty: Empty{What: "No wave is planned yet.", Do: "Assess an export first.", Ways: []Button{{Label: "Plan wave", URL: at + "/form", Dialog: true}}}}},
		{Name: "matrix", When: "Who can have what. Arrow keys move, Enter explains in a panel beside it; every cell is a link all the same.", Takes: "Matrix", Data: sampleMatrix(at)},
		{Name: "timeline", When: "What happened to one thing, newest first.", Takes: "[]Moment", Data: []Moment{
			{At: sampleTime(), What: "Signed in at My Account", Mark: Good("OK"), Who: "Dana Reyes", Note: "From a known device"},
			{At: sampleTime().Add(-time.Hour), What: "Voice factor reset", URL: at + "#lists", Who: "Rita", Note: "Reason: new landline"},
			{At: sampleTime().Add(-26 * time.Hour), What: "Password refused", Mark: Bad("Refused"), Who: "somebody at 203.0.113.9"},
		}},
	}
}

func sampleTable(at string) Table {
	return Table{
		Columns: []Column{{Label: "Application"}, {Label: "Type"}, {Label: "State"}, {Label: "Client id"}, {Label: "Last used"}, {Label: "Calls", Number: true}},
		Rows: []Row{
			{URL: at + "#lists", Cells: []Cell{Text("My Account"), Text("web"), State(Good("In use")), ID("my-account"), Instant(sampleTime()), Text("48,210")}},
			{URL: at + "#lists", Cells: []Cell{Text("PayRight"), Text("machine"), State(Warning("Secret ends in 6 days")), ID("payright"), Instant(sampleTime().Add(-9 * time.Minute)), Text("1,204")}},
			{URL: at + "#lists", Cells: []Cell{{Text: "SunShare Solar", Note: "partner"}, Text("machine"), State(Bad("Refused")), ID("sunshare"), Instant(sampleTime().Add(-49 * time.Hour)), Text("17")}},
			{URL: at + "#lists", Cells: []Cell{Text("Rebate shop"), Text("browser"), State(Waiting("Awaits approval")), ID("rebate-shop"), {}, Text("0")}},
		},
		Pager: Pager{NewerLabel: "Newer", Older: at + "#lists", OlderLabel: "Older"},
	}
}

func sampleChoice(at string) Table {
	return Table{
		Columns: Columns("Customer", "State", "Groups"),
		Rows: []Row{
			{URL: at + "#lists", Value: "cus_1", Cells: []Cell{Text("dana.reyes"), State(Good("Active")), {Tags: []Place{{Label: "residential"}}}}},
			{URL: at + "#lists", Value: "cus_2", Cells: []Cell{Text("otis.bell"), State(Waiting("One step left")), {Tags: []Place{{Label: "residential"}, {Label: "landlords"}}}}},
			{URL: at + "#lists", Value: "cus_3", Cells: []Cell{Text("priya.nair"), State(Bad("Disabled")), {Tags: []Place{{Label: "commercial"}}}}},
		},
		Select: &Select{Name: "customer", Noun: "customers", Action: at, Buttons: []Button{{Label: "Sign out customers", Name: "do", Value: "sign-out"}, {Label: "Disable customers", Name: "do", Value: "disable", Quiet: true, Danger: true}}},
	}
}

func sampleMatrix(at string) Matrix {
	m := Matrix{
		Caption: "What applications can obtain", Corner: "Application",
		Columns: []string{"billing.read.bill", "billing.write.payment", "payments.write.posting", "usage.read.interval"},
	}
	for _, row := range []struct{ name, cells string }{{"my-account", "gcnn"}, {"payright", "nngn"}, {"sunshare", "nnwg"}, {"rebate-shop", "unnn"}} {
		shown := MatrixRow{Label: row.name}
		for _, c := range row.cells {
			mark := map[rune]Mark{'g': Good("Granted"), 'c': Good("Conditional"), 'n': Plain("Denied"), 'w': Bad("Granted"), 'u': Waiting("Granted")}[c]
			note := map[rune]string{'w': "against what is expected", 'u': "untested"}[c]
			shown.Cells = append(shown.Cells, MatrixCell{Mark: mark, URL: at + "/explanation", Wrong: c == 'w', Dotted: c == 'c', Note: note})
		}
		m.Rows = append(m.Rows, shown)
	}
	return m
}

func sampleFacts() []Fact {
	return []Fact{
		{"State", State(Good("Live"))},
		{"Customer", ID("cus_7h2k9q4mx1")},
		{"Issuer", Code("https://id.harbourlight.test/apps")},
		{"Created", Instant(sampleTime())},
		{"Groups", Cell{Tags: []Place{{Label: "residential"}, {Label: "landlords"}}}},
		{"Names", Cell{List: []Cell{{Text: "dana.reyes", Note: "username, verified"}, {Text: "dana@home.test", Note: "e-mail, not verified"}}}},
	}
}

func factSamples(at string) []sample {
	return []sample{
		{Name: "facts", When: "What is known about one thing.", Takes: "[]Fact", Data: sampleFacts()},
		{Name: "tiles", When: "A few figures on a page that gives an overview; each leads to its list.", Takes: "[]Tile", Data: []Tile{
			{Label: "Sign-ins, last hour", Value: "98.4%", Note: "97.9% the week before", URL: "#facts"}, {Label: "Revision", Value: "41", Note: "is live", URL: "#facts"}, {Mark: Warning("Held"), Value: "12", Note: "9 by an unknown hash", URL: "#facts"},
		}},
		{Name: "changes", When: "What a change does, line by line. Widening lines stand first.", Takes: "[]Change", Data: []Change{
			{Kind: Added, Text: "partner-sunshare may have billing.write.payment", Note: "Opens POST /payments and POST /refunds to 1 application."},
			{Kind: Removed, Text: "rule night-shift of policy enterprise"},
			{Text: "lifetime of access tokens: 10m, was 5m"},
			{Kind: Added, Text: "my-account can now get billing.write.payment", Facts: []Fact{{"Who", Cell{Text: "any customer in landlords", Note: "about 200 now"}}, {"Opens", Code("POST /payments")}}},
		}},
		{Name: "progress", When: "How far a job has come, in words besides. With Refresh it looks again by itself while the job runs.", Takes: "Progress", Data: Progress{ID: "run-7f2", Label: "Wave 3", Done: 5214, Total: 10000, Words: "5,214 of 10,000, 12 held, 410 a second", Refresh: at}},
		{Name: "copy", When: "An id that people take elsewhere. Script adds the button.", Takes: "Cell", Data: ID("ref_5Q2M8K")},
		{Name: "tokenreader", When: "A token is pasted and read, in the browser alone. Without script it names the command that does the same.", Takes: "TokenReader", Data: TokenReader{
			Verify: "sallyport token inspect -", Ask: at, Servers: []Hidden{{"apps", "https://id.harbourlight.test/apps"}},
		}},
		{Name: "listing", When: "A command or a document, to read or to take away.", Takes: "Listing", Data: Listing{Label: "Command", Text: "sallyport access test --client partner-sunshare"}},
		{Name: "tags", When: "Short names that a thing bears.", Takes: "[]Place", Data: []Place{{Label: "pii"}, {Label: "partner", URL: "#facts"}}},
		{Name: "cell", When: "What tables and facts are filled with: words, a state, an instant, an id, tags, a list. design.Text, Code, ID, Link, State and Instant make them.", Takes: "Cell", Data: Cell{Text: "dana.reyes", Note: "username", URL: "#facts"}},
		{Name: "time", When: "An instant. It comes in UTC; script shows it in the reader's zone.", Takes: "time.Time", Data: sampleTime()},
		{Name: "steps", When: "What was looked at, in order. A pattern: an ordered list of this class.", Raw: `<ol class="steps"><li><b>client</b> is known</li><li><b>ceiling</b> holds every scope</li></ol>`},
	}
}

func stateSamples(at string) []sample {
	return []sample{
		{Name: "state", When: "Shape, word and colour. Good: as it should be.", Takes: "Mark", Data: Good("Live")},
		{Name: "state", Variant: "warning", When: "Somebody should look.", Takes: "Mark", Data: Warning("Ends in 6 days")},
		{Name: "state", Variant: "bad", When: "It failed, or is refused.", Takes: "Mark", Data: Bad("Refused")},
		{Name: "state", Variant: "waiting", When: "Not done yet.", Takes: "Mark", Data: Waiting("Awaits approval")},
		{Name: "state", Variant: "plain", When: "Neither.", Takes: "Mark", Data: Plain("Earlier")},
		{Name: "note", When: "Something beside the matter of the page: what, why, and what to do.", Takes: "Note", Data: Note{Mark: Bad("Wave 3 paused 10:42"), Text: "Calls are 212 an hour, above 180. Nobody is locked out.", Do: "Start it again when the queue is short.", Ways: []Button{{Label: "Back out wave 3", URL: at + "/form", Dialog: true, Quiet: true, Danger: true}}}},
		{Name: "note", Variant: "ok", When: "After something was done.", Takes: "Note", Data: Note{Mark: Good("Applied"), Text: "Revision 42 is live on every node."}},
		{Name: "note", Variant: "warning", When: "Before something is done.", Takes: "Note", Data: Note{Mark: Warning("Widens access"), Text: "One grant opens more than before; a second person approves it."}},
		{Name: "note", Variant: "plain", When: "For the record.", Takes: "Note", Data: Note{Text: "What you look for is recorded."}},
		{Name: "empty", When: "Nothing is here: what would be, and one thing to do.", Takes: "Empty", Data: Empty{What: "Nothing was imported yet.", Do: "sallyport migrate run NAME --file EXPORT --dry-run"}},
		{Name: "asof", When: "Under the title of figures that are not live.", Takes: "AsOf", Data: AsOf{At: sampleTime()}},
		{Name: "asof", Variant: "stale", When: "When they are older than they should be, and why.", Takes: "AsOf", Data: AsOf{At: sampleTime(), Stale: "the ledger does not answer"}},
	}
}

func formSamples(at string) []sample {
	form := sampleForm(at)
	form.Problem, form.Fields = nil, nil
	return []sample{
		{Name: "summary", When: "At the head of a form that came back. It takes the focus, and leads to the fields.", Takes: "Summary", Data: Summary{What: "Enter a reason", Field: "sample-reason", More: []Mistake{{What: "Choose how they were verified", Field: "sample-verified"}}, Reference: "ref_5Q2M8K"}},
		{Name: "field", When: "A question: its label above, then the hint, then the field.", Takes: "Field", Data: Field{Name: "sample-name", Label: "Name", Hint: "As colleagues read it", Type: "text", Autocomplete: "off", MaxLength: 100, Value: "Rita Moss"}},
		{Name: "field", Variant: "wrong", When: "What is wrong stands between label and field.", Takes: "Field", Data: Field{Name: "sample-reason", Label: "Reason", Type: "text", Autocomplete: "off", MaxLength: 200, Wrong: "Enter a reason"}},
		{Name: "field", Variant: "text area", When: "For several lines.", Takes: "Field", Data: Field{Name: "sample-note", Label: "Note", Optional: true, Rows: 3, MaxLength: 1000}},
		{Name: "field", Variant: "list", When: "One of many that people know.", Takes: "Field", Data: Field{Name: "sample-role", Label: "Role", Options: []Option{{Value: "auditor", Label: "Auditor"}, {Value: "help-desk", Label: "Help desk", Chosen: true}, {Value: "owner", Label: "Owner"}}}},
		{Name: "choices", When: "One of a few that need a word; it is a field with Choices One.", Takes: "Field", Data: Field{Name: "sample-verified", Label: "How were they verified?", Choices: One, Options: []Option{{Value: "code", Label: "By a code", Hint: "Sent to a channel on file", Chosen: true}, {Value: "call", Label: "By calling back", Hint: "The number on file"}}}},
		{Name: "choices", Variant: "many", When: "Several of a few; Choices Many.", Takes: "Field", Data: Field{Name: "sample-groups", Label: "Groups", Optional: true, Choices: Many, Options: []Option{{Value: "residential", Label: "Homes", Chosen: true}, {Value: "landlords", Label: "Landlords"}}}},
		{Name: "form", When: "A form, or what is to be confirmed. It is a page of its own; a button with Dialog shows it in a dialog where script runs.", Takes: "Form", Data: form},
	}
}

// sampleForm asks before it takes something away.
func sampleForm(at string) Form {
	return Form{
		Action: at, Lead: []string{"They are signed out everywhere, and what was issued to them ends within five seconds. Enabling brings nothing back."},
		Facts:   []Fact{{"Customer", ID("cus_7h2k9q4mx1")}, {"State", State(Good("Active"))}},
		Changes: []Change{{Kind: Removed, Text: "3 sessions"}, {Kind: Removed, Text: "5 grants"}},
		Fields:  []Field{{Name: "reason", Label: "Reason", Hint: "It stands in the audit ledger", Type: "text", Autocomplete: "off", MaxLength: 200}},
		Submit:  Button{Label: "Disable customer", Danger: true}, Cancel: at,
	}
}
