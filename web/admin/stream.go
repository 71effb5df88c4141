package admin

import (
	"context"
	"encoding/json"
	"net/http"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"sallyport/pure/customer"
	"sallyport/service/audit"
)

const (
	tailEvery = 500 * time.Millisecond
	tailPage  = 500
	// attendEvery is how often a long answer asks whether it may go on: what is
	// forbidden is forbidden within five seconds.
	attendEvery = 2 * time.Second
	// maxStreams is how many long answers and uploads one operator has at once, on
	// a node: each costs it a look at the ledger or a file, again and again.
	maxStreams = 16
	// maxTrees is how many trees one operator sends at once: each takes several
	// times its size of memory.
	maxTrees = 2
)

// lines writes newline-delimited JSON, each line as soon as it is known.
type lines struct {
	encoder *json.Encoder
	flush   func()
}

// ndjson is the media type of [lines].
const ndjson = "application/x-ndjson"

func newLines(ctx huma.Context) *lines {
	ctx.SetHeader("Content-Type", ndjson)
	l := &lines{json.NewEncoder(ctx.BodyWriter()), func() {}}
	if f, ok := ctx.BodyWriter().(http.Flusher); ok {
		l.flush = f.Flush
	}
	l.flush()
	return l
}

func (l *lines) write(v any) error {
	err := l.encoder.Encode(v)
	l.flush()
	return err
}

// streamOf describes a response of lines.
func streamOf(what string) map[string]*huma.Response {
	return map[string]*huma.Response{"200": {
		Description: what + ", one JSON object a line",
		Content:     map[string]*huma.MediaType{ndjson: {Schema: &huma.Schema{Type: huma.TypeObject}}},
	}}
}

// Continuation is the last line of a stream that ended because its token did.
type Continuation struct {
	Continue string `json:"continue" doc:"Cursor with which to follow on, with a new token"`
}

// tail streams events until the caller goes away, or their token ends.
func (a *api) tail(ctx context.Context, in *struct {
	AuditQuery
	Last   int    `query:"last" minimum:"0" maximum:"1000" doc:"Begin with so many events of before"`
	Cursor string `query:"cursor" maxLength:"1000" doc:"Begin where an earlier stream ended: what its line \"continue\" told"`
},
) (*huma.StreamResponse, error) {
	live, err := a.ledger(ctx, in.AuditQuery)
	if err != nil {
		return nil, err
	}
	cursor := in.Cursor
	if cursor == "" {
		_, cursor, err = a.cfg.Ledger.Tail(ctx, live.ID, in.Query, "", tailPage)
	}
	if err != nil {
		return nil, err
	}
	var before []audit.Record
	if in.Last > 0 && in.Cursor == "" {
		if before, _, err = a.cfg.Ledger.Events(ctx, live.ID, in.Query, "", in.Last); err != nil {
			return nil, err
		}
	}
	if err := a.recordReading(ctx, live, in.AuditQuery); err != nil {
		return nil, err
	}
	ctx, release, err := a.attended(ctx)
	if err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(h huma.Context) {
		defer release()
		out := newLines(h)
		for i := len(before) - 1; i >= 0 && err == nil; i-- {
			err = out.write(shown(before[i:i+1], in.Personal)[0])
		}
		for err == nil {
			var events []audit.Record
			if events, cursor, err = a.cfg.Ledger.Tail(ctx, live.ID, in.Query, cursor, tailPage); err != nil {
				break
			}
			for _, e := range shown(events, in.Personal) {
				err = out.write(e)
			}
			if p := passOf(ctx); err == nil && p != nil && !a.cfg.Now().Before(p.token.Expires) {
				_ = out.write(Continuation{cursor})
				return
			}
			if len(events) == 0 {
				err = pause(ctx, tailEvery)
			}
		}
	}}, nil
}

// attended gives a context that also ends when the server begins to stop, or
// when whoever asked may do so no longer. Nobody has more than maxStreams at once.
func (a *api) attended(ctx context.Context) (context.Context, context.CancelFunc, error) {
	ctx, cancel := context.WithCancel(ctx)
	if p := passOf(ctx); p != nil {
		if !a.streams.enter(p.who.ID) {
			cancel()
			return ctx, cancel, problem(Crowded, "")
		}
		context.AfterFunc(ctx, func() { a.streams.leave(p.who.ID) })
	}
	go func() {
		defer cancel()
		for ask := time.NewTicker(attendEvery); ; {
			select {
			case <-a.cfg.Stopping:
				return
			case <-ctx.Done():
				return
			case <-ask.C:
				if !a.welcome(ctx) {
					return
				}
			}
		}
	}()
	return ctx, cancel, nil
}

// crowd counts who has how much at once. It is safe for concurrent use.
type crowd struct {
	most int
	mu   sync.Mutex
	has  map[customer.ID]int
}

func (c *crowd) enter(who customer.ID) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.has == nil {
		c.has = map[customer.ID]int{}
	}
	if c.has[who] == c.most {
		return false
	}
	c.has[who]++
	return true
}

func (c *crowd) leave(who customer.ID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.has[who]--; c.has[who] == 0 {
		delete(c.has, who)
	}
}

// welcome tells whether whoever began something may still do it. That a token
// ran out meanwhile stops no import: it was good when it began.
func (a *api) welcome(ctx context.Context) bool {
	_, err := a.renewed(ctx)
	return err == nil
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
