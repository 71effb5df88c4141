package hook

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"sallyport/pure/config"
)

// Trial is a question put for an operator, in full. Its question says that it is
// a test, and no token is made of the answer.
type Trial struct {
	Outcome
	Header      json.RawMessage // of the question's JWS: alg, kid, typ
	Question    json.RawMessage // its payload
	Status      int             // of the answer; 0 if none came
	ContentType string
	Answer      []byte // as it came, 16 KiB at most and one byte
}

// Try asks one hook once, whether or not it is suspended, and counts for nothing.
// It fails if no question can be made.
func (s *Service) Try(ctx context.Context, q Question, h *config.Hook) (Trial, error) {
	q.Test = true
	r, err := s.put(h, q)
	if err != nil {
		return Trial{}, err
	}
	token, err := r.signed(q.Signer, s.cfg.Rand)
	if err != nil {
		return Trial{}, err
	}
	t := Trial{Outcome: Outcome{Hook: h, ID: r.ID}}
	if t.Header, t.Question, err = readable(token); err != nil {
		return Trial{}, err
	}
	timed, cancel := context.WithTimeout(ctx, timeOf(h))
	defer cancel()
	began := time.Now()
	came, f := s.line(q.Env, h).call(timed, ctx, token)
	t.Took = time.Since(began)
	t.Status, t.ContentType, t.Answer = came.status, came.media, came.body
	var said answer
	if f == nil {
		f = came.check()
	}
	if f == nil {
		said, f = judge(came.body, r)
	}
	if f != nil {
		t.Outcome = t.failed(f, q)
		return t, nil
	}
	t.Removed, t.Claims = taken(q, said.remove), said.claims
	return t, nil
}

// readable gives what a compact JWS says, without its signature: what an operator is
// shown cannot be sent to a hook by them.
func readable(token string) (header, payload json.RawMessage, err error) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return nil, nil, fmt.Errorf("a question of %d parts", len(parts))
	}
	if header, err = base64.RawURLEncoding.DecodeString(parts[0]); err != nil {
		return nil, nil, fmt.Errorf("reading a question's header: %w", err)
	}
	if payload, err = base64.RawURLEncoding.DecodeString(parts[1]); err != nil {
		return nil, nil, fmt.Errorf("reading a question: %w", err)
	}
	return header, payload, nil
}
