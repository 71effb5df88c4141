package admin

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"sallyport/service/audit"
)

const (
	tailEvery = 500 * time.Millisecond
	tailPage  = 500
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

// tail streams events until the caller goes away.
func (a *api) tail(ctx context.Context, in *struct {
	AuditQuery
	Last int `query:"last" minimum:"0" maximum:"1000" doc:"Begin with so many events of before"`
},
) (*huma.StreamResponse, error) {
	live, err := a.at(in.Place)
	if err != nil {
		return nil, err
	}
	_, cursor, err := a.cfg.Ledger.Tail(ctx, live.ID, in.Query, "", tailPage)
	if err != nil {
		return nil, err
	}
	var before []audit.Record
	if in.Last > 0 {
		if before, _, err = a.cfg.Ledger.Events(ctx, live.ID, in.Query, "", in.Last); err != nil {
			return nil, err
		}
	}
	if err := a.recordReading(ctx, live, in.AuditQuery); err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(h huma.Context) {
		ctx, release := a.untilStopping(ctx)
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
			if len(events) == 0 {
				err = pause(ctx, tailEvery)
			}
		}
	}}, nil
}

// untilStopping gives a context that also ends when the server begins to stop.
func (a *api) untilStopping(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		select {
		case <-a.cfg.Stopping:
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, cancel
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
