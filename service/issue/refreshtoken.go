package issue

import (
	"context"
	"encoding/binary"
	"errors"
	"strings"

	"sallyport/protocol/oauth"
	"sallyport/store"
)

// A refresh token is a grant's id and a counter with their MAC: nothing of it
// is stored but the counter of the newest one.
const (
	refreshPrefix = "rt_"
	refreshLabel  = "refresh"
	refreshBody   = 16 + 8
)

var errRefresh = errors.New("not a refresh token of this environment")

func (s *Service) refreshToken(ctx context.Context, env store.EnvironmentID, id store.GrantID, counter int64) (oauth.Secret, error) {
	secret, err := s.cfg.Keys.Secret(ctx, env, refreshLabel)
	if err != nil {
		return oauth.Secret{}, err
	}
	body := binary.BigEndian.AppendUint64(append(make([]byte, 0, refreshBody+32), id[:]...), uint64(counter))
	mac := secret.MAC(body)
	return oauth.NewSecret(refreshPrefix + spell(append(body, mac[:]...))), nil
}

// readRefresh is the inverse of refreshToken; errRefresh.
func (s *Service) readRefresh(ctx context.Context, env store.EnvironmentID, token oauth.Secret) (id store.GrantID, counter int64, err error) {
	secret, err := s.cfg.Keys.Secret(ctx, env, refreshLabel)
	if err != nil {
		return id, 0, err
	}
	encoded, ours := strings.CutPrefix(token.Reveal(), refreshPrefix)
	raw, err := unspell(encoded)
	if err != nil || !ours || len(raw) != refreshBody+32 ||
		!secret.Authentic(raw[:refreshBody], raw[refreshBody:]) {
		return id, 0, errRefresh
	}
	copy(id[:], raw)
	return id, int64(binary.BigEndian.Uint64(raw[16:])), nil
}
