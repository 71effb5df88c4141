package console

import (
	"context"
	"math"
	"strconv"
	"strings"
	"sync"
	"time"

	"sallyport/service/audit"
	"sallyport/service/environment"
	"sallyport/web/design"
)

// The figures of an environment are read from the ledger within bounds that hold
// at any size of it: the last hour from its newest events, a week from events
// that are taken evenly over it. They are kept for a minute, and say how old
// they are.
const (
	pulseFor     = time.Minute
	hourPages    = 5  // of windowRows events each: more are told as "at least"
	weekSlices   = 28 // of six hours each
	perSlice     = 50 // events that are read of each
	pulseTimeout = 5 * time.Second
	pulseRest    = 10 * time.Second // after a ledger that did not answer
)

// sample is what some events of the ledger say.
type sample struct {
	events, refused     int
	signIns, turnedAway int // sign-ins that succeeded, and that did not
	callsRefused        int
	whole               bool // these are all events of the time
	from                time.Time
}

func (s *sample) add(events []audit.Record) {
	for _, e := range events {
		s.events++
		s.from = e.At
		if e.Result != audit.OK {
			s.refused++
		}
		switch audit.Type(e.Type) {
		case audit.SignedIn:
			s.signIns++
		case audit.SignInRefused, audit.SignInLimited:
			s.turnedAway++
		case audit.CallRefused:
			s.callsRefused++
		}
	}
}

// success is how many of a hundred sign-ins succeeded.
func (s sample) success() string { return percent(s.signIns, s.signIns+s.turnedAway) }

// percent rounds to a tenth, and never to nothing or all when it is neither.
func percent(part, all int) string {
	if all == 0 {
		return "–"
	}
	switch share := float64(part) * 100 / float64(all); {
	case share > 0 && share < 0.1:
		return "under 0.1%"
	case share > 99.9 && share < 100:
		return "over 99.9%"
	default:
		return strconv.FormatFloat(math.Round(share*10)/10, 'f', -1, 64) + "%"
	}
}

// pulse is how an environment was a moment ago.
type pulse struct {
	at         time.Time
	hour, week sample
	calls      int64
	allCalls   bool
}

// pulses keeps the last pulse of each environment. It is safe for concurrent use.
type pulses struct {
	mu   sync.Mutex
	kept map[*environment.Live]*beat
}

// beat is one environment's; its lock lets one request read the ledger and the
// others wait for it.
type beat struct {
	mu     sync.Mutex
	last   *pulse
	failed time.Time // when the ledger did not answer; zero since it has
}

func (p *pulses) of(live *environment.Live) *beat {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.kept == nil {
		p.kept = map[*environment.Live]*beat{}
	}
	if p.kept[live] == nil {
		p.kept[live] = &beat{}
	}
	return p.kept[live]
}

// pulse reads the figures of the environment, unless they are as fresh as a
// minute. Figures that cannot be read now are those of before, with what is wrong.
func (x *exchange) pulse() (p *pulse, asOf *design.AsOf) {
	b := x.pulses.of(x.live)
	b.mu.Lock()
	defer b.mu.Unlock()
	now := x.cfg.Now()
	if b.last != nil && now.Sub(b.last.at) < pulseFor {
		return b.last, &design.AsOf{At: b.last.at}
	}
	if now.Sub(b.failed) >= pulseRest { // or those who wait would each wait for it in turn
		x.beatOnce(b, now)
	}
	switch {
	case b.last == nil:
		return nil, nil
	case b.failed.IsZero():
		return b.last, &design.AsOf{At: b.last.at}
	default:
		return b.last, &design.AsOf{At: b.last.at, Stale: "the ledger does not answer in time"}
	}
}

// beatOnce reads the figures for everybody who waits, whoever of them leaves.
func (x *exchange) beatOnce(b *beat, now time.Time) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(x.r.Context()), pulseTimeout)
	defer cancel()
	fresh, err := x.readPulse(ctx, now)
	if err != nil {
		x.cfg.Log.Error("console figures failed", "environment", x.live.Tenant+"/"+x.live.Name, "error", err)
		b.failed = now
		return
	}
	b.last, b.failed = fresh, time.Time{}
}

func (x *exchange) readPulse(ctx context.Context, now time.Time) (*pulse, error) {
	p := &pulse{at: now}
	read := func(s *sample, from, to time.Time, cursor string, limit int) (next string, err error) {
		q := "after:" + from.UTC().Format(time.RFC3339) + " before:" + to.UTC().Format(time.RFC3339)
		events, next, err := x.cfg.Ledger.Events(ctx, x.live.ID, q, cursor, limit)
		s.add(events)
		return next, err
	}
	end := now.Add(time.Second) // before: does not include its instant, and knows whole seconds
	cursor := ""
	for range hourPages {
		var err error
		if cursor, err = read(&p.hour, now.Add(-time.Hour), end, cursor, windowRows); err != nil {
			return nil, err
		}
		if p.hour.whole = cursor == ""; p.hour.whole {
			break
		}
	}
	p.week.whole = true
	const slice = 7 * 24 * time.Hour / weekSlices
	for i := range weekSlices {
		to := end.Add(-time.Duration(i) * slice)
		next, err := read(&p.week, to.Add(-slice), to, "", perSlice)
		if err != nil {
			return nil, err
		}
		p.week.whole = p.week.whole && next == ""
	}
	var err error
	p.calls, p.allCalls, err = x.cfg.Subscribe.Called(ctx, x.live, now.Add(-time.Hour), end)
	return p, err
}

// figures are the tiles of a pulse, each with what it means.
func (x *exchange) figures(p *pulse) []design.Tile {
	atLeast := ""
	if !p.hour.whole {
		atLeast = "at least "
	}
	week := "over 7 days " + p.week.success()
	if !p.week.whole {
		week += ", by " + grouped(int64(p.week.events)) + " events taken evenly"
	}
	tiles := []design.Tile{
		{
			Label: "Sign-in success, last hour", Value: p.hour.success(), URL: x.ledger("type:signin. after:1h"),
			Note: atLeast + grouped(int64(p.hour.signIns)) + " signed in, " + grouped(int64(p.hour.turnedAway)) + " turned away; " + week,
		},
		{
			Label: "Refusals, last hour", Value: grouped(int64(p.hour.refused)), URL: x.ledger("result:!ok after:1h"),
			Note: atLeast + percent(p.hour.refused, p.hour.events) + " of what happened; over 7 days " + percent(p.week.refused, p.week.events),
		},
		{
			Label: "API calls, last hour", Value: grouped(p.calls), URL: x.ledger("type:call.refused after:1h"),
			Note: "forwarded by the gateway; refusals told in " + many(int64(p.hour.callsRefused), "event"),
		},
	}
	for i := range tiles {
		tiles[i].Note = strings.TrimSpace(tiles[i].Note)
	}
	if !p.allCalls {
		tiles[2].Note = "at least; " + tiles[2].Note
	}
	return tiles
}
