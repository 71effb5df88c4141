package main

import (
	"fmt"
	"strings"
	"time"

	"sallyport/web/admin"
)

const (
	drawEvery = 200 * time.Millisecond // on a terminal
	tellEvery = 10 * time.Second       // elsewhere
	barWidth  = 20
)

// progress tells how far an import is, on stderr: a bar that redraws itself on
// a terminal, else a line now and then.
type progress struct {
	session *session
	name    string
	bar     bool
	last    time.Time
	drawn   bool
}

func newProgress(s *session, name string) *progress {
	return &progress{session: s, name: name, bar: terminal(s.err), last: time.Now()}
}

func (p *progress) show(now admin.ImportProgress) {
	every := tellEvery
	if p.bar {
		every = drawEvery
	}
	if p.session.flags.mute || time.Since(p.last) < every {
		return
	}
	p.last = time.Now()
	if p.bar {
		fmt.Fprintf(p.session.err, "\r\x1b[K%s", progressLine(p.name, now))
		p.drawn = true
		return
	}
	fmt.Fprintln(p.session.err, progressLine(p.name, now))
}

// end leaves the bar's line.
func (p *progress) end() {
	if p.drawn {
		fmt.Fprint(p.session.err, "\r\x1b[K")
	}
}

// progressLine is: migrate run meterman  [#####-----] 52%  5,214/10,000  410/s  held 12  ETA 12s
func progressLine(name string, now admin.ImportProgress) string {
	if now.Of == 0 {
		return fmt.Sprintf("%s  %s: %s  %.0f/s", name, now.Phase, count(now.Rows, "row"), now.Rate)
	}
	share := float64(now.Rows) / float64(now.Of)
	full := min(barWidth, int(share*barWidth))
	text := fmt.Sprintf("%s  [%s%s] %.0f%%  %s/%s  %s/s  held %s", name,
		strings.Repeat("#", full), strings.Repeat("-", barWidth-full), share*100, thousands(now.Rows), thousands(now.Of), thousands(int64(now.Rate)), thousands(now.Held))
	if now.Rate > 0 {
		left := time.Duration(float64(now.Of-now.Rows) / now.Rate * float64(time.Second))
		text += "  ETA " + left.Round(time.Second).String()
	}
	return text
}

// thousands is a count as people read it: 10,000.
func thousands(n int64) string {
	text := fmt.Sprint(n)
	for at := len(text) - 3; at > 0 && text[at-1] != '-'; at -= 3 {
		text = text[:at] + "," + text[at:]
	}
	return text
}
