package assessment

import (
	"fmt"
	"strings"

	"sallyport/pure/assess"
)

// view is the page's data: the report, and what is drawn of it.
type view struct {
	*assess.Report
	Title    string
	Headline string
	Smooth   int64 // who notice nothing or next to nothing
	Entrance strip
	Hashes   strip
	Factor   strip
	Proofs   []proof
	Curve    columns
	Years    columns
	Shared   []shared
	Blocking int
	Most     int64 // people of the largest wave
}

// proof is the strip of one kind of identifier.
type proof struct {
	assess.Identifier
	Strip strip
}

// shared is one way in which records share something.
type shared struct {
	Name, Means string
	assess.Group
}

func viewOf(r *assess.Report) *view {
	v := &view{Report: r, Title: titleOf(r), Entrance: waysOf(r), Hashes: hashesOf(r), Factor: factorOf(r), Shared: sharedOf(r)}
	v.Smooth = r.Ways.Password + r.Ways.Passkey
	v.Headline = headline(v)
	for _, id := range r.Identifiers {
		v.Proofs = append(v.Proofs, proof{id, stripOf("Proof of "+id.Kind, []piece{{"Verified", "ok", id.Verified}, {"Not verified", "warn", id.Unverified}})})
	}
	v.Curve, v.Years = curveOf(r), yearsOf(r)
	for _, g := range r.Gaps {
		if g.Weight == assess.Blocks {
			v.Blocking++
		}
	}
	for _, w := range r.Proposal.Waves {
		v.Most = max(v.Most, w.People)
	}
	return v
}

func titleOf(r *assess.Report) string {
	if r.Source.Title != "" {
		return r.Source.Title
	}
	if r.System != nil {
		return r.System.Title
	}
	return strings.ToUpper(r.Source.Format)
}

// headline is the one sentence that a reader takes away.
func headline(v *view) string {
	total := v.Records.Total
	switch {
	case total == 0:
		return "The export holds nobody."
	case v.Smooth == total:
		return "Everybody comes in by what they have."
	case v.Smooth == 0:
		return "Nobody comes in by what this export holds."
	}
	return fmt.Sprintf("%s come in by what they have.", share(v.Smooth, total))
}

func waysOf(r *assess.Report) strip {
	w := r.Ways
	return stripOf("How people come in on the first day", []piece{
		{"With the password they have", "ok", w.Password},
		{"With a passkey", "ok2", w.Passkey},
		{"By choosing a password", "accent", w.Reset},
		{"Only by another provider", "pending", w.Elsewhere},
		{"Not without help", "warn", w.Stuck},
		{"Held", "bad", r.Records.Held},
		{"Dropped", "plain", r.Records.Dropped},
	})
}

func hashesOf(r *assess.Report) strip {
	by := map[assess.Portability]int64{}
	for _, s := range r.Passwords.Schemes {
		by[s.Portability] += s.Records
	}
	p := &r.Passwords
	return stripOf("Password hashes", []piece{
		{"Verify as they are", "ok", by[assess.Verifies]},
		{"Verify, and are wrapped", "ok2", by[assess.Wrapped]},
		{"None, another provider", "pending", p.WithoutElsewhere},
		{"None in this export", "accent", p.Without - p.WithoutElsewhere},
		{"Declared void", "accent2", p.Expired},
		{"Not usable", "bad", by[assess.Unknown] + by[assess.Broken] + by[assess.Costly] + p.Disputed},
		{"Not looked at", "plain", p.Unjudged},
	})
}

func factorOf(r *assess.Report) strip {
	f := &r.Factors
	return stripOf("People with a second factor", []piece{{"Keep one that works", "ok", f.Keep}, {"Theirs is kept as data", "warn", f.Waiting}, {"Would have none", "bad", f.Lose}})
}

func sharedOf(r *assess.Report) []shared {
	d := &r.Duplicates
	var all []shared
	for _, s := range []shared{
		{"Rows with one key", "A key names one person for ever: all are held.", d.Keys},
		{"One e-mail address", "Spelled alike. Exactly one who proved it may win.", d.Same},
		{"One address, other letters", "They differ by upper and lower case, which means nothing in an address here.", d.Case},
		{"One mailbox with tags", "ana+gas@ beside ana@: probably one person. Nothing is merged.", d.PlusTags},
		{"One mailbox but for dots", "The same for some providers, and not for others. Only told.", d.Dots},
		{"Families", "A proved address with different names: never merged by the address.", d.Family},
		{"Proved here, not there", "Whoever proved it has it; the others wait.", d.Mixed},
		{"One phone number", "As shared by a household or a company.", d.Phones},
		{"One username", "They differ by case, or come from two systems.", d.Usernames},
	} {
		if s.Groups > 0 {
			all = append(all, s)
		}
	}
	return all
}

func curveOf(r *assess.Report) columns {
	var bars []column
	for i, n := range r.Activity.Curve {
		label := fmt.Sprintf("%d to %d days ago", i*30, i*30+29)
		if i == len(r.Activity.Curve)-1 {
			label = fmt.Sprintf("%d days ago or more", i*30)
		}
		bars = append(bars, column{Label: label, N: n, Tone: tone(i)})
	}
	return columnsOf("Last sign-in, by periods of 30 days", bars)
}

// tone is how far a period lies in the past.
func tone(period int) string {
	switch {
	case period < 3:
		return "ok"
	case period < 12:
		return "accent"
	}
	return "plain"
}

func yearsOf(r *assess.Report) columns {
	var bars []column
	for _, y := range r.Created {
		if y.Year == 0 {
			continue
		}
		bars = append(bars, column{Label: fmt.Sprint(y.Year), N: y.People, Tone: "accent"})
	}
	return columnsOf("Registered, by year", bars)
}
