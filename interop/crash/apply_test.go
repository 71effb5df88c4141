package crash

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// An apply in these stories changes how long the tokens of machines live.
const (
	lifeBefore = "lifetimes: {access: 15m}"
	lifeAfter  = "lifetimes: {access: 14m}"
	secondsNow = 14 * 60
)

// revision is one line of `revision list`.
type revision struct {
	Revision, Base int64
	Digest         string
	Live           bool
}

func (h home) revisions(t testing.TB, flags ...string) []revision {
	t.Helper()
	return ask[struct{ Revisions []revision }](t, h, append([]string{"revision", "list"}, flags...)...).Revisions
}

// newest is the revision with the highest number.
func newest(all []revision) (n revision) {
	for _, r := range all {
		if r.Revision > n.Revision {
			n = r
		}
	}
	return n
}

func uncutDigest(t testing.TB, from home) string {
	t.Helper()
	h := from.copy(t)
	h.amend(t, "servers.yaml", lifeBefore, lifeAfter)
	h.run(t, "apply", h.tree(), "--yes")
	return newest(h.revisions(t)).Digest
}

// cutApply cuts an apply whose command holds the store itself.
func cutApply(t testing.TB, w world, cut string) (reached bool) {
	h := w.bare.copy(t)
	h.amend(t, "servers.yaml", lifeBefore, lifeAfter)
	args := []string{"apply", h.tree(), "--yes"}
	how := h.try(t, cut, args...)
	if how.code >= 0 {
		h.ends(t, how, args, 0)
		return false
	}
	h.run(t, args...)
	h.applied(t, w.digest)
	h.start(t, newAddress(t)).grantsFor(t, h, secondsNow)
	return true
}

// cutServedApply cuts the server to which a command gave its tree.
func cutServedApply(t testing.TB, w world, cut string) (reached bool) {
	h, at := w.bare.copy(t), newAddress(t)
	h.amend(t, "servers.yaml", lifeBefore, lifeAfter)
	args := []string{"apply", h.tree(), "--yes"}
	n, alive := h.serve(t, at, cut)
	if alive {
		how := h.try(t, "", args...)
		switch {
		case how.code == 0:
			reached = n.leave(t) // a cut may come behind the answer
		case how.code == 1 && n.endsSoon():
			reached = true
		default:
			h.ends(t, how, args, 0)
		}
		if !reached {
			return false
		}
	}
	h.copy(t).soundLedger(t)
	again := h.start(t, at)
	h.run(t, args...)
	h.applied(t, w.digest)
	again.grantsFor(t, h, secondsNow)
	return true
}

// applied checks that the tree became the second revision, just once and whole.
func (h home) applied(t testing.TB, digest string) {
	t.Helper()
	all := h.revisions(t)
	if last := newest(all); len(all) != 2 || last != (revision{Revision: 2, Base: 1, Digest: digest, Live: true}) {
		t.Errorf("the revisions are %+v, want two of which the second has the digest %s", all, digest)
	}
	if told := h.events(t, "type:revision.applied"); len(told) != 2 {
		t.Errorf("the ledger tells of %d revisions", len(told))
	}
	text, err := os.ReadFile(filepath.Join(h.tree(), ".sallyport.json"))
	if err != nil {
		t.Fatal(err)
	}
	var marker struct {
		Environments map[string]struct {
			Revision int64
			Digest   string
		}
	}
	if err := json.Unmarshal(text, &marker); err != nil {
		t.Fatal(err)
	}
	if m := marker.Environments[place]; m.Revision != 2 || m.Digest != digest {
		t.Errorf("the tree remembers %+v", m)
	}
	h.soundLedger(t)
}

// grantsFor checks that a server lets the tokens of machines live for seconds.
func (n *node) grantsFor(t testing.TB, h home, seconds int) {
	t.Helper()
	answer := n.caller(h).machine(t)
	if answer.ExpiresIn != seconds {
		t.Errorf("tokens live for %d seconds, want %d: the revision is not served", answer.ExpiresIn, seconds)
	}
}
