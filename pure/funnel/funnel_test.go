package funnel_test

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"sallyport/pure/config"
	"sallyport/pure/funnel"
	"sallyport/pure/journey"
)

// compiled is a journey with every kind of step.
func compiled(t testing.TB) *journey.Journey {
	t.Helper()
	j, err := journey.Compile(&config.Journey{Meta: config.Meta{Name: "sign-in"}, Purpose: "sign-in", Steps: []config.StepSpec{
		{Name: "identifier", Ask: "identifier"},
		{Name: "password", Ask: "password", Or: "code"},
		{Name: "second", Ask: "totp"},
		{Name: "terms", Ask: "terms"},
		{Name: "about-you", Ask: "profile", Skip: true, Fields: []string{"name"}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	return j
}

// happens draws an event: any, in any state.
func happens() *rapid.Generator[journey.Event] {
	step := rapid.SampledFrom([]string{"terms", "about-you", "second", "password", "elsewhere"})
	verdict := rapid.SampledFrom([]journey.Verdict{journey.Match, journey.Match, journey.NoMatch, journey.Unavailable})
	events := []func(t *rapid.T) journey.Event{
		func(*rapid.T) journey.Event { return journey.Begin{} },
		func(*rapid.T) journey.Event { return journey.IdentifierGiven{Typed: "dana"} },
		func(*rapid.T) journey.Event { return journey.PasswordGiven{Of: "dana"} },
		func(*rapid.T) journey.Event { return journey.CodeAsked{Of: "dana"} },
		func(*rapid.T) journey.Event { return journey.AttemptAllowed{} },
		func(*rapid.T) journey.Event { return journey.AttemptLimited{RetryAfter: time.Minute} },
		func(t *rapid.T) journey.Event { return journey.PasswordChecked{Verdict: verdict.Draw(t, "verdict")} },
		func(t *rapid.T) journey.Event {
			return journey.FactorsFound{Enrolled: rapid.Bool().Draw(t, "enrolled"), Required: rapid.Bool().Draw(t, "required"), Deferrable: true}
		},
		func(*rapid.T) journey.Event { return journey.CodeGiven{} },
		func(t *rapid.T) journey.Event { return journey.CodeChecked{Verdict: verdict.Draw(t, "verdict")} },
		func(*rapid.T) journey.Event { return journey.CodesKept{} },
		func(*rapid.T) journey.Event { return journey.Later{} },
		func(t *rapid.T) journey.Event { return journey.Found{Needed: rapid.Bool().Draw(t, "needed")} },
		func(t *rapid.T) journey.Event { return journey.TaskGiven{Step: step.Draw(t, "step")} },
		func(t *rapid.T) journey.Event { return journey.TaskSkipped{Step: step.Draw(t, "step")} },
		func(t *rapid.T) journey.Event { return journey.Performed{Verdict: verdict.Draw(t, "verdict")} },
		func(t *rapid.T) journey.Event { return journey.Sent{} },
		func(*rapid.T) journey.Event { return journey.PasskeyGiven{} },
		func(*rapid.T) journey.Event { return journey.PasskeyChecked{Verdict: journey.Match, Verified: true} },
		func(*rapid.T) journey.Event { return journey.Back{} },
		func(*rapid.T) journey.Event { return journey.Expired{} },
	}
	return rapid.Custom(func(t *rapid.T) journey.Event { return rapid.SampledFrom(events).Draw(t, "event")(t) })
}

// tally counts what was seen.
type tally map[funnel.Observation]int

func (c tally) open(steps []string) (all int, wrong string) {
	for _, s := range steps {
		count := func(o funnel.Outcome) int { return c[funnel.Observation{Step: s, Outcome: o}] }
		n := count(funnel.Shown) - count(funnel.Done) - count(funnel.Skipped) - count(funnel.Left)
		if all += n; n < 0 || n > 1 {
			wrong = fmt.Sprintf("%s is %d times open: %v", s, n, c)
		}
	}
	return all, wrong
}

// Whatever happens, in whatever order, over however many visits: whoever came to a step
// did it, passed it over, left it, or stands there.
func TestDropsAddUp(t *testing.T) {
	j := compiled(t)
	rapid.Check(t, func(t *rapid.T) {
		counts := tally{}
		var s journey.State
		var shows bool // a page, with a step
		for visit := range rapid.IntRange(1, 6).Draw(t, "visits") {
			events := rapid.SliceOfN(happens(), 1, 12).Draw(t, "events")
			if visit == 0 {
				events[0] = journey.Begin{}
			}
			w := funnel.New(j, s, events[0])
			for _, e := range events {
				var effects []journey.Effect
				s, effects = journey.Step(j, s, e)
				w.Step(e, s, effects)
			}
			if !settled(j, &s, w) {
				t.Skip("a visit ends at a page")
			}
			for _, o := range w.Seen {
				counts[o]++
			}
			shows = !s.Ended()
			open, wrong := counts.open(j.Steps())
			if want := map[bool]int{true: 1}[shows]; wrong != "" || open != want {
				t.Fatalf("open %d, want %d; %s", open, want, wrong)
			}
		}
	})
}

// settled brings a visit to the page at which it ends.
func settled(j *journey.Journey, s *journey.State, w *funnel.Watch) bool {
	e := journey.Event(journey.Begin{})
	for range 20 {
		next, effects := journey.Step(j, *s, e)
		*s = next
		w.Step(e, next, effects)
		e = nil
		for _, effect := range effects {
			switch effect := effect.(type) {
			case journey.Consult:
				e = journey.Found{Needed: true}
			case journey.LookUpFactors:
				e = journey.FactorsFound{Enrolled: true}
			case journey.Send:
				e = journey.Sent{}
			case journey.Perform:
				e = journey.Performed{Verdict: journey.NoMatch}
			case journey.StartSession, journey.ShowPage:
				return true
			default:
				_ = effect
			}
		}
		if e == nil {
			return s.Ended()
		}
	}
	return false
}

func TestASummaryNeverGoesBelowZero(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		counts := rapid.SliceOf(rapid.Custom(func(t *rapid.T) funnel.Count {
			return funnel.Count{
				Step: rapid.SampledFrom([]string{"a", "b", "gone"}).Draw(t, "step"), Outcome: rapid.SampledFrom(funnel.Outcomes()).Draw(t, "outcome"),
				Took: rapid.IntRange(-2, 20).Draw(t, "took"), Times: rapid.Int64Range(-5, 1e9).Draw(t, "times"),
			}
		})).Draw(t, "counts")
		for _, s := range funnel.Summarise([]string{"a", "b"}, counts) {
			if s.Gone < 0 || s.Drop < 0 || s.Drop > 100 || math.IsNaN(s.Drop) || s.Shown < 0 || s.Done < 0 {
				t.Fatalf("%+v", s)
			}
			var took int64
			for _, n := range s.Took {
				took += n
			}
			if took != s.Done {
				t.Fatalf("times of %d of %d", took, s.Done)
			}
		}
	})
}

func TestWhoQuitsAtTheSecondFactorIsCountedThere(t *testing.T) {
	var counts []funnel.Count
	for step, n := range map[string][2]int64{"identifier": {100, 90}, "password": {90, 80}, "second": {80, 20}} {
		counts = append(counts, funnel.Count{Step: step, Outcome: funnel.Shown, Times: n[0]}, funnel.Count{Step: step, Outcome: funnel.Done, Took: 2, Times: n[1]})
	}
	var drops []string
	for _, s := range funnel.Summarise([]string{"identifier", "password", "second"}, counts) {
		drops = append(drops, fmt.Sprintf("%s %d %.1f", s.Step, s.Gone, s.Drop))
	}
	if diff := cmp.Diff([]string{"identifier 10 10.0", "password 10 11.1", "second 60 75.0"}, drops); diff != "" {
		t.Error(diff)
	}
}

func TestTimesFallIntoBuckets(t *testing.T) {
	for took, want := range map[time.Duration]int{-1: 0, 0: 1, 5*time.Second - 1: 1, 5 * time.Second: 2, 15 * time.Minute: 8, 24 * time.Hour: 8} {
		if got := funnel.Bucket(took); got != want {
			t.Errorf("%v: bucket %d, want %d", took, got, want)
		}
	}
}

func ExampleWatch() {
	j := journey.Default()
	var s journey.State
	w := funnel.New(j, s, journey.Begin{})
	for _, e := range []journey.Event{journey.Begin{}, journey.IdentifierGiven{Typed: "dana"}, journey.PasswordGiven{Of: "dana", Empty: true}, journey.Back{}} {
		var effects []journey.Effect
		s, effects = journey.Step(j, s, e)
		w.Step(e, s, effects)
	}
	for _, o := range w.Seen {
		fmt.Println(o.Step, o.Outcome)
	}
	// Output:
	// identifier shown
	// identifier done
	// password shown
	// password refused
	// password left
	// identifier shown
}
