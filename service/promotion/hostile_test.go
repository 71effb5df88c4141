package promotion_test

import (
	"strings"
	"testing"
	"unicode"

	"sallyport/service/environment"
	"sallyport/service/promotion"
)

// Edits that give nobody more by themselves, and loosen what would have stopped one.
var (
	expected = [2]string{"kind: application\nname: payright\n", `kind: expectations
name: board
owner: Scope board
reason: decided in May
statements:
  - {must: never, server: apps, application: any future application, scopes: [billing.write.payment], reason: nobody without a rule}
---
kind: application
name: payright
`}
	smaller = [2]string{"groups: [{name: residents}", "governance: {token: {refuse: 3000}}\ngroups: [{name: residents}"}
)

// An undo takes nothing away from those who watch, unless somebody else looks.
func TestAnUndoThatLoosensAGuardWaits(t *testing.T) {
	for name, change := range map[string][2]string{"expectations": expected, "governance": smaller} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			applied := w.applied(change)
			undone, err := w.service.Undo(t.Context(), w.live, applied.Change.Number, "", robin)
			w.must(err)
			if !undone.Waits() {
				t.Fatalf("revision %d was made by one person", undone.Revision)
			}
			if _, err := w.apply(undone.Change.Number); len(failed(err)) != 1 || failed(err)[0] != promotion.GateApprovals {
				t.Errorf("applied: %v", err)
			}
		})
	}
}

// To undo the undo of a change is to make it: whoever was alone for the one needs
// somebody else for the other.
func TestAnUndoOfAnUndoNeedsSomebodyElse(t *testing.T) {
	w := newWorld(t)
	first, err := w.service.Undo(t.Context(), w.live, w.applied(widerPeople).Change.Number, "", robin)
	w.must(err)
	again, err := w.service.Undo(t.Context(), w.live, first.Change.Number, "", robin)
	w.must(err)
	if first.Waits() || !again.Waits() {
		t.Fatalf("%v, then %v", first.Waits(), again.Waits())
	}
	w.is(w.approve(again.Change.Number, robin), promotion.ErrAuthor)
	w.must(w.approve(again.Change.Number, sam))
	if _, err := w.apply(again.Change.Number); err != nil {
		t.Error(err)
	}
}

// Who approved a change and rebases it has not written it, and its author still has.
func TestARebaseMakesNobodyElseTheAuthor(t *testing.T) {
	w := newWorld(t)
	number := w.propose(robin, widerPeople).Change.Number
	w.force(w.live, w.tree(neutral))
	shown, err := w.service.Rebase(t.Context(), w.live, number, sam)
	w.must(err)
	w.is(w.approve(shown.Change.Number, robin), promotion.ErrAuthor)
	if shown.Change.Author != robin.ID {
		t.Errorf("its author is %s", shown.Change.AuthorName)
	}
}

// A base that makes the same edits mean more costs the approvals.
func TestARebaseOntoABaseThatMakesItWorseLosesItsApprovals(t *testing.T) {
	w := newWorld(t)
	number := w.propose(robin, [2]string{"applications: [payright]", "applications: [payright, my-account]"}).Change.Number
	w.must(w.approve(number, sam))
	w.force(w.live, w.tree([2]string{"{name: pay, groups: {any: [residents]}, scopes: [billing.write.payment], lifetimes: {access: 5m}}", "{name: pay, scopes: [billing.write.payment], lifetimes: {access: 5m}}"}, [2]string{"- name: own\n    applications: [my-account]", "- name: own\n    applications: [payright]"}))
	shown, err := w.service.Rebase(t.Context(), w.live, number, robin)
	w.must(err)
	if shown.Ready() || len(shown.Approvals) > 0 && shown.Approvals[0].Counts {
		t.Errorf("ready %v, approvals %+v", shown.Ready(), shown.Approvals)
	}
}

// Protection ends by its own rules, whichever tree says otherwise: the one of
// another environment too.
func TestNoTreeLowersItsOwnBar(t *testing.T) {
	w := newWorld(t)
	for _, lower := range [][][2]string{
		{{", protected: true", ""}, neutral}, {{", protected: true", ", protected: true, approvals: 0"}, neutral}, {{", protected: true", ""}, widerPeople},
	} {
		shown := w.propose(robin, lower...)
		if shown.Needed != 1 || shown.Ready() {
			t.Errorf("%v needs %d", lower, shown.Needed)
		}
	}
	loose := w.propose(robin, [2]string{", protected: true", ""})
	if !loose.Review.Widens() {
		t.Error("an end of protection is told as harmless")
	}
}

// An approval is of one change of one environment.
func TestAnApprovalServesOneChange(t *testing.T) {
	w := newWorld(t)
	one, two := w.propose(robin, widerPeople), w.propose(robin, widerPeople)
	w.must(w.approve(one.Change.Number, sam))
	if _, err := w.apply(two.Change.Number); len(failed(err)) == 0 {
		t.Errorf("another change was applied by it: %v", err)
	}
	preview := w.environment("preview")
	if _, err := w.service.Approve(t.Context(), preview, one.Change.Number, one.Binding, kim); err == nil {
		t.Error("it was approved elsewhere")
	}
	if _, err := w.service.Apply(t.Context(), preview, one.Change.Number, robin); err == nil {
		t.Error("it was applied elsewhere")
	}
}

// Where an environment asks for approvals of what widens, no direct revision does
// without them.
func TestARevisionThatWidensCannotPassBesideApprovals(t *testing.T) {
	w := newWorld(t)
	asks := [2]string{", protected: true", ", approvals: 1"}
	w.force(w.live, w.tree(asks))
	put := func(reason string, changes ...[2]string) error {
		_, _, err := w.registry.Apply(t.Context(), w.live.ID, environment.Change{
			Tree: w.tree(changes...), Base: w.head(w.live), Author: "robin", BreakGlass: reason,
		})
		return err
	}
	w.is(put("", asks, widerPeople), environment.ErrProtected)
	w.is(put("", [2]string{", protected: true", ""}), environment.ErrProtected)
	w.must(put("", asks, neutral))
	w.must(put("the lines are down", asks, widerPeople))
	if r, err := w.store.Revision(t.Context(), w.live.ID, 0); err != nil || r.BreakGlass != "the lines are down" {
		t.Errorf("%q, %v", r.BreakGlass, err)
	}
}

// What people write stays on its line, whatever they write.
func TestATitleIsOneLine(t *testing.T) {
	w := newWorld(t)
	for _, text := range []string{"a\nAPPROVED by sam", "a\x1b[2Jb", "a\u202eb", "a\u0085b", "a\u2028b", "a\xffb"} {
		shown, err := w.service.Propose(t.Context(), w.live, promotion.Proposal{Tree: w.tree(widerPeople), Base: 1, Title: text, Source: text, Reason: "one\n" + text}, robin)
		w.must(err)
		for _, kept := range []string{shown.Change.Title, shown.Change.Source, strings.ReplaceAll(shown.Change.Reason, "\n", "")} {
			if strings.ContainsFunc(kept, func(r rune) bool { return !unicode.IsPrint(r) }) {
				t.Errorf("%q is kept as %q", text, kept)
			}
		}
		w.must(w.service.Reject(t.Context(), w.live, shown.Change.Number, text, kim))
		if note := w.change(shown.Change.Number).Note; strings.ContainsAny(note, "\x1b\u202e\u0085\u2028") {
			t.Errorf("the note is %q", note)
		}
	}
	_, err := w.service.Propose(t.Context(), w.live, promotion.Proposal{Tree: w.tree(widerPeople), Base: 1, Title: " \n"}, robin)
	w.is(err, promotion.ErrTooLong)
}
