package assess

import (
	"slices"
	"strings"
	"time"
)

const day = 24 * time.Hour

// bands are what dormancy is told in, in days.
var bands = [...]int{30, 90, 365}

const (
	period  = 30 * day
	periods = 25 // two years, and longer ago
)

// activity counts when people signed in last, and when they registered.
type activity struct {
	at      time.Time
	field   string // that says so; empty: not found yet
	asked   bool   // the field was named by whoever asks
	known   int64
	silent  int64 // said nothing
	unclear int64
	within  [len(bands) + 1]int64
	curve   [periods]int64
	years   map[int]int64
}

// lastNames are what sources call the time of the last sign-in, without dots,
// dashes and case.
var lastNames = map[string]bool{
	"lastlogin": true, "lastsignin": true, "lastsigninat": true, "lastloginat": true, "lastlogindate": true, "lastsignedinat": true,
	"currentsigninat": true, "lastlogininstant": true, "lastloggedin": true, "lastaccess": true, "login": false, "pwdlastsuccess": true,
	"authtimestamp": true, "lastlogintime": true, "lastseen": true, "lastactivityat": true, "lastactivity": true, "lastvisit": true,
}

// folded is a name as lists of names have it.
func folded(name string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '.' || r == '_' || r == '-' || r == ' ' || r == ':' || r == '/':
			return -1
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		}
		return r
	}, name)
}

// IsLastSignIn tells whether a field, by its name, says when somebody signed in
// last.
func IsLastSignIn(field string) bool { return lastNames[folded(field)] }

// dormancy is how long ago somebody signed in.
type dormancy uint8

const (
	unsaid dormancy = iota
	active          // within a year
	asleep          // longer ago, or never
)

// add counts one person.
func (a *activity) add(e *Entry) dormancy {
	year := 0
	if created := e.Outcome.Customer.Created; !created.IsZero() {
		year = created.UTC().Year()
	}
	a.years[year]++
	if !a.asked && a.field == "" {
		a.field = e.lastSignIn()
	}
	text := ""
	if a.field != "" {
		text = e.value(a.field)
	}
	if strings.TrimSpace(text) == "" {
		a.silent++
		if a.field == "" {
			return unsaid
		}
		return asleep
	}
	last, ok := instant(text)
	if !ok {
		a.unclear++
		return unsaid
	}
	return a.count(a.at.Sub(last))
}

func (a *activity) count(ago time.Duration) dormancy {
	a.known++
	a.curve[min(max(int(ago/period), 0), periods-1)]++
	for i, days := range bands {
		if ago <= time.Duration(days)*day {
			a.within[i]++
			return active
		}
	}
	a.within[len(bands)]++
	return asleep
}

// told sums up.
func (a *activity) told() (Activity, []Year) {
	all := Activity{Within: []Band{}}
	if a.known+a.unclear > 0 || a.asked {
		all.Field, all.Known, all.Never, all.Unclear = a.field, a.known, a.silent, a.unclear
	}
	if a.known > 0 {
		for i, days := range bands {
			all.Within = append(all.Within, Band{days, a.within[i]})
		}
		all.Within = append(all.Within, Band{0, a.within[len(bands)]})
		all.Curve = slices.Clone(a.curve[:])
	}
	years := []Year{}
	for year, n := range a.years {
		years = append(years, Year{year, n})
	}
	slices.SortFunc(years, func(a, b Year) int { return a.Year - b.Year })
	return all, years
}
