package issue

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net/url"
	"time"

	"sallyport/protocol/oauth"
	"sallyport/pure/config"
)

// While a customer signs in, the authorization request travels with them as a
// sealed value: nothing is stored for a visitor, and nothing in the request
// can be changed on the way (it is still checked again).
const (
	pendingLabel = "authorize"
	pendingLife  = time.Hour
	maxPending   = 4 << 10 // it must fit in a URL within a URL
)

// Errors of a pending request.
var (
	// ErrPendingSize: the request is too long to travel.
	ErrPendingSize = errors.New("authorization request is too long")
	// ErrPending: it does not open, is of another server, or older than an hour.
	ErrPending = errors.New("authorization request cannot be continued")
)

// pendingParameters are those that matter; others are ignored (RFC 6749 §3.1)
// and need not travel.
var pendingParameters = [...]string{
	"client_id", "redirect_uri", "response_type", "response_mode", "state", "scope", "nonce", "code_challenge",
	"code_challenge_method", "prompt", "max_age", "acr_values", "claims", "login_hint", "ui_locales", "id_token_hint", "resource",
}

// Pending is an authorization request that waits for the customer.
type Pending struct {
	Parameters oauth.Parameters
	Began      time.Time // when it first arrived
	Stepped    bool      // the customer is proving two factors for it, which is asked once
}

// steppedMark stands among the parameters of a sealed request; nobody can send
// it, since only pendingParameters are sealed beside it.
const steppedMark = "~stepped"

// Suspend seals a request; [ErrPendingSize].
func (s *Service) Suspend(ctx context.Context, v View, server *config.LiveServer, p Pending) (string, error) {
	plain := p.encode()
	if len(plain) > maxPending {
		return "", ErrPendingSize
	}
	secret, err := s.cfg.Keys.Secret(ctx, v.Env, pendingLabel)
	if err != nil {
		return "", err
	}
	return spell(secret.Seal(pendingLabel+"/"+server.Name, plain)), nil
}

// encode keeps what matters of a request.
func (p Pending) encode() []byte {
	kept := url.Values{}
	for _, name := range pendingParameters {
		if p.Parameters.Has(name) {
			kept[name] = p.Parameters.All(name)
		}
	}
	if p.Stepped {
		kept.Set(steppedMark, "1")
	}
	plain := binary.BigEndian.AppendUint64(nil, uint64(p.Began.UnixMilli()))
	return append(plain, kept.Encode()...)
}

// decodePending reads what encode wrote.
func decodePending(plain []byte) (p Pending, err error) {
	if len(plain) < 8 {
		return p, ErrPending
	}
	p.Began = time.UnixMilli(int64(binary.BigEndian.Uint64(plain)))
	p.Parameters, err = oauth.ParseParameters(string(plain[8:]))
	p.Stepped = p.Parameters.Has(steppedMark)
	return p, err
}

// Resume opens what Suspend sealed for the same server; [ErrPending].
func (s *Service) Resume(ctx context.Context, v View, server *config.LiveServer, sealed string) (Pending, error) {
	secret, err := s.cfg.Keys.Secret(ctx, v.Env, pendingLabel)
	if err != nil {
		return Pending{}, err
	}
	raw, err := unspell(sealed)
	if err != nil {
		return Pending{}, ErrPending
	}
	plain, err := secret.Open(pendingLabel+"/"+server.Name, raw)
	if err != nil {
		return Pending{}, ErrPending
	}
	p, err := decodePending(plain)
	if err == nil && s.cfg.Now().Sub(p.Began) > pendingLife {
		return Pending{}, fmt.Errorf("%w: it is too old", ErrPending)
	}
	return p, err
}
