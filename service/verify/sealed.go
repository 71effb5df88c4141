package verify

import (
	"context"
	"fmt"
	"strings"

	"sallyport/pure/config"
	"sallyport/service/environment"
	"sallyport/service/keyring"
)

// opaque tells the form of a token by its looks.
func opaque(token string) bool { return strings.HasPrefix(token, keyring.OpaquePrefix) }

// sealed examines an opaque token. It does not say whose it is, so each server
// that counts here tries its keys: there are few of both, and an attempt costs a
// hundredth of a signature's verification.
func (s *Service) sealed(ctx context.Context, live *environment.Live, servers []*config.LiveServer, token string) (*Token, profile, error) {
	for _, server := range servers {
		opening, err := s.cfg.Ring.Opening(ctx, live.ID, server.Name)
		if err != nil {
			return nil, profile{}, fmt.Errorf("keys to open with: %w", err)
		}
		payload, err := opening.Open(token)
		if err != nil {
			continue
		}
		t, err := check(server, payload)
		return t, profileOf(server, opening.Serial), err
	}
	return nil, profile{}, &Refusal{Check: Key, Cause: keyring.ErrSealed}
}
