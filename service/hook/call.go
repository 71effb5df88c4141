package hook

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"strings"

	"sallyport/service/egress"
)

// reply is what came back, whole.
type reply struct {
	status int
	media  string
	body   []byte // at most maxAnswer and one more byte
}

// call sends a signed question and reads the answer to its end, so that the
// connection can be used again. parent is the context without the deadline.
func (l *line) call(ctx, parent context.Context, token string) (reply, *fault) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, l.url, strings.NewReader(token))
	if err != nil {
		return reply{}, &fault{Unasked, "the address cannot be used"}
	}
	r.Header.Set("Content-Type", "application/jwt")
	r.Header.Set("Accept", "application/json")
	r.Header.Set("User-Agent", "Sallyport")
	// A connection that the other side closed just now, while it lay idle, is no
	// reason to refuse a token: net/http sends the question again, on a new one. The
	// empty header, which is not sent, tells it that this is safe: a question has an id.
	r.Header["Idempotency-Key"] = nil
	answer, err := l.client.Do(r)
	if err != nil {
		return reply{}, broken(ctx, parent, err)
	}
	defer answer.Body.Close()
	came := reply{status: answer.StatusCode, media: answer.Header.Get("Content-Type")}
	if answer.Header.Get("Content-Encoding") != "" {
		came.media = ""
	}
	came.body, err = io.ReadAll(io.LimitReader(answer.Body, maxAnswer+1))
	if err != nil {
		return came, broken(ctx, parent, err)
	}
	return came, nil
}

// check looks at what stands around an answer.
func (r reply) check() *fault {
	media, _, err := mime.ParseMediaType(r.media)
	switch {
	case r.status != http.StatusOK:
		return &fault{BadStatus, fmt.Sprintf("status %d", r.status)}
	case err != nil || media != "application/json":
		return &fault{BadMedia, "the answer is not application/json"}
	case len(r.body) > maxAnswer:
		return &fault{TooLarge, "longer than 16 KiB"}
	}
	return nil
}

// broken tells why nothing came. The error's own words may hold what the other
// side sent, so they are not kept.
func broken(ctx, parent context.Context, err error) *fault {
	var slow net.Error
	switch {
	case errors.Is(err, egress.ErrRefused):
		return &fault{Guarded, "the address is private: whoever runs the server allows it by serve --allow-private-hosts"}
	case errors.Is(err, egress.ErrRedirect):
		return &fault{Redirected, "redirects are not followed"}
	case parent.Err() != nil:
		return &fault{Abandoned, "who asked for the token hung up"}
	case ctx.Err() != nil, errors.As(err, &slow) && slow.Timeout():
		return &fault{Slow, "no whole answer in time"}
	}
	return &fault{Away, "no connection, or it broke"}
}
