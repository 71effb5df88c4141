package verify

import (
	"strings"
	"time"

	"sallyport/store"
)

// recalled are single access tokens that their applications gave up. They have
// room of their own, and what of them is forgotten before its time falls back
// on the application: nobody ends the tokens of others by giving up their own.
type recalled struct {
	limit  int
	tokens map[single]struct{}
	queue  []recall // as heard, which is about the order of their ends
	floor  map[applicant]time.Time
}

// applicant is an application of an environment.
type applicant struct {
	env  store.EnvironmentID
	name string
}

// single is one token.
type single struct {
	of  applicant
	jti string
}

// recall is one entry of the queue.
type recall struct {
	single    single
	at, until time.Time
}

func newRecalled(limit int) recalled {
	return recalled{limit: limit, tokens: map[single]struct{}{}, floor: map[applicant]time.Time{}}
}

// hear takes in an entry about a token; its subject is "application/jti".
func (r *recalled) hear(entry store.FeedEntry) {
	name, jti, found := strings.Cut(entry.Subject, "/")
	one := single{applicant{entry.Env, name}, jti}
	if _, known := r.tokens[one]; known || !found {
		return
	}
	r.tokens[one] = struct{}{}
	r.queue = append(r.queue, recall{one, entry.At, entry.Until})
	for len(r.queue) > r.limit {
		if first := r.queue[0]; first.at.After(r.floor[first.single.of]) {
			r.floor[first.single.of] = first.at
		}
		r.forget()
	}
}

// tidy drops from the front what is dead by itself.
func (r *recalled) tidy(now time.Time) {
	for len(r.queue) > 0 && r.queue[0].until.Before(now) {
		r.forget()
	}
}

func (r *recalled) forget() {
	delete(r.tokens, r.queue[0].single)
	r.queue = r.queue[1:]
}

// names tells whether t was given up.
func (r *recalled) names(env store.EnvironmentID, t *Token) bool {
	of := applicant{env, t.ClientID}
	if floor, raised := r.floor[of]; raised && !t.IssuedAt.After(floor) {
		return true
	}
	_, found := r.tokens[single{of, t.JTI}]
	return found
}
