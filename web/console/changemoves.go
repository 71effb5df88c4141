package console

import (
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"sallyport/pure/review"
	"sallyport/service/environment"
	"sallyport/service/operator"
	"sallyport/service/promotion"
	"sallyport/web/design"
)

// move is something that is done with a change.
type move struct {
	word, label, lead, done string
	act                     operator.Action
	danger                  bool
	reasoned                bool // asks why
	fits                    func(*promotion.Shown) bool
	do                      func(*exchange, *promotion.Shown, string) (word, page string, err error)
}

// waits tells whether a change can still become a revision.
func waits(c *promotion.Shown) bool { return c.Change.State == "open" || c.Change.State == "approved" }

func undoable(c *promotion.Shown) bool {
	return c.Change.State == "applied" && c.Change.UndoneBy == 0 && c.Change.Base > 0
}

var allMoves = [...]move{
	{
		word: "approve", label: "Approve change", done: "change-approved", act: operator.ApproveChanges, fits: waits,
		lead: "You consent to exactly what is shown here: what the environment has, what it would get, and what the difference means.",
		do:   (*exchange).approveChange,
	},
	{
		word: "apply", label: "Apply change", done: "change-applied", act: operator.ChangeConfiguration, fits: waits,
		lead: "It becomes the newest revision in one step, if it passes everything.",
		do: func(x *exchange, c *promotion.Shown, _ string) (string, string, error) {
			_, err := x.cfg.Promotion.Apply(x.r.Context(), x.live, c.Change.Number, x.by())
			return "change-applied", "", err
		},
	},
	{
		word: "rebase", label: "Carry over to the newest revision", done: "change-rebased", act: operator.ChangeConfiguration, fits: func(c *promotion.Shown) bool { return waits(c) && c.Drifted },
		lead: "Another change with the same edits takes its place. Approvals go with it only if it means the same there.",
		do: func(x *exchange, c *promotion.Shown, _ string) (string, string, error) {
			moved, err := x.cfg.Promotion.Rebase(x.r.Context(), x.live, c.Change.Number, x.by())
			if err != nil {
				return "", "", err
			}
			return "change-rebased", strconv.FormatInt(moved.Change.Number, 10), nil
		},
	},
	{
		word: "reject", label: "Reject change", done: "change-rejected", act: operator.ApproveChanges, danger: true, reasoned: true, fits: waits,
		lead: "It ends without having changed anything.",
		do: func(x *exchange, c *promotion.Shown, why string) (string, string, error) {
			return "change-rejected", "", x.cfg.Promotion.Reject(x.r.Context(), x.live, c.Change.Number, why, x.by())
		},
	},
	{
		word: "withdraw", label: "Withdraw change", done: "change-withdrawn", act: operator.ChangeConfiguration, danger: true, reasoned: true, fits: waits,
		lead: "It ends without having changed anything.",
		do: func(x *exchange, c *promotion.Shown, why string) (string, string, error) {
			return "change-withdrawn", "", x.cfg.Promotion.Withdraw(x.r.Context(), x.live, c.Change.Number, why, x.by())
		},
	},
	{
		word: "undo", label: "Undo change", done: "change-undone", act: operator.ChangeConfiguration, danger: true, reasoned: true, fits: undoable,
		lead: "A new revision without it is made at once. Tokens and refresh families that were issued for what it widened are honoured by nobody five seconds later.",
		do:   (*exchange).undoChange,
	},
}

// by is who is at the console, as changes know them.
func (x *exchange) by() promotion.By { return promotion.By{ID: x.who.ID, Name: x.who.Username} }

// moves are the ways on from a change. One that the operator may take elsewhere or
// later is shown with the reason.
func (x *exchange) moves(c *promotion.Shown) []design.Button {
	var buttons []design.Button
	for _, m := range allMoves {
		if !m.fits(c) || !x.who.May(m.act, x.place()) {
			continue
		}
		own := c.Change.Author == x.who.ID
		if m.word == "withdraw" && !own || m.word == "reject" && own || m.word == "approve" && c.Needed == 0 {
			continue
		}
		b := design.Button{
			Label: m.label, URL: x.here("changes", strconv.FormatInt(c.Change.Number, 10), m.word), Dialog: m.danger,
			Quiet: m.danger, Danger: m.danger, Disabled: x.notNow(m, c),
		}
		if b.Disabled != "" {
			b.URL, b.Dialog = "", false
		}
		buttons = append(buttons, b)
	}
	return buttons
}

// notNow says why a move cannot be taken now; empty if it can.
func (x *exchange) notNow(m move, c *promotion.Shown) string {
	switch {
	case m.word == "approve" && c.Change.Author == x.who.ID:
		return "Nobody approves what they wrote."
	case m.word == "approve" && slices.ContainsFunc(c.Approvals, func(a promotion.Approved) bool { return a.Approver == x.who.ID }):
		return "You approved it already."
	case m.word == "approve" && c.Drifted, m.word == "apply" && c.Drifted:
		return "The environment moved on."
	case m.word == "apply" && !c.Ready():
		return "It does not pass everything yet."
	}
	return ""
}

// moveOf is what the last part of the path asks for.
func (x *exchange) moveOf() move {
	word := x.r.URL.Path[strings.LastIndexByte(x.r.URL.Path, '/')+1:]
	for _, m := range allMoves {
		if m.word == word {
			return m
		}
	}
	panic("console: a route to no move: " + word) // the table of routes names them all, and a test opens each
}

// askMove shows what is to be moved, and asks.
func (x *exchange) askMove() {
	if c, exists := x.changeOf(); exists {
		x.moveForm(c, "")
	}
}

func (x *exchange) moveForm(c *promotion.Shown, wrong string) {
	m, number := x.moveOf(), strconv.FormatInt(c.Change.Number, 10)
	switch reason := x.notNow(m, c); {
	case !m.fits(c):
		x.declined(fmt.Sprintf("Change %s is %s.", number, strings.ToLower(stateMarks[c.Change.State].Word)), "Look at it again.")
		return
	case reason != "":
		x.declined(reason, "Look at the change again.")
		return
	}
	judged, err := x.judgedOf(c)
	if err != nil {
		x.failed(err)
		return
	}
	form := design.Form{
		Lead:   []string{m.lead, c.Review.Summary() + "."},
		Hidden: []design.Hidden{{Name: "binding", Value: hex.EncodeToString(c.Binding[:])}},
		Submit: design.Button{Label: m.label, Danger: m.danger},
	}
	for i := range c.Review.Lines {
		if l := &c.Review.Lines[i]; l.Widens && len(form.Changes) < maxChanges && m.word != "undo" {
			form.Changes = append(form.Changes, reviewLine(l, judged))
		}
	}
	if m.reasoned {
		form.Fields = []design.Field{reasonField(wrong)}
	}
	if wrong != "" {
		form.Problem = &design.Summary{What: wrong, Field: "reason"}
	}
	x.confirm(fmt.Sprintf("%s %s?", m.label, number), form, x.above("Changes", "changes"), x.above("Change "+number, "changes", number))
}

// makeMove does it with the change as the operator saw it.
func (x *exchange) makeMove() {
	c, exists := x.changeOf()
	if !exists {
		return
	}
	m, why, wrong := x.moveOf(), "", ""
	if m.reasoned {
		if why, wrong = x.reason(); wrong != "" {
			x.moveForm(c, wrong)
			return
		}
	}
	word, to, err := m.do(x, c, why)
	if err != nil {
		x.refusedChange(err)
		return
	}
	if to == "" {
		to = x.values["change"]
	}
	x.finish(nil, word, x.here("changes", to))
}

// approveChange signs what the page showed, not what is there by now.
func (x *exchange) approveChange(c *promotion.Shown, _ string) (word, page string, err error) {
	seen, err := hex.DecodeString(x.r.PostForm.Get("binding"))
	if err != nil || len(seen) != 32 {
		return "", "", promotion.ErrSeen
	}
	_, err = x.cfg.Promotion.Approve(x.r.Context(), x.live, c.Change.Number, [32]byte(seen), x.by())
	return "change-approved", "", err
}

func (x *exchange) undoChange(c *promotion.Shown, why string) (word, page string, err error) {
	applied, err := x.cfg.Promotion.Undo(x.r.Context(), x.live, c.Change.Number, why, x.by())
	if err != nil {
		return "", "", err
	}
	number := strconv.FormatInt(applied.Change.Number, 10)
	if applied.Waits() {
		return "change-undo-waits", number, nil
	}
	return "change-undone", number, nil
}

// refusedChange tells why something cannot be done with a change.
func (x *exchange) refusedChange(err error) {
	var gates *promotion.GateError
	var ended *promotion.StateError
	var both *promotion.ConflictError
	var invalid *environment.InvalidError
	switch {
	case errors.As(err, &gates):
		x.declined("It does not pass everything: "+gateTexts(gates.Failed)+".", "Look at the change: it names what to do.")
	case errors.As(err, &ended):
		x.declined(fmt.Sprintf("Somebody was ahead: %s.", ended), "Look at the change again.")
	case errors.As(err, &both):
		x.declined("The environment changed in the same places: "+both.Error()+".", "Make the change anew on the newest revision.")
	case errors.As(err, &invalid):
		x.declined("It is not valid here: "+invalid.Error()+".", "Mend it where it comes from, and propose it anew.")
	case errors.Is(err, environment.ErrDrift):
		x.declined("Somebody applied another revision while you looked at this one.", "Carry the change over to it, and look again.")
	case errors.Is(err, promotion.ErrNothing):
		x.declined("Nothing would change: the environment has this already.", "There is nothing to do.")
	case errors.Is(err, promotion.ErrSeen):
		x.declined("It is not what you looked at.", "Look at it again, then decide.")
	case errors.Is(err, promotion.ErrAuthor), errors.Is(err, promotion.ErrNotAuthor), errors.Is(err, promotion.ErrApproved), errors.Is(err, promotion.ErrNoApprover),
		errors.Is(err, promotion.ErrUndone), errors.Is(err, promotion.ErrFirst), errors.Is(err, promotion.ErrTooLong):
		x.declined(asSentence(err.Error()), "Look at the change again.")
	case errors.Is(err, x.cfg.Conflict):
		x.declined("Somebody was ahead of you.", "Look at the change again.")
	default:
		x.failed(err)
	}
}

func gateTexts(failed []review.Gate) string {
	texts := make([]string, len(failed))
	for i, g := range failed {
		texts[i] = g.Text
	}
	return strings.Join(texts, "; ")
}

// asSentence makes one of a clause.
func asSentence(clause string) string {
	if clause == "" {
		return ""
	}
	return strings.ToUpper(clause[:1]) + clause[1:] + "."
}
