package console

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"sallyport/pure/access"
	"sallyport/pure/config"
	"sallyport/service/debug"
	"sallyport/service/issue"
	"sallyport/web/design"
)

// previewBanner stands above everything that looks like a token.
var previewBanner = design.Note{
	Mark: design.Warning("Preview"), Text: "This is no token: it is unsigned and unusable. It was made by the code that issues, and nothing was recorded against anybody.",
}

// askToken answers a question, whole or in outline.
func (x *exchange) askToken(q tokenQuestion) ([]part, bool) {
	view, err := issue.ViewOf(x.live)
	if err != nil {
		x.failed(err)
		return nil, false
	}
	answer, err := x.cfg.Debug.Ask(x.r.Context(), view, q.request)
	if errors.Is(err, x.cfg.Missing) {
		note := design.Note{Mark: design.Bad("No such customer"), Text: "Nobody here has that id."}
		return []part{{Note: &note}}, true
	}
	if err != nil {
		x.failed(err)
		return nil, false
	}
	if !q.request.Customer.IsZero() && !x.viewedPerson(q.request.Customer) {
		return nil, false
	}
	o := answer.Outline()
	banner := previewBanner
	parts := []part{{Note: &banner}, outcome(o)}
	if q.whole {
		parts = append(parts, checks(answer.Preview.Trace), rules(answer.Preview.Trace))
		o.Access, o.Sources, o.Operations = answer.Preview.AccessClaims, answer.Sources, answer.Operations
	} else {
		parts = append(parts, outlinedChecks(o), outlinedRules(o))
	}
	if o.Allowed {
		parts = append(parts, hooksAsked(o, answer.Preview.Hooks, q.whole), sizes(o), claimsOf("Access token", debug.AccessToken, o.Access, o.Sources), claimsOf("ID token", debug.IDToken, o.ID, o.Sources), claimsOf("Userinfo", debug.Userinfo, o.Userinfo, o.Sources))
	}
	if q.whole {
		parts = append(parts, leftOut(answer.Preview.LeftOut))
	}
	parts = append(parts, gateVerdicts(o))
	return append(parts, x.reproduced(q, o)...), true
}

// outcome says what was asked, what is got, and why not.
func outcome(o debug.Outline) part {
	asked := design.Cell{Note: "the server's defaults"}
	if len(o.Asked) > 0 {
		asked = codes(words(o.Asked))
	}
	p := part{Heading: "Asked and got", ID: "outcome"}
	if o.Allowed {
		p.Note = &design.Note{Mark: design.Good("Granted"), Text: "An access token of " + config.Duration(o.Lifetimes.Access).String() + "."}
		p.Facts = facts(design.Fact{Name: "Asked", Cell: asked}, design.Fact{Name: "Got", Cell: codes(words(o.Granted))})
	} else {
		p.Note = &design.Note{Mark: design.Bad("Refused"), Text: "Refused because " + o.Why + ".", Do: needed(o)}
		p.Facts = facts(design.Fact{Name: "Asked", Cell: asked}, fact("Got", "nothing"), design.Fact{Name: "The application is told", Cell: design.Code(string(o.Code))})
	}
	for _, r := range o.Refused {
		p.Facts = append(p.Facts, design.Fact{Name: "Not " + string(r.Scope), Cell: design.Text(reasonText(r.Reason))})
	}
	p.Facts = append(p.Facts, fact("Decided by revision", fmt.Sprint(o.Revision)))
	return p
}

// needed says which sign-in would have been enough.
func needed(o debug.Outline) string {
	if o.Needed == access.NoAssurance {
		return ""
	}
	return "A sign-in by " + o.Needed.String() + " would be enough: ask for it with acr_values."
}

// reasonTexts say why a scope was not granted.
var reasonTexts = map[access.Reason]string{
	access.UnknownScope:   "the server does not know it",
	access.NeedsCustomer:  "it needs a customer who signed in",
	access.NeedsMachine:   "it is for machines alone",
	access.NotAssigned:    "it is not assigned to the application",
	access.NotEntitled:    "the customer's groups are not entitled to it",
	access.BeyondOriginal: "it was not in what was first granted",
	access.DeniedByRule:   "a rule denies it",
}

func reasonText(r access.Reason) string {
	if text, known := reasonTexts[r]; known {
		return text
	}
	return string(r)
}

func outlinedChecks(o debug.Outline) part {
	p := part{Heading: "Steps"}
	for _, c := range o.Checks {
		line := step{Mark: design.Bad("Failed"), Name: string(c.Check), Text: c.Text}
		if c.Passed {
			line.Mark = design.Good("Passed")
		}
		p.Steps = append(p.Steps, line)
	}
	return p
}

func outlinedRules(o debug.Outline) part {
	p := part{}
	for _, r := range o.Rules {
		line := step{Mark: design.Plain("No match"), Name: string(r.Rule), Text: r.Text}
		if r.Matched {
			line.Mark = design.Good("Matched")
			if r.Effect == access.Deny.String() {
				line.Mark = design.Bad("Matched")
			}
		}
		p.Steps = append(p.Steps, line)
	}
	if len(p.Steps) > 0 {
		p.Heading = "Rules that were tested"
	}
	return p
}

// claimsOf lists the claims of one token with where each comes from.
func claimsOf(title string, in debug.Token, claims issue.Claims, from []debug.ClaimSource) part {
	if len(claims) == 0 {
		return part{}
	}
	table := &design.Table{Columns: design.Columns("Claim", "Value", "Source")}
	for _, c := range claims {
		table.Rows = append(table.Rows, design.Row{Cells: []design.Cell{design.Code(c.Name), design.Code(claimText(c.Value)), sourceOf(c.Name, in, from)}})
	}
	return part{Heading: title, Table: table}
}

func claimText(value any) string {
	if text, is := value.(string); is {
		return text
	}
	encoded, err := json.Marshal(value)
	if err != nil {
		return fmt.Sprint(value)
	}
	return string(encoded)
}

// kindTexts say where a claim comes from.
var kindTexts = map[debug.Kind]string{
	debug.Protocol: "the protocol", debug.Directory: "the customer's profile", debug.Constant: "a constant", debug.Attribute: "an attribute of the customer",
	debug.Groups: "the customer's groups", debug.Configured: "the configuration",
}

func sourceOf(claim string, in debug.Token, from []debug.ClaimSource) design.Cell {
	for _, s := range from {
		if s.Claim == claim && s.In == in {
			text, known := kindTexts[s.Kind]
			if !known {
				text = string(s.Kind)
			}
			return design.Cell{Text: text, Note: s.From}
		}
	}
	return design.Cell{}
}

// gateVerdicts is what the gateway says to each operation.
func gateVerdicts(o debug.Outline) part {
	table := &design.Table{
		Columns: design.Columns("Operation", "Verdict", "Needs", "Why"),
		Empty:   design.Empty{What: "No product offers an API to the application."},
	}
	for _, op := range o.Operations {
		mark := design.Good("Allowed")
		if !op.Verdict.Passes() {
			mark = design.Bad("Refused: " + string(op.Verdict.Check))
		}
		needs := design.Cell{Note: "a key"}
		if op.Public {
			needs = design.Cell{Note: "nothing"}
		}
		for i, set := range op.Needs {
			if i == 0 {
				needs = design.Cell{}
			}
			needs.List = append(needs.List, design.Code(strings.Join(words(set), " + ")))
		}
		table.Rows = append(table.Rows, design.Row{Cells: []design.Cell{{Text: op.Method + " " + op.Path, Code: true, Note: op.API}, design.State(mark), needs, design.Text(op.Verdict.Text)}})
	}
	return part{
		Heading: "At the gateway", ID: "gateway", Table: table,
		Lead: "With a subscription key of the application, within its limits, and with a request that fits the description. Of several sets of scopes, one is enough.",
	}
}
