package assessment

import (
	"fmt"
	"strings"

	"sallyport/pure/assess"
)

// strip is a whole that is cut into pieces, drawn 1,000 wide.
type strip struct {
	Label  string // read out, with all figures
	All    int64
	Pieces []drawn
}

// piece is a part of a whole.
type piece struct {
	Name, Tone string
	N          int64
}

type drawn struct {
	piece
	X, Width float64
}

// leastWidth is how wide a piece is drawn at least, so that it is seen.
const leastWidth = 4

// stripOf draws what is not empty.
func stripOf(label string, pieces []piece) strip {
	s := strip{Label: label}
	kept, least := 0, 0.0
	for _, p := range pieces {
		s.All += p.N
		if p.N > 0 {
			kept++
		}
	}
	for _, p := range pieces {
		if w := width(p.N, s.All); p.N > 0 && w < leastWidth {
			least += leastWidth - w
		}
	}
	x, said := 0.0, []string{}
	for _, p := range pieces {
		if p.N == 0 {
			continue
		}
		w := width(p.N, s.All)
		if w < leastWidth {
			w = leastWidth
		} else {
			w -= least * w / 1000
		}
		if x+w > 1000 || len(s.Pieces) == kept-1 {
			w = max(1000-x, 0)
		}
		s.Pieces = append(s.Pieces, drawn{p, round(x), round(w)})
		said = append(said, fmt.Sprintf("%s %s (%s)", p.Name, grouped(p.N), share(p.N, s.All)))
		x += w
	}
	s.Label += ": " + strings.Join(said, ", ")
	return s
}

func width(n, all int64) float64 {
	if all == 0 {
		return 0
	}
	return float64(n) * 1000 / float64(all)
}

func round(f float64) float64 { return float64(int64(f*10+0.5)) / 10 }

// columns is a chart of figures side by side, 720 by 160.
type columns struct {
	Label string
	Bars  []column
	Width float64 // of each
	Most  int64
}

type column struct {
	Label, Tone string
	N           int64
	X, Y, High  float64
}

const (
	chartWide = 720
	chartHigh = 160
)

func columnsOf(label string, bars []column) columns {
	c := columns{Label: label, Bars: bars}
	for _, b := range bars {
		c.Most = max(c.Most, b.N)
	}
	if c.Most == 0 {
		return columns{}
	}
	step := float64(chartWide) / float64(max(len(bars), 6))
	c.Width = round(min(step-3, 64))
	said := []string{}
	for i := range bars {
		b := &bars[i]
		b.X = round(float64(i) * step)
		b.High = round(float64(b.N) * chartHigh / float64(c.Most))
		if b.N > 0 {
			b.High = max(b.High, 2)
		}
		b.Y = chartHigh - b.High
		if b.N > 0 {
			said = append(said, b.Label+" "+grouped(b.N))
		}
	}
	c.Label += ": " + strings.Join(said, ", ")
	return c
}

// bar is a part of a whole in a row of a table, drawn 100 wide.
type bar struct {
	Tone  string
	Width float64
}

func barOf(n, of int64, tone string) bar {
	b := bar{tone, round(width(n, of) / 10)}
	if n > 0 {
		b.Width = max(b.Width, 1)
	}
	return b
}

// fateTone is the colour of what becomes of a hash.
func fateTone(p assess.Portability) string {
	switch p {
	case assess.Verifies:
		return "ok"
	case assess.Wrapped:
		return "ok2"
	}
	return "bad"
}

func usedTone(used bool) string {
	if used {
		return "accent"
	}
	return "plain"
}
