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

// Suspend seals a request that began at an instant; [ErrPendingSize].
func (s *Service) Suspend(ctx context.Context, v View, server *config.LiveServer, p oauth.Parameters, began time.Time) (string, error) {
	kept := url.Values{}
	for _, name := range pendingParameters {
		if p.Has(name) {
			kept[name] = p.All(name)
		}
	}
	plain := binary.BigEndian.AppendUint64(nil, uint64(began.UnixMilli()))
	plain = append(plain, kept.Encode()...)
	if len(plain) > maxPending {
		return "", ErrPendingSize
	}
	secret, err := s.cfg.Keys.Secret(ctx, v.Env, pendingLabel)
	if err != nil {
		return "", err
	}
	return spell(secret.Seal(pendingLabel+"/"+server.Name, plain)), nil
}

// Resume opens what Suspend sealed for the same server; [ErrPending].
func (s *Service) Resume(ctx context.Context, v View, server *config.LiveServer, sealed string) (p oauth.Parameters, began time.Time, err error) {
	secret, err := s.cfg.Keys.Secret(ctx, v.Env, pendingLabel)
	if err != nil {
		return p, began, err
	}
	raw, err := unspell(sealed)
	if err != nil {
		return p, began, ErrPending
	}
	plain, err := secret.Open(pendingLabel+"/"+server.Name, raw)
	if err != nil || len(plain) < 8 {
		return p, began, ErrPending
	}
	began = time.UnixMilli(int64(binary.BigEndian.Uint64(plain)))
	if s.cfg.Now().Sub(began) > pendingLife {
		return p, began, fmt.Errorf("%w: it is too old", ErrPending)
	}
	p, err = oauth.ParseParameters(string(plain[8:]))
	return p, began, err
}
