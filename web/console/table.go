package console

import (
	"encoding/csv"
	"net/http"
	"slices"
	"strings"

	"sallyport/web/design"
)

const listRows = 50

// order is a way in which a list in memory can be sorted: by a text, whatever its
// case.
type order[T any] struct {
	name string
	by   func(T) string
}

// sorting sorts rows by what the address names, else by the first order, and
// gives the ways to the list in the others.
func sorting[T any](x *exchange, orders []order[T], rows []T) []design.Place {
	q := x.r.URL.Query()
	chosen := max(0, slices.IndexFunc(orders, func(o order[T]) bool { return o.name == q.Get("sort") }))
	slices.SortStableFunc(rows, func(a, b T) int {
		return strings.Compare(strings.ToLower(orders[chosen].by(a)), strings.ToLower(orders[chosen].by(b)))
	})
	q.Del("after")
	q.Del("was")
	var others []design.Place
	for i, o := range orders {
		if i != chosen && len(rows) > 1 {
			q.Set("sort", o.name)
			others = append(others, design.Place{Label: "Sort by " + o.name, URL: x.r.URL.Path + "?" + q.Encode()})
		}
	}
	return others
}

// pageOf gives the rows behind the one that is called after, and where the next
// page begins. A row that has gone begins at the first page.
func pageOf[T any](rows []T, after string, called func(T) string) (page []T, next string) {
	if after != "" {
		if i := slices.IndexFunc(rows, func(row T) bool { return called(row) == after }); i >= 0 {
			rows = rows[i+1:]
		}
	}
	if len(rows) <= listRows {
		return rows, ""
	}
	return rows[:listRows], called(rows[listRows-1])
}

// csv answers with a file of rows. An error of fill, which comes when part of the
// file has left, ends the connection, so that nobody takes the part for all.
func (x *exchange) csv(name string, fill func(write func(cells ...string)) error) {
	x.attach(name+".csv", "text/csv; charset=utf-8; header=present")
	if x.r.Method == http.MethodHead {
		return
	}
	w := csv.NewWriter(x.w)
	err := fill(func(cells ...string) {
		for i := range cells {
			cells[i] = design.Inert(cells[i])
		}
		_ = w.Write(cells) // told by Error
	})
	if w.Flush(); err == nil {
		err = w.Error()
	}
	x.cutOff(err)
}

// attach begins an answer that is kept as a file.
func (x *exchange) attach(name, kind string) {
	h := x.w.Header()
	design.Policy{}.Apply(h)
	h.Set("Content-Type", kind)
	h.Set("Content-Disposition", `attachment; filename="`+strings.Join([]string{x.live.Tenant, x.live.Name, name}, "-")+`"`)
}

// cutOff ends an answer that could not be completed.
func (x *exchange) cutOff(err error) {
	if err == nil || x.r.Context().Err() != nil {
		return
	}
	x.cfg.Log.Error("console file cut off", "path", x.r.URL.Path, "error", err)
	panic(http.ErrAbortHandler)
}
