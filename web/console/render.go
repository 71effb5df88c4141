package console

import (
	"embed"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"sallyport/service/audit"
	"sallyport/service/operator"
	"sallyport/web/design"
)

//go:embed pages/*.html
var pages embed.FS

func parse(name string) *design.ConsoleTemplate {
	text, err := pages.ReadFile("pages/" + name + ".html")
	if err != nil {
		panic(err) // a file of this package
	}
	return design.ParseConsole(string(text))
}

var (
	emptyPage = design.ParseConsole(`{{define "body"}}{{template "empty" .}}{{end}}`)
	notePage  = design.ParseConsole(`{{define "body"}}<div class="note bad"><p>{{.What}}</p>{{with .Do}}<p>{{.}}</p>{{end}}</div>{{end}}`)
)

// page answers with a page of the console.
func (x *exchange) page(status int, title string, t *design.ConsoleTemplate, data any, trail ...design.Place) {
	x.render(status, t, design.Console{Title: title, Trail: trail, Data: data})
}

// render puts a page between what surrounds them all.
func (x *exchange) render(status int, t *design.ConsoleTemplate, c design.Console) {
	c.Frame, c.Failed = design.FrameOf(x.system.Snapshot(), nil, x.cfg.Ribbon), status >= http.StatusBadRequest
	c.Who, c.Home, c.SignOut, c.Places = x.who.Username, x.base()+"/", x.base()+"/signout", x.places()
	if x.live != nil {
		c.Place, c.Sections = x.live.Tenant+"/"+x.live.Name, x.rail()
		c.Word, c.Real = x.word()
	}
	if err := t.Render(x.w, x.r, status, c); err != nil {
		x.broken(err)
	}
}

// word is what the ribbon says of the environment.
func (x *exchange) word() (word string, real bool) {
	if x.cfg.Ribbon != "" {
		return x.cfg.Ribbon, false
	}
	word = x.live.Name
	if s := x.live.Snapshot(); s != nil && s.Tenant.Environments[x.live.Name].Title != "" {
		word = s.Tenant.Environments[x.live.Name].Title
	}
	return word, x.live.Name == "production"
}

// places are the environments that the operator may see, by name.
func (x *exchange) places() []design.Place {
	var all []design.Place
	for _, live := range x.cfg.Registry.Environments() {
		if !live.System() && x.who.MaySome(operator.SeeOverview, operator.Place{Tenant: live.Tenant, Environment: live.Name}) {
			all = append(all, design.Place{Label: live.Tenant + "/" + live.Name, URL: x.at(live), Current: x.live == live})
		}
	}
	slices.SortFunc(all, func(a, b design.Place) int { return strings.Compare(a.Label, b.Label) })
	return all
}

// rail lists the sections that the operator may open.
func (x *exchange) rail() []design.Place {
	here, current := operator.Place{Tenant: x.live.Tenant, Environment: x.live.Name}, ""
	if x.route != nil {
		current, _, _ = strings.Cut(strings.TrimPrefix(strings.TrimPrefix(x.route.pattern, env), "/"), "/")
	}
	var all []design.Place
	if current == "promote" || current == "edit" {
		current = "changes" // which these make
	}
	for _, s := range sections {
		if x.who.May(s.action, here) || s.part && x.who.MaySome(s.action, here) {
			p := design.Place{Label: s.label, URL: x.here(), Current: s.name == current}
			if s.name != "" {
				p.URL = x.here(s.name)
			}
			all = append(all, p)
		}
	}
	if x.who.May(operator.ReadOperators, here) {
		all = append(all, design.Place{Label: "Operators", URL: x.base() + "/operators"})
	}
	return all
}

// above is a trail of one step.
func (x *exchange) above(label string, parts ...string) design.Place {
	return design.Place{Label: label, URL: x.here(parts...)}
}

func (x *exchange) missing() {
	x.page(http.StatusNotFound, "There is no such page", notePage, design.Empty{
		What: "Nothing of that name exists here, or you have no role in it.", Do: "Go back, or choose an environment above.",
	})
}

// refuse answers whoever has another role. Whoever sent a form is recorded.
func (x *exchange) refuse() {
	do := "An owner can give it: sallyport operator grant " + x.who.Username + " ROLE"
	at := operator.Place{}
	if x.live != nil {
		at = x.place()
		do += " --at " + at.Tenant + "/" + at.Environment
	}
	if x.writes() {
		do += ". Reference: " + x.recordRefusal("role", x.route.act, at)
	}
	x.page(http.StatusForbidden, "Your role does not open this page", notePage, design.Empty{What: "Another role is needed.", Do: do})
}

// recordRefusal leaves a trace of somebody who would do what is not theirs, and
// gives the reference by which it is found. They are refused all the same if that
// fails.
func (x *exchange) recordRefusal(why string, a operator.Action, at operator.Place) (reference string) {
	reference = x.cfg.Audit.NewTrace()
	err := x.cfg.Audit.Record(x.r.Context(), x.system.ID, audit.Entry{
		Type: audit.ManagementRefused, Actor: x.who.Actor(), Customer: x.who.ID.String(), Result: why, Trace: reference,
		Detail: map[string]any{"operation": x.route.pattern, "action": string(a), "place": at.String()},
	})
	if err != nil {
		x.cfg.Log.Error("refusal could not be recorded", "reference", reference, "error", err)
	}
	return reference
}

// failed answers for an error of a service.
func (x *exchange) failed(err error) {
	switch {
	case errors.Is(err, x.cfg.Missing):
		x.missing()
	case errors.Is(err, x.cfg.Invalid):
		x.page(http.StatusBadRequest, "This page cannot be found again", notePage, design.Empty{What: "The address is not one that the console made.", Do: "Begin with the first page."})
	default:
		x.broken(err)
	}
}

// broken answers for what operators can do nothing about.
func (x *exchange) broken(err error) {
	if x.r.Context().Err() != nil {
		return // they have gone
	}
	reference := x.cfg.Audit.NewTrace()
	x.cfg.Log.Error("console page failed", "path", x.r.URL.Path, "reference", reference, "error", err)
	x.w.Header().Set("Retry-After", "5")
	design.Error(x.w, x.r, design.ErrorPage{
		Frame: design.FrameOf(x.system.Snapshot(), nil, x.cfg.Ribbon), Status: http.StatusServiceUnavailable,
		Title: "This does not work at the moment", What: "The server could not make this page.", Fix: "Reload it. The server's log has more under the reference.", Reference: reference,
	})
}

// bare answers whoever is not signed in.
func (x *exchange) bare(status int, what string) {
	design.Error(x.w, x.r, design.ErrorPage{
		Frame: design.FrameOf(x.system.Snapshot(), nil, x.cfg.Ribbon), Status: status, Title: "This does not work", What: what,
	})
}

// record leaves a trace of what the operator is about to be shown; without it
// nothing is shown.
func (x *exchange) record(e audit.Entry) bool {
	e.Actor = x.who.Actor()
	if err := x.cfg.Audit.Record(x.r.Context(), x.live.ID, e); err != nil {
		x.broken(err)
		return false
	}
	return true
}

// maxWay is how many pages back a page of a list remembers.
const maxWay = 20

// pager makes the ways to the neighbours of a page whose cursor stands under
// key. Pages before it are remembered in the address, so nothing is counted.
func (x *exchange) pager(key, next, newer, older string) design.Pager {
	p := design.Pager{NewerLabel: newer, OlderLabel: older}
	q := x.r.URL.Query()
	current, way := q.Get(key), q["was"]
	if len(way) > maxWay {
		way = way[len(way)-maxWay:]
	}
	page := func(cursor string, way []string) string {
		q.Del(key)
		q.Del("was")
		if cursor != "" {
			q.Set(key, cursor)
		}
		q["was"] = way
		return x.r.URL.Path + "?" + q.Encode()
	}
	if len(way) > 0 {
		p.Newer = page(way[len(way)-1], way[:len(way)-1])
	} else if current != "" {
		p.Newer = page("", nil)
	}
	if next != "" {
		p.Older = page(next, append(slices.Clone(way), current))
	}
	return p
}

// window makes the ways to the neighbours of a part of a list that is counted.
// from stands under key.
func (x *exchange) window(key string, from, size, all int, earlier, later string) design.Pager {
	p := design.Pager{NewerLabel: earlier, OlderLabel: later}
	at := func(n int) string {
		q := x.r.URL.Query()
		q.Set(key, strconv.Itoa(n))
		return x.r.URL.Path + "?" + q.Encode()
	}
	if from > 0 {
		p.Newer = at(max(0, from-size))
	}
	if from+size < all {
		p.Older = at(from + size)
	}
	return p
}

// number reads a count from an address; what is none is 0.
func number(text string) int {
	n, err := strconv.ParseUint(text, 10, 31)
	if err != nil {
		return 0
	}
	return int(n)
}

// instant is a time as operators read it, in UTC.
func instant(t time.Time) string {
	if t.IsZero() {
		return "–"
	}
	return t.UTC().Format("2006-01-02 15:04:05")
}
