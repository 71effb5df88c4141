package console

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"sallyport/service/audit"
	"sallyport/web/design"
)

// windowRows is how many events a histogram is drawn of, and chips are taken
// from: a page of the store's, so that it costs the same at any size of ledger.
const windowRows = 1000

// bars is a picture of numbers, with the same as a table.
type bars struct {
	Label, Caption string
	Width, Each    int
	Bars           []bar
	Table          design.Table
}

// bar is one number, and how much of it was refused, in pixels from the top.
type bar struct{ X, Y, Height, Bad, BadY int }

const (
	barsHigh = 64
	barsWide = 720
	maxBars  = 72
	maxStep  = 24 // from one bar to the next
)

// histogram draws how many events there were in each minute, hour or day. events
// are newest first, and not empty.
func histogram(events []audit.Record) *bars {
	first, last := events[len(events)-1].At, events[0].At
	each, form, per := 24*time.Hour, time.DateOnly, "day"
	switch span := last.Sub(first); {
	case span <= maxBars*time.Minute:
		each, form, per = time.Minute, "15:04", "minute"
	case span <= maxBars*time.Hour:
		each, form, per = time.Hour, "2006-01-02 15:04", "hour"
	}
	from := first.UTC().Truncate(each)
	n := max(1, int(last.Sub(from)/each)+1)
	if n > maxBars { // the newest days; the older ones are told, not drawn
		from, n = from.Add(time.Duration(n-maxBars)*each), maxBars
	}
	all, refused := make([]int, n), make([]int, n)
	for _, e := range events {
		if i := int(e.At.Sub(from) / each); !e.At.Before(from) && i < n {
			all[i]++
			if e.Result != audit.OK {
				refused[i]++
			}
		}
	}
	step := min(barsWide/n, maxStep)
	b := &bars{
		Label:   fmt.Sprintf("%d events per %s, from %s to %s UTC", len(events), per, first.UTC().Format("2006-01-02 15:04"), last.UTC().Format("2006-01-02 15:04")),
		Caption: fmt.Sprintf("Events per %s, the dark part refused, between %s and %s UTC.", per, first.UTC().Format("2006-01-02 15:04"), last.UTC().Format("2006-01-02 15:04")),
		Width:   barsWide, Each: step - 2,
		Table: design.Table{Columns: []design.Column{{Label: "From (UTC)"}, {Label: "Events", Number: true}, {Label: "Refused", Number: true}}},
	}
	if len(events) == windowRows {
		b.Caption += fmt.Sprintf(" Of the newest %d that were found; there may be more.", windowRows)
	}
	most := slices.Max(all)
	for i := range n {
		if all[i] == 0 {
			continue
		}
		high, bad := max(1, all[i]*barsHigh/most), 0
		if refused[i] > 0 {
			bad = max(1, refused[i]*barsHigh/most)
		}
		b.Bars = append(b.Bars, bar{X: i * step, Y: barsHigh - high, Height: high, Bad: bad, BadY: barsHigh - bad})
		b.Table.Rows = append(b.Table.Rows, design.Row{Cells: []design.Cell{
			design.Text(from.Add(time.Duration(i) * each).Format(form)), design.Text(fmt.Sprint(all[i])), design.Text(fmt.Sprint(refused[i])),
		}})
	}
	slices.Reverse(b.Table.Rows)
	return b
}

// completions are words by which what was found can be narrowed, the most
// frequent first.
func completions(events []audit.Record) []term {
	counts := map[term]int{}
	count := func(key, value string) {
		if value != "" && !strings.ContainsAny(value, " \t\n") {
			counts[term{key, value}]++
		}
	}
	for _, e := range events {
		count("type", e.Type)
		count("application", e.Application)
		count("actor", e.Actor)
		if e.Result != audit.OK {
			count("result", e.Result)
		}
	}
	most := map[string]int{"type": 5, "application": 3, "actor": 3, "result": 3}
	all := slices.SortedFunc(maps.Keys(counts), func(a, b term) int {
		if n := counts[b] - counts[a]; n != 0 {
			return n
		}
		return strings.Compare(a.String(), b.String())
	})
	var kept []term
	for _, key := range []string{"type", "result", "application", "actor"} {
		for _, t := range all {
			if t.key == key && most[key] > 0 && counts[t] < len(events) {
				most[key]--
				kept = append(kept, t)
			}
		}
	}
	return kept
}
