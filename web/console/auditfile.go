package console

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"time"

	"sallyport/service/audit"
)

// maxEventsFile is how many events a file holds at most. Who needs all of them
// follows the ledger: sallyport audit tail.
const maxEventsFile = 20_000

// line is an event in a file. Personal parts are in none.
type line struct {
	At          time.Time       `json:"at"`
	Type        string          `json:"type"`
	Actor       string          `json:"actor"`
	Application string          `json:"application,omitempty"`
	Customer    string          `json:"customer,omitempty"`
	Result      string          `json:"result"`
	Trace       string          `json:"trace,omitempty"`
	Detail      json.RawMessage `json:"detail,omitempty"`
	Chain       int             `json:"chain"`
	Seq         int64           `json:"seq"`
}

// rest is the last line of a file that does not hold all that was found.
type rest struct {
	Truncated bool   `json:"truncated"`
	Cursor    string `json:"cursor"` // goes on behind what stands above
}

// filed reads the first events of a file, and records who takes it.
func (x *exchange) filed() (found []audit.Record, next string, ok bool) {
	q := x.r.URL.Query()
	typed := q.Get("q")
	found, next, err := x.searchLedger(typed, q.Get("cursor"), windowRows)
	switch {
	case errors.Is(err, audit.ErrQuery), errors.Is(err, errSlow):
		x.wrong(err)
	case err != nil:
		x.failed(err)
	default:
		ok = x.record(audit.Entry{Type: audit.AuditRead, Detail: map[string]any{"query": typed, "personal": false, "file": true}})
	}
	return found, next, ok
}

// following calls each with every event that was found, page after page, up to
// the bound, and gives the cursor of what is left.
func (x *exchange) following(found []audit.Record, next string, each func(audit.Record) error) (left string, err error) {
	typed := x.r.URL.Query().Get("q")
	for n := 0; ; {
		for _, e := range found {
			if err := each(e); err != nil {
				return "", err
			}
		}
		if n += len(found); next == "" || n >= maxEventsFile {
			return next, nil
		}
		if found, next, err = x.cfg.Ledger.Events(x.r.Context(), x.live.ID, typed, next, windowRows); err != nil {
			return "", err
		}
	}
}

// eventsNDJSON is what a search finds as a file, one event a line.
func (x *exchange) eventsNDJSON() {
	found, next, ok := x.filed()
	if !ok {
		return
	}
	x.attach("audit.ndjson", "application/x-ndjson")
	if x.r.Method == http.MethodHead {
		return
	}
	out := json.NewEncoder(x.w)
	left, err := x.following(found, next, func(e audit.Record) error {
		return out.Encode(line{e.At, e.Type, e.Actor, e.Application, e.Customer, e.Result, e.Trace, e.Detail, e.Chain, e.Seq})
	})
	if err == nil && left != "" {
		err = out.Encode(rest{true, left})
	}
	x.cutOff(err)
}

// eventsCSV is the same as a table.
func (x *exchange) eventsCSV() {
	found, next, ok := x.filed()
	if !ok {
		return
	}
	x.csv("audit", func(write func(...string)) error {
		write("at", "type", "actor", "application", "customer", "result", "trace", "detail", "chain", "seq")
		left, err := x.following(found, next, func(e audit.Record) error {
			write(e.At.Format(time.RFC3339Nano), e.Type, e.Actor, e.Application, e.Customer, e.Result, e.Trace, string(e.Detail), strconv.Itoa(e.Chain), strconv.FormatInt(e.Seq, 10))
			return x.r.Context().Err()
		})
		if left != "" {
			write("truncated: there is more", "cursor", left)
		}
		return err
	})
}
