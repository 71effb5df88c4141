package promotion_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"sallyport/pure/access"
	"sallyport/pure/config"
	"sallyport/store"
)

// widenings are edits of different places, some of which widen.
var widenings = [][2]string{
	widerPeople, longerLife, narrower,
	{"{name: pay, groups: {any: [residents]}, scopes: [billing.write.payment]", "{name: pay, groups: {any: [residents, solar]}, scopes: [billing.write.payment]"},
	{"applications: [payright]", "applications: [\"*\"]"},
	{"assigned: {apps: [billing.write.payment]}", "assigned: {apps: [billing.read.bill, billing.write.payment]}"},
	{"audience: https://api.harbourlight.example/apps\n", "audience: https://api.harbourlight.example/apps\nfall_through: true\n"},
	{"audience: https://api.harbourlight.example/apps\n", "audience: https://api.harbourlight.example/apps\nentitlements: {residents: [billing.read.bill], landlords: [billing.write.payment]}\n"},
}

// some picks at least least of a list, in any order.
func some[T any](r *rand.Rand, list []T, least int) []T {
	list = slices.Clone(list)
	r.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	return list[:least+r.IntN(len(list)-least+1)]
}

// asked is a request of somebody, as the token endpoint would ask it.
func asked(r *rand.Rand) access.Request {
	return access.Request{
		Application: some(r, []access.ApplicationID{"my-account", "payright"}, 1)[0], Grant: access.AuthorizationCode,
		Scopes:  some(r, []access.Scope{"openid", "billing.read.bill", "billing.write.payment"}, 1),
		Subject: &access.Subject{Groups: some(r, []access.Group{"residents", "landlords", "solar"}, 0)},
		At:      time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC), Assurance: access.OneFactor,
	}
}

// Whatever somebody could have under a change and cannot have without it is recalled:
// no token outlives an undo that would not be issued after it.
func TestNothingOutlivesAnUndoThatWouldNotBeIssuedAfterIt(t *testing.T) {
	seen := 0
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 37))
		w := newWorld(t)
		open := [2]string{", protected: true", ""}
		w.force(w.live, w.tree(open))
		edits := [][2]string{open}
		for _, e := range some(r, widenings, 1) {
			if !slices.ContainsFunc(edits, func(other [2]string) bool { return other[0] == e[0] }) {
				edits = append(edits, e)
			}
		}
		before := w.live.Snapshot()
		change := w.propose(robin, edits...).Change
		_, err := w.apply(change.Number)
		w.must(err)
		during := w.live.Snapshot()
		undone, err := w.service.Undo(t.Context(), w.live, change.Number, "", kim)
		w.must(err)
		for range 300 {
			request := asked(r)
			got, left := decide(during, request), decide(before, request)
			if !got.Allowed || !beyond(got, left) {
				continue
			}
			seen++
			var held []string
			for _, s := range got.Granted {
				held = append(held, string(s))
			}
			if !slices.ContainsFunc(undone.Recalls, func(c store.Recall) bool {
				return c.Covers(string(request.Application), during.Revision, w.clock(), held)
			}) {
				t.Fatalf("seed %d: %v was granted %v under %v; it would be %v, and is not among %v", seed, request, got.Granted, edits, left, undone.Recalls)
			}
		}
	}
	if seen < 100 {
		t.Errorf("only %d requests got more", seen)
	}
}

func decide(s *config.Snapshot, request access.Request) access.Decision {
	return access.Decide(s.Servers["apps"].Access, request)
}

// beyond tells whether a decision gives more than another, or for longer.
func beyond(a, b access.Decision) bool {
	more := slices.ContainsFunc(a.Granted, func(s access.Scope) bool { return !slices.Contains(b.Granted, s) })
	return !b.Allowed || more || a.Lifetimes.Access > b.Lifetimes.Access
}
