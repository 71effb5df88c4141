package funnel

import "sallyport/pure/journey"

// Outcome is what became of somebody at a step.
type Outcome string

// The outcomes.
const (
	Shown   Outcome = "shown"   // they came to the step
	Done    Outcome = "done"    // and did what it asks
	Refused Outcome = "refused" // what they gave was not right, or not taken; they may go on
	Skipped Outcome = "skipped" // they passed it over, or put it off
	Left    Outcome = "left"    // they went back, began anew, or their time was over
)

// Outcomes lists them.
func Outcomes() []Outcome { return []Outcome{Shown, Done, Refused, Skipped, Left} }

// Observation is one outcome at one step.
type Observation struct {
	Step    string
	Outcome Outcome
}

// Visit is what was observed in one visit of a browser.
type Visit struct {
	Journey     string
	Brand       string
	Application string // empty: the account pages
	Known       bool   // somebody had signed in on the device
	Flow        string // tells visits of one walk from others; it is not stored
	Seen        []Observation
}

// Watch observes one visit. It is used by one goroutine.
type Watch struct {
	j        *journey.Journey
	standing string // the step whose page the customer sees; empty: none
	at       int
	Seen     []Observation
}

// New begins to watch a visit that finds the journey in a state, by its first event. The
// first page of a journey leaves nothing with the browser, so that whoever sends its form
// is taken to have seen it.
func New(j *journey.Journey, before journey.State, first journey.Event) *Watch {
	w := &Watch{j: j}
	_, opened := first.(journey.Begin)
	switch at, name, ok := j.Place(before); {
	case ok:
		w.standing, w.at = name, at
	case before == journey.State{} && !opened:
		w.standing = j.Steps()[0]
	}
	return w
}

// Step observes one step of the machine.
func (w *Watch) Step(e journey.Event, after journey.State, effects []journey.Effect) {
	to, name, ok := w.j.Place(after)
	switch {
	case w.standing == "":
	case after.SignedIn(), ok && to > w.at && !anew(w.at, e):
		w.leave(w.done(e))
	case !ok, name != w.standing:
		w.leave(Left)
	}
	for _, effect := range effects {
		if page, shows := effect.(journey.ShowPage); shows && page.Name != "" && !after.Ended() {
			w.shown(page, to)
		}
	}
}

// anew tells of customers who say who they are although they were behind that.
func anew(at int, e journey.Event) bool {
	_, named := e.(journey.IdentifierGiven)
	return named && at > 0
}

func (w *Watch) done(e journey.Event) Outcome {
	switch e.(type) {
	case journey.TaskSkipped, journey.Later:
		return Skipped
	}
	return Done
}

func (w *Watch) leave(as Outcome) {
	w.Seen = append(w.Seen, Observation{w.standing, as})
	w.standing = ""
}

func (w *Watch) shown(page journey.ShowPage, at int) {
	switch {
	case page.Name != w.standing:
		w.Seen = append(w.Seen, Observation{page.Name, Shown})
		w.standing, w.at = page.Name, at
	case page.Problem != "" && page.Problem != journey.Interrupted:
		w.Seen = append(w.Seen, Observation{page.Name, Refused})
	}
}

// Refuse observes that the customer was kept from going on from where they stand.
func (w *Watch) Refuse() []Observation {
	if len(w.Seen) > 0 && w.Seen[0].Outcome != Shown {
		return []Observation{{w.Seen[0].Step, Refused}}
	}
	return nil
}
