package console

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"sallyport/pure/config"
	"sallyport/pure/review"
	"sallyport/service/environment"
	"sallyport/service/operator"
	"sallyport/web/design"
)

// askApply shows what going back to a revision would change, widening first.
func (x *exchange) askApply() {
	if r, tree, exists := x.revisionOf(); exists {
		x.applyForm(r, tree, "")
	}
}

func (x *exchange) applyForm(r environment.Revision, tree *config.Tree, wrong string) {
	plan, err := x.cfg.Registry.Plan(x.r.Context(), x.live.ID, tree)
	if err != nil {
		x.refusedPlan(err)
		return
	}
	form := design.Form{
		Lead: []string{
			fmt.Sprintf("This makes a new revision with the content of revision %d. Against the live one:", r.Number),
		},
		Hidden: []design.Hidden{{Name: "base", Value: strconv.FormatInt(plan.Base, 10)}},
		Fields: []design.Field{reasonField(wrong)},
		Submit: design.Button{Label: fmt.Sprintf("Apply revision %d again", r.Number), Danger: true},
	}
	if wrong != "" {
		form.Problem = &design.Summary{What: wrong, Field: "reason"}
	}
	form.Lead = append(form.Lead, plan.Review.Summary()+".")
	form.Changes = reviewed(plan.Review)
	if more := len(plan.Review.Lines) - maxChanges; more > 0 {
		form.Lead = append(form.Lead, fmt.Sprintf("%d more lines than are shown.", more))
	}
	if !slices.ContainsFunc(plan.Review.Lines, func(l review.Line) bool { return l.Section != review.Neutral }) {
		form.Lead = append(form.Lead, fmt.Sprintf("Nobody can get more or less; %d objects differ.", len(plan.Changes)))
	}
	if protects(x.live) || asksApproval(x.live) && plan.Review.Widens() {
		form.Lead = append(form.Lead, "The environment takes this revision only through approval, or with a break-glass reason, which stands in the ledger.")
		if x.who.May(operator.BreakGlass, x.place()) {
			form.Fields = append(form.Fields, design.Field{
				Name: "break_glass", Label: "Break-glass reason", Optional: true, Hint: "Why this cannot wait for approval.", Autocomplete: "off", MaxLength: maxReason,
			})
		}
	}
	number := strconv.FormatInt(r.Number, 10)
	x.confirm(fmt.Sprintf("Apply revision %d again?", r.Number), form, x.above("Revisions", "revisions"), x.above("Revision "+number, "revisions", number))
}

// protects tells whether an environment takes revisions only through approval.
func protects(live *environment.Live) bool {
	s := live.Snapshot()
	return live.Protected || s != nil && s.Tenant.Environments[live.Name].Protected
}

// asksApproval tells whether an environment takes what widens only through approval.
func asksApproval(live *environment.Live) bool {
	s := live.Snapshot()
	return s != nil && s.Tenant.Environments[live.Name].Approvals > 0
}

// apply makes the content of a revision the newest, upon the base that was looked at.
func (x *exchange) apply() {
	r, tree, exists := x.revisionOf()
	if !exists {
		return
	}
	reason, wrong := x.reason()
	if wrong != "" {
		x.applyForm(r, tree, wrong)
		return
	}
	base, err := strconv.ParseInt(x.r.PostForm.Get("base"), 10, 64)
	if err != nil || base < 0 {
		x.missing()
		return
	}
	change := environment.Change{Tree: tree, Base: base, Author: x.who.Username, Message: fmt.Sprintf("again revision %d: %s", r.Number, reason)}
	if x.who.May(operator.BreakGlass, x.place()) {
		change.BreakGlass = strings.TrimSpace(x.r.PostForm.Get("break_glass"))
	}
	if len(change.BreakGlass) > maxReason {
		x.applyForm(r, tree, "Say why in fewer words")
		return
	}
	_, applied, err := x.cfg.Registry.Apply(x.r.Context(), x.live.ID, change)
	if err != nil {
		x.refusedPlan(err)
		return
	}
	word := "applied"
	if !applied {
		word = "unchanged"
	}
	x.finish(nil, word, x.here("revisions"))
}

// refusedPlan tells why a revision cannot be applied.
func (x *exchange) refusedPlan(err error) {
	var invalid *environment.InvalidError
	switch {
	case errors.As(err, &invalid):
		x.declined("This release does not take that revision any more: "+invalid.Error()+".", "Pull it, mend the files, and apply them: sallyport pull")
	case errors.Is(err, environment.ErrDrift):
		x.declined("Somebody applied another revision while you looked at this one.", "Look at what is live now, then decide.")
	case errors.Is(err, environment.ErrProtected):
		x.declined("The environment takes this revision only through approval, or with a break-glass reason.", "Propose it as a change, or ask somebody who may override it.")
	default:
		x.failed(err)
	}
}
