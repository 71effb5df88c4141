package crash

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"sallyport/interop/harness"
)

// lifeWider is a lifetime that a change lengthens, so that an undo recalls tokens.
const lifeWider = "lifetimes: {access: 16m}"

// proposed is where a change stands, by `change list`.
type proposed struct {
	Number   int64 `json:"change"`
	State    string
	Revision int64
	UndoneBy int64 `json:"undone_by"`
}

func (h home) changes(t testing.TB) []proposed {
	t.Helper()
	return ask[struct{ Changes []proposed }](t, h, "change", "list").Changes
}

// cutChange cuts the commands that apply a change and take it back.
func cutChange(t testing.TB, w world, cut string) (reached bool) {
	h := w.bare.copy(t)
	h.amend(t, "servers.yaml", lifeBefore, lifeWider)
	h.run(t, "change", "propose", h.tree(), "--yes", "-m", "longer lives")
	apply, undo := []string{"change", "apply", "1"}, []string{"change", "undo", "1", "--yes"}
	for _, args := range [][]string{apply, undo} {
		how := h.try(t, cut, args...)
		if reached = how.code < 0; reached {
			break
		}
		h.ends(t, how, args, 0)
	}
	if !reached {
		return false
	}
	h.wholeOrNot(t)
	first := h.changes(t)
	if first[len(first)-1].State == "open" {
		h.run(t, apply...)
	}
	if first[len(first)-1].UndoneBy == 0 {
		h.run(t, undo...)
	}
	h.wholeOrNot(t)
	if all := h.revisions(t); len(all) != 3 || newest(all).Digest != all[len(all)-1].Digest {
		t.Errorf("the revisions are %+v, want three of which the last means what the first meant", all)
	}
	if n := len(h.events(t, "type:change.undone")); n != 1 {
		t.Errorf("the ledger tells of %d undos", n)
	}
	h.soundLedger(t)
	return true
}

// wholeOrNot checks that whatever became a revision says so, and nothing else does.
func (h home) wholeOrNot(t testing.TB) {
	t.Helper()
	applied := 0
	for _, c := range h.changes(t) {
		if (c.State == "applied") != (c.Revision > 0) {
			t.Errorf("change %d is %s, and revision %d", c.Number, c.State, c.Revision)
		}
		if c.Revision > 0 {
			applied++
		}
	}
	if n := len(h.revisions(t)); n != applied+1 {
		t.Errorf("%d revisions, and %d changes that were applied", n, applied)
	}
	if n := len(h.events(t, "type:change.applied")) + len(h.events(t, "type:change.undone")); n != applied {
		t.Errorf("the ledger tells of %d changes, and %d were applied", n, applied)
	}
}

// cutServedChange cuts the server through which a change is applied and taken back. A
// token of the wider rule is as good as the change: it dies with it, and with nothing
// else, whatever the server died of.
func cutServedChange(t testing.TB, w world, cut string) (reached bool) {
	h, at := w.bare.copy(t), newAddress(t)
	h.amend(t, "servers.yaml", lifeBefore, lifeWider)
	h.run(t, "change", "propose", h.tree(), "--yes", "-m", "longer lives")
	n, alive := h.serve(t, at, cut)
	if !alive {
		return true // before anybody asked
	}
	apply, undo := []string{"change", "apply", "1"}, []string{"change", "undo", "1", "--yes"}
	held := ""
	for _, args := range [][]string{apply, undo} {
		how := h.try(t, "", args...)
		if reached = n.endsSoonAfter(how); reached {
			break
		}
		h.ends(t, how, args, 0)
		if held == "" {
			held = n.caller(h).machine(t).AccessToken
		}
	}
	if !reached {
		n.leave(t)
		return false
	}
	h.wholeOrNot(t)
	again := h.start(t, at)
	c := again.caller(h)
	first := h.changes(t)
	taken := first[len(first)-1].UndoneBy > 0
	if held != "" {
		c.knows(t, held, !taken)
	}
	if first[len(first)-1].State != "applied" {
		h.run(t, apply...)
		held = c.machine(t).AccessToken
		c.knows(t, held, true)
	}
	if !taken {
		h.run(t, undo...)
	}
	if held != "" {
		await(t, "a token of the wider rule is recalled", func() bool { return !c.active(t, held) })
	}
	if a := c.machine(t); a.ExpiresIn != 15*60 || !c.active(t, a.AccessToken) {
		t.Errorf("after the undo a token lives for %d seconds", a.ExpiresIn)
	}
	again.leave(t)
	h.wholeOrNot(t)
	h.soundLedger(t)
	return true
}

// endsSoonAfter says whether the server was cut while, or just after, a command spoke
// with it.
func (n *node) endsSoonAfter(how said) bool {
	if how.code == 0 {
		select {
		case <-n.exited:
			return killed(n.cmd.ProcessState)
		default:
			return n.gone()
		}
	}
	return n.endsSoon()
}

// knows fails t unless the server takes a token for good, or for dead.
func (c caller) knows(t testing.TB, token string, good bool) {
	t.Helper()
	if c.active(t, token) != good {
		t.Errorf("a token of the wider rule is good: %v, want %v", !good, good)
	}
}

// active asks as PayRight whether a token of its own is good (RFC 7662).
func (c caller) active(t testing.TB, token string) bool {
	t.Helper()
	form := url.Values{"token": {token}}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, c.node.Issuers[harness.ServerEnterprise]+"/introspect", strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.SetBasicAuth(harness.PayRight, c.home.secrets[harness.PayRight])
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := c.http.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	if err != nil {
		t.Fatal(err)
	}
	var said struct{ Active bool }
	if res.StatusCode != http.StatusOK || json.Unmarshal(text, &said) != nil {
		t.Fatalf("introspection answered %d %s", res.StatusCode, text)
	}
	return said.Active
}
