package relational

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	"sallyport/store"
)

// eventPlace is where a page of the ledger goes on: behind this event.
type eventPlace struct {
	At     int64 `json:"a"`
	Writer int   `json:"w"`
	Seq    int64 `json:"s"`
}

func placeOf(e *store.ChainedEvent) eventPlace {
	return eventPlace{e.At.UnixMicro(), e.Writer, e.Seq}
}

// compare is the order of pages turned round: older places are less.
func (p eventPlace) compare(other eventPlace) int {
	return cmp.Or(cmp.Compare(p.At, other.At), cmp.Compare(p.Writer, other.Writer), cmp.Compare(p.Seq, other.Seq))
}

// eventPage is what was found, newest first, and how far it was looked: behind
// end there may be more. A nil end is that of the ledger.
type eventPage struct {
	events []store.ChainedEvent
	end    *eventPlace
}

const (
	// mostLooked bounds how many events one page is looked for among, where no
	// index knows what is asked for. Looking at these takes some 50 ms.
	mostLooked = 10_000
	// mostFrequent is the type that most of a ledger is. Its events are in no index
	// of types: they are found by their time, and the hottest write is spared it.
	mostFrequent = "token.issued"
)

// AuditEvents implements [store.Audit].
func (r *Reader) AuditEvents(ctx context.Context, env store.EnvironmentID, q store.AuditQuery) ([]store.ChainedEvent, string, error) {
	q.Limit = between(q.Limit, 1000)
	if q.Look < 1 {
		q.Look = mostLooked
	}
	kinds, err := r.kindsOf(ctx, env, q)
	if err != nil {
		return nil, "", err
	}
	var whole eventPage
	for _, kind := range kinds {
		part := q
		part.Type, part.Look = kind, max(q.Look/len(kinds), 1)
		found, err := r.eventsOf(ctx, env, part)
		if err != nil {
			return nil, "", err
		}
		whole.merge(found)
	}
	whole.cut(q.Limit)
	if whole.end == nil {
		return whole.events, "", nil
	}
	return whole.events, cursor(*whole.end), nil
}

// kindsOf gives the types that are to be looked for one by one: those with a
// prefix that alone leads to what is asked for, else the query's own.
func (r *Reader) kindsOf(ctx context.Context, env store.EnvironmentID, q store.AuditQuery) ([]string, error) {
	if !strings.HasSuffix(q.Type, ".") || q.Trace+q.Customer+q.Application != "" {
		return []string{q.Type}, nil
	}
	var kinds []string
	if strings.HasPrefix(mostFrequent, q.Type) {
		kinds = append(kinds, mostFrequent)
	}
	for last := q.Type; ; {
		kind, err := queryOne(ctx, r.conn, func(rows Rows) (k string, err error) { return k, rows.Scan(&k) },
			"SELECT type FROM audit_events WHERE env = ? AND type > ? AND type < ? AND type <> '"+mostFrequent+"' ORDER BY type LIMIT 1",
			int64(env), last, afterPrefix(q.Type))
		if err != nil {
			return kinds, missingAs(err, nil)
		}
		kinds, last = append(kinds, kind), kind
	}
}

// eventsOf gives a page of what an index leads to, and among at most Look of it
// what the rest of the query selects.
func (r *Reader) eventsOf(ctx context.Context, env store.EnvironmentID, q store.AuditQuery) (eventPage, error) {
	led, rest, err := auditConditions(env, q)
	if err != nil {
		return eventPage{}, err
	}
	var page eventPage
	if len(rest.all) > 0 {
		if page.end, err = r.lookedUntil(ctx, led, q.Look); err != nil {
			return eventPage{}, err
		}
		if page.end != nil {
			led.add("(at, writer, seq) >= (?, ?, ?)", page.end.At, int64(page.end.Writer), page.end.Seq)
		}
	}
	led.add(rest.text(), rest.args...)
	page.events, err = queryAll(ctx, r.conn, scanEvent(env), "SELECT "+eventColumns+" FROM audit_events WHERE "+led.text()+
		" ORDER BY at DESC, writer DESC, seq DESC LIMIT ?", append(led.args, int64(q.Limit)+1)...)
	page.cut(q.Limit)
	return page, err
}

// lookedUntil is the last of the newest look events; nil if there are no more.
func (r *Reader) lookedUntil(ctx context.Context, led conditions, look int) (*eventPlace, error) {
	last, err := queryOne(ctx, r.conn, func(rows Rows) (p eventPlace, err error) { return p, rows.Scan(&p.At, &p.Writer, &p.Seq) },
		"SELECT at, writer, seq FROM audit_events WHERE "+led.text()+" ORDER BY at DESC, writer DESC, seq DESC LIMIT 1 OFFSET ?",
		append(slices.Clone(led.args), int64(look)-1)...)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	return &last, err
}

// merge adds what was found of another type. Behind the newer of both ends
// nothing is known of one of them.
func (p *eventPage) merge(other eventPage) {
	p.events = append(p.events, other.events...)
	slices.SortFunc(p.events, func(a, b store.ChainedEvent) int { return placeOf(&b).compare(placeOf(&a)) })
	if p.end == nil || other.end != nil && other.end.compare(*p.end) > 0 {
		p.end = other.end
	}
	for p.end != nil && len(p.events) > 0 && placeOf(&p.events[len(p.events)-1]).compare(*p.end) < 0 {
		p.events = p.events[:len(p.events)-1]
	}
}

// cut ends a page at its limit.
func (p *eventPage) cut(limit int) {
	if len(p.events) > limit {
		p.events = p.events[:limit]
		last := placeOf(&p.events[limit-1])
		p.end = &last
	}
}

// conditions are parts of a WHERE that all hold.
type conditions struct {
	all  []string
	args []any
}

func (c *conditions) add(condition string, args ...any) {
	if condition != "" {
		c.all, c.args = append(c.all, condition), append(c.args, args...)
	}
}

func (c *conditions) text() string { return strings.Join(c.all, " AND ") }

// auditConditions turns the set fields of a query into SQL: what leads through
// one index in the order of pages, and what is left. Each index's own condition
// is repeated by the text that leads through it.
func auditConditions(env store.EnvironmentID, q store.AuditQuery) (led, rest conditions, err error) {
	led.add("env = ?", int64(env))
	leads := false
	for _, field := range []struct {
		value, condition string
		indexed          bool
	}{ // in the order in which they select
		{q.Trace, "trace = ? AND trace <> ''", true},
		{q.Customer, "customer = ? AND customer <> ''", true},
		{kindAlone(q.Type), "type = ? AND type <> '" + mostFrequent + "'", kindAlone(q.Type) != mostFrequent},
		{q.Actor, "actor = ? AND actor >= 'operator/' AND actor < 'operator0'", strings.HasPrefix(q.Actor, "operator/")},
		{q.Application, "application = ? AND application <> ''", true},
	} {
		switch {
		case field.value == "":
		case field.indexed && !leads:
			leads = true
			led.add(field.condition, field.value)
		default:
			column, _, _ := strings.Cut(field.condition, " ")
			rest.add(column+" = ?", field.value)
		}
	}
	if strings.HasSuffix(q.Type, ".") {
		rest.add("type >= ?", q.Type)
		rest.add("type < ?", afterPrefix(q.Type))
	}
	switch {
	case q.Result == "":
	case q.Result == "ok":
		rest.add("result = ?", q.Result)
	case !leads:
		led.add("result <> 'ok'")
	default:
		rest.add("result <> 'ok'")
	}
	if q.Result != "" && q.Result != "ok" && q.Result != "!ok" {
		rest.add("result = ?", q.Result)
	}
	return led, rest, inTime(&led, q)
}

// kindAlone is a type that is asked for exactly.
func kindAlone(kind string) string {
	if strings.HasSuffix(kind, ".") {
		return ""
	}
	return kind
}

// inTime adds the time, which every index knows, and the place of a page.
func inTime(c *conditions, q store.AuditQuery) error {
	if !q.From.IsZero() {
		c.add("at >= ?", q.From.UnixMicro())
	}
	if !q.To.IsZero() {
		c.add("at < ?", q.To.UnixMicro())
	}
	var behind eventPlace
	if err := readCursor(q.Before, &behind); err != nil {
		return err
	}
	if q.Before != "" {
		c.add("(at, writer, seq) < (?, ?, ?)", behind.At, int64(behind.Writer), behind.Seq)
	}
	return nil
}
