package config

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"sallyport/pure/access"
)

// weekdays in the order of package time.
var weekdays = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

// placed is a finding with its place.
type placed struct {
	at spot
	finding
}

func (c *checker) problemsAt(p placed) { c.fail(p.at, p.finding) }

// readWindow turns a window as it is written into one that decides. Windows past
// midnight are written with to before from.
func readWindow(at spot, w TimeWindow) (access.Window, *placed) {
	var window access.Window
	bad := func(key, what, fix string) (access.Window, *placed) {
		return window, &placed{at.at(key), finding{TimeInvalid, what, fix}}
	}
	for i, name := range w.Days {
		at := slices.Index(weekdays, name)
		if at < 0 {
			_, p := bad("days", fmt.Sprintf("%.40q is no day of the week", name), suggest(name, weekdays))
			p.at = p.at.at(i)
			return window, p
		}
		window.Days = append(window.Days, time.Weekday(at))
	}
	if w.Days != nil && len(w.Days) == 0 {
		return bad("days", "the list of days is empty", "remove days: for every day")
	}
	var ok bool
	if window.From, ok = clock(w.From); !ok || window.From == day {
		return bad("from", fmt.Sprintf("%.40q is no time of day", w.From), "write it 08:00")
	}
	if window.To, ok = clock(w.To); !ok {
		return bad("to", fmt.Sprintf("%.40q is no time of day", w.To), "write it 18:00; the end of the day is 24:00")
	}
	if window.From == window.To {
		return bad("to", "the window begins and ends at the same time", "write 00:00 to 24:00 for the whole day")
	}
	zone, err := time.LoadLocation(w.Zone)
	// The machine's own zone would give one tree two meanings.
	if err != nil || w.Zone == "" || w.Zone == "Local" {
		return bad("zone", fmt.Sprintf("%.40q is no time zone", w.Zone), "name one of the IANA's, such as Europe/Berlin or UTC")
	}
	window.Zone = zone
	return window, nil
}

// clock reads 15:04, and 24:00, as the time since midnight.
func clock(text string) (time.Duration, bool) {
	if len(text) != 5 || text[2] != ':' {
		return 0, false
	}
	hours, err1 := strconv.ParseUint(text[:2], 10, 8)
	minutes, err2 := strconv.ParseUint(text[3:], 10, 8)
	d := time.Duration(hours)*time.Hour + time.Duration(minutes)*time.Minute
	return d, err1 == nil && err2 == nil && minutes < 60 && d <= day
}
