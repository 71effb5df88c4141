package console

import (
	"fmt"
	"net/http"
	"strconv"

	"sallyport/pure/config"
	"sallyport/service/environment"
	"sallyport/web/design"
)

var (
	keysPage      = parse("keys")
	revisionsPage = parse("revisions")
	revisionPage  = parse("revision")
)

// keys lists public keys.
func (x *exchange) keys() {
	published, err := x.cfg.Ring.Published(x.r.Context(), x.live.ID)
	if err != nil {
		x.failed(err)
		return
	}
	type row struct {
		Owner, ID, Algorithm, Created, Activated, Expires string
		State                                             design.Mark
	}
	states := map[string]design.Mark{"next": design.Waiting("Next"), "current": design.Good("Current"), "old": design.Plain("Old")}
	var rows []row
	for _, k := range published {
		rows = append(rows, row{k.Owner, k.ID, k.Algorithm, instant(k.Created), instant(k.Activated), instant(k.Expires), states[string(k.State)]})
	}
	x.page(http.StatusOK, "Keys", keysPage, rows)
}

type revisionRow struct {
	environment.Revision
	URL, At string
	Live    bool
}

func (x *exchange) revisionRow(r environment.Revision) revisionRow {
	s := x.live.Snapshot()
	return revisionRow{r, x.here("revisions", fmt.Sprint(r.Number)), instant(r.Created), s != nil && s.Revision == r.Number}
}

func (x *exchange) revisions() {
	before, _ := strconv.ParseInt(x.r.URL.Query().Get("before"), 10, 64)
	found, err := x.cfg.Registry.Revisions(x.r.Context(), x.live, max(0, before), listRows)
	if err != nil {
		x.failed(err)
		return
	}
	data := struct {
		Rows  []revisionRow
		Pager design.Pager
	}{}
	for _, r := range found {
		data.Rows = append(data.Rows, x.revisionRow(r))
	}
	next := ""
	if n := len(found); n == listRows && found[n-1].Number > 1 {
		next = fmt.Sprint(found[n-1].Number)
	}
	data.Pager = x.pager("before", next, "Newer", "Older")
	x.page(http.StatusOK, "Revisions", revisionsPage, data)
}

// revision shows what one changed.
func (x *exchange) revision() {
	number, err := strconv.ParseInt(x.values["revision"], 10, 64)
	if err != nil || number < 1 {
		x.missing()
		return
	}
	r, tree, err := x.cfg.Registry.Revision(x.r.Context(), x.live, number)
	if err != nil {
		x.failed(err)
		return
	}
	var base *config.Tree
	if number > 1 {
		if _, base, err = x.cfg.Registry.Revision(x.r.Context(), x.live, number-1); err != nil {
			x.failed(err)
			return
		}
	}
	type change struct{ Tone, Mark, Text string }
	tones := map[config.Action]string{config.Added: "add", config.Removed: "remove", config.Changed: "change"}
	data := struct {
		revisionRow
		DigestText string
		Changes    []change
	}{revisionRow: x.revisionRow(r), DigestText: fmt.Sprintf("%x", r.Digest)}
	for _, c := range config.Diff(base, tree) {
		data.Changes = append(data.Changes, change{tones[c.Action], string(c.Action), c.String()})
	}
	x.page(http.StatusOK, fmt.Sprintf("Revision %d", number), revisionPage, data, x.above("Revisions", "revisions"))
}
