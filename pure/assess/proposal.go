package assess

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Proposal is a way to go, computed from the figures. Whoever decides otherwise
// knows more than a file does; the rules say what would change it.
type Proposal struct {
	Approach Approach `json:"approach"`
	// Window is for how many days passwords are checked against the earlier system,
	// 0 if that is not needed or the figures say nothing of it.
	Window int `json:"jit_days"`
	// Reached is how many of every hundred people who were active within a year would
	// have crossed by then; 0: not known.
	Reached int      `json:"jit_reached_percent,omitempty"`
	Reasons []Step   `json:"reasons"`
	Stages  []Step   `json:"stages"`
	Waves   []Wave   `json:"waves"`
	Calls   []Burden `json:"calls"`
	// CallsAll is the sum of Calls.
	CallsAll int64 `json:"calls_all"`
}

// Approach is how people are moved.
type Approach string

// The approaches.
const (
	BigBang Approach = "big-bang"      // all of them in one night
	Phased  Approach = "phased-bulk"   // in waves, each by the export
	JITBulk Approach = "jit-then-bulk" // at their sign-in, then the rest by the export
)

// Step is a sentence of the proposal, with the rule that led to it.
type Step struct {
	Rule string `json:"rule"`
	Text string `json:"text"`
}

// Wave is a group of people to move together. Waves are in the order of risk, the
// least first, and hold everybody who is accepted once, but for the pilot, which
// is taken from the first of them.
type Wave struct {
	Name   string `json:"name"`
	People int64  `json:"people"`
	Notice string `json:"notice"` // what they will notice
	First  string `json:"first"`  // what is to be done before
}

// Burden is calls to support that a group will make, under an assumption.
type Burden struct {
	Of      string `json:"of"`
	People  int64  `json:"people"`
	PerMill int64  `json:"per_thousand"` // who call: an assumption
	Calls   int64  `json:"calls"`
}

// The thresholds of the rules.
const (
	fewPeople    = 2000 // who can be told and helped in a week
	cleanShare   = 990  // of a thousand come in by what they have
	portable     = 950  // of a thousand passwords come along
	reachedShare = 90   // of a hundred who were active within a year
	pilotShare   = 100  // one of so many
	fewestPilots = 20
	mostPilots   = 500
)

// propose concludes.
func propose(r *Report, cohorts [lastCohort]int64) Proposal {
	p := Proposal{Reasons: []Step{}, Stages: []Step{}, Waves: waves(cohorts), Calls: []Burden{}}
	p.approach(r, cohorts)
	p.window(r)
	p.resets(r)
	p.stages(r)
	p.burdens(cohorts, r)
	return p
}

func (p *Proposal) because(rule, format string, args ...any) {
	p.Reasons = append(p.Reasons, Step{rule, fmt.Sprintf(format, args...)})
}

// people is so many of them.
func people(n int64) string {
	if n == 1 {
		return "1 person"
	}
	return figure(n) + " people"
}

// figure is a number for people to read.
func figure(n int64) string {
	text := strconv.FormatInt(n, 10)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// mill is how many of a thousand.
func mill(part, of int64) int64 {
	if of == 0 {
		return 0
	}
	return part * 1000 / of
}

// percent is for people to read.
func percent(part, of int64) string {
	switch {
	case part == 0:
		return "None"
	case part == of:
		return "All"
	}
	share := float64(part) * 100 / float64(of)
	switch {
	case part > 0 && share < 0.1:
		return "less than 0.1%"
	case part < of && share > 99.9:
		return "more than 99.9%"
	}
	return fmt.Sprintf("%.1f%%", share)
}

func (p *Proposal) approach(r *Report, cohorts [lastCohort]int64) {
	smooth := cohorts[easy] + cohorts[second] + cohorts[dormant]
	usable := r.Passwords.usable()
	own := usable + r.Passwords.unusable() + r.Passwords.Without - r.Passwords.WithoutElsewhere
	clean := mill(smooth, r.Records.Total) >= cleanShare
	switch {
	case r.Records.Accepted == 0:
		p.Approach = Phased
		p.because("nobody-fits", "No record could be accepted as it is. Close what blocks first, and assess again.")
	case own > 0 && mill(usable, own) < portable:
		p.Approach = JITBulk
		p.because("hashes-missing", "%s of those who sign in by a password bring a hash that verifies here. The others cross at their sign-in, with the earlier system as the judge of their password, and what is left afterwards follows by the export.", percent(usable, own))
	case r.Records.Total <= fewPeople && clean:
		p.Approach = BigBang
		p.because("small-and-clean", "%s records, and %s of them come in by what they have: waves would cost more than they spare.", figure(r.Records.Total), percent(smooth, r.Records.Total))
	default:
		p.Approach = Phased
		p.because("hashes-portable", "%s of the passwords verify here as they are, so nobody has to be asked at sign-in, and a wave can be moved whenever it suits support.", percent(usable, own))
		if r.Records.Total > fewPeople {
			p.because("many-people", "With %s records, one night in which everything changes risks everybody at once. Waves stop at the first sign of trouble.", figure(r.Records.Total))
		}
	}
}

// window reads the dormancy curve: who signed in so many days ago will, by and
// large, be back in as many.
func (p *Proposal) window(r *Report) {
	if p.Approach != JITBulk {
		return
	}
	if len(r.Activity.Curve) == 0 {
		p.because("dormancy-unknown", "No field says when people signed in last, so how long to wait for them cannot be computed. Name it (--last-sign-in), or begin with 90 days and look at who comes.")
		return
	}
	var year, met int64
	for i := 0; i < 12; i++ {
		year += r.Activity.Curve[i]
	}
	for i := 0; i < 12 && year > 0; i++ {
		met += r.Activity.Curve[i]
		if p.Window, p.Reached = (i+1)*30, int(met*100/year); p.Reached >= reachedShare {
			break
		}
	}
	if p.Window > 0 {
		p.because("dormancy-curve", "Of those who were active within a year, %d of 100 signed in during the last %d days. About as many would cross in a window of that length; longer ones bring few more.", p.Reached, p.Window)
	}
	if asleep := r.Activity.Within[len(r.Activity.Within)-1].People + r.Activity.Never; asleep > 0 {
		p.because("sleepers", "%s: not signed in for a year, or never. No window reaches them: they follow by the export and choose a password when they come.", people(asleep))
	}
}

func (p *Proposal) resets(r *Report) {
	if r.Ways.Reset > 0 {
		text := "an address is proved, and no password counts. A link lets them choose one."
		if p.Approach == JITBulk {
			text = "no password that counts comes along. Who does not cross at a sign-in within the window chooses one by a link to the address that they proved."
		}
		p.because("must-reset", "%s: %s", people(r.Ways.Reset), text)
	}
	if r.Ways.Stuck > 0 {
		p.because("must-claim", "%s: no password that counts, and no address that was ever proved. They can only claim their account, which takes somebody's time: plan for it.", people(r.Ways.Stuck))
	}
	if n := r.Records.Held; n > 0 {
		p.because("held-first", "Held: %s. The waves go without them; what they wait for is among the gaps.", figure(n))
	}
}

func (p *Proposal) stages(r *Report) {
	stage := func(rule, format string, args ...any) {
		p.Stages = append(p.Stages, Step{rule, fmt.Sprintf(format, args...)})
	}
	if r.System != nil && len(r.System.Leads) > 0 {
		longest := slices.MaxFunc(r.System.Leads, func(a, b Lead) int { return a.Days - b.Days })
		stage("lead-times", "Begin what takes longest: %s.", strings.ToLower(longest.What[:1])+longest.What[1:])
	}
	stage("backup", "Back up, and restore the backup somewhere to see that it works.")
	stage("dry-run", "Rehearse the import: the same figures come out, and nothing is written.")
	switch p.Approach {
	case BigBang:
		stage("cut-over", "Close the earlier system for changes, export once more, import, and open the new one. Keep the old one closed and whole until reconciliation agrees.")
	case JITBulk:
		if p.Window > 0 {
			stage("jit", "Move profiles, and let people cross at their sign-in for about %d days.", p.Window)
		} else {
			stage("jit", "Move profiles, and let people cross at their sign-in; watch how many come.")
		}
		stage("bulk", "Import the rest by a fresh export, and close the earlier system for them.")
	default:
		stage("pilot", "Move the pilot, and wait a week: sign-ins, calls, complaints.")
		stage("waves", "Move wave after wave, each as large as support can bear.")
	}
	stage("reconcile", "Compare counts and fields of both systems, and let a sample sign in.")
	stage("decommission", "Switch the earlier system off once nobody has asked it for 30 days.")
}

// waves puts the cohorts into the order of risk, with a pilot before them.
func waves(cohorts [lastCohort]int64) []Wave {
	all := []Wave{}
	pilot := min(max(cohorts[easy]/pilotShare, min(cohorts[easy], fewestPilots)), mostPilots)
	add := func(people int64, w Wave) {
		if w.People = people; people > 0 {
			all = append(all, w)
		}
	}
	add(pilot, Wave{Name: "Pilot", Notice: "Colleagues and volunteers who tell you what they see.", First: "Name them."})
	add(cohorts[easy]-pilot, Wave{Name: "Password only", Notice: "Nothing but a page that looks otherwise.", First: "Tell them that it is yours."})
	add(cohorts[second], Wave{Name: "With a second factor that moves", Notice: "The same password, the same app.", First: "Try it with the pilot's own devices."})
	add(cohorts[dormant], Wave{Name: "Not seen for a year", Notice: "Nothing, until they come back.", First: "Ask data protection whether they must still be kept."})
	add(cohorts[reenrol], Wave{Name: "Passkeys that end", Notice: "They sign in by password once, and make a new passkey.", First: "Write to them before, with a picture."})
	add(cohorts[bereft], Wave{Name: "Second factor that stays behind", Notice: "They are asked to set up another one.", First: "Security decides whether they may sign in without it meanwhile."})
	add(cohorts[resetting], Wave{Name: "New password", Notice: "They choose a password by a link.", First: "Send it in portions that support can bear."})
	add(cohorts[elsewhere], Wave{Name: "Other providers only", Notice: "The button of their provider is not there yet.", First: "Offer a password, or wait for the provider."})
	add(cohorts[stuck], Wave{Name: "Without a way in", Notice: "They have to show who they are.", First: "Train staff; decide which facts count."})
	return all
}

// assumed are shares of a thousand who call. They are assumptions to be replaced
// by your own: what is known in public are stories, in which a new second factor
// caused most calls.
var assumed = [lastCohort]int64{easy: 5, second: 20, dormant: 10, reenrol: 100, bereft: 150, resetting: 100, elsewhere: 250, stuck: 1000}

func (p *Proposal) burdens(cohorts [lastCohort]int64, r *Report) {
	names := [lastCohort]string{
		easy: "Password only", second: "With a second factor that moves", dormant: "Not seen for a year", reenrol: "Passkeys that end",
		bereft: "Second factor that stays behind", resetting: "New password", elsewhere: "Other providers only", stuck: "Without a way in",
	}
	add := func(of string, people, share int64) {
		if people == 0 {
			return
		}
		calls := int64(math.Ceil(float64(people) * float64(share) / 1000))
		p.Calls = append(p.Calls, Burden{of, people, share, calls})
		p.CallsAll += calls
	}
	for c := lastCohort - 1; c >= 0; c-- {
		add(names[c], cohorts[c], assumed[c])
	}
	add("Held records", r.Records.Held, 300)
}
