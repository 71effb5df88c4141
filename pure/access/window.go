package access

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

const day = 24 * time.Hour

// contains reports whether t lies in the window. In the hour that a zone
// repeats both passes count; in the hour that it skips nothing does.
func (w Window) contains(t time.Time) bool {
	local := t.In(w.Zone)
	hour, minute, second := local.Clock()
	clock := time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute +
		time.Duration(second)*time.Second + time.Duration(local.Nanosecond())
	if w.From < w.To {
		return w.From <= clock && clock < w.To && w.opens(local.Weekday())
	}
	if clock >= w.From {
		return w.opens(local.Weekday())
	}
	return clock < w.To && w.opens((local.Weekday()+6)%7)
}

func (w Window) opens(d time.Weekday) bool {
	return len(w.Days) == 0 || slices.Contains(w.Days, d)
}

// String gives the window as "Mon Tue 09:00-17:00 Europe/London".
func (w Window) String() string {
	var b strings.Builder
	for _, d := range w.Days {
		b.WriteString(d.String()[:3] + " ")
	}
	b.WriteString(clockText(w.From) + "-" + clockText(w.To))
	if w.Zone != nil {
		b.WriteString(" " + w.Zone.String())
	}
	return b.String()
}

func clockText(d time.Duration) string {
	text := fmt.Sprintf("%02d:%02d", d/time.Hour, d%time.Hour/time.Minute)
	if rest := d % time.Minute; rest != 0 {
		text += fmt.Sprintf(":%02d", rest/time.Second)
	}
	return text
}
