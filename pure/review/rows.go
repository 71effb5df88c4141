package review

import (
	"strconv"
	"strings"
)

// Rows are the review as a table for spreadsheets: a head, then a line in each row.
func (r *Review) Rows() [][]string {
	rows := [][]string{{
		"section", "widens", "kind", "server", "application", "grant", "scopes", "object", "before", "after",
		"who", "customers", "opens", "data", "claims", "causes", "example", "sentence",
	}}
	for i := range r.Lines {
		l := &r.Lines[i]
		application, customers := string(l.Application), ""
		if l.Future {
			application = who("")
		}
		if n, known := l.Customers(); known {
			customers = strconv.FormatInt(n, 10)
		}
		var populations, opens []string
		for _, w := range l.Who {
			populations = append(populations, w.Text)
		}
		for _, o := range l.Opens {
			opens = append(opens, o.String())
		}
		rows = append(rows, []string{
			l.Section.String(), strconv.FormatBool(l.Widens), string(l.Kind), l.Server, application, string(l.Grant),
			joined(l.Scopes, " "), l.Object, l.Before, l.After, strings.Join(populations, "; or "), customers,
			strings.Join(opens, "; "), strings.Join(l.Data, " "), strings.Join(l.Claims, " "), strings.Join(l.Causes, "; "), l.Example(), l.Sentence,
		})
	}
	return rows
}
