package verify

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"sallyport/protocol/jose"
	"sallyport/pure/config"
	"sallyport/service/environment"
	"sallyport/service/keyring"
	"sallyport/store"
)

// Feed is what the service needs of the registry of environments.
type Feed interface {
	Fresh() error
	Subscribe(func(context.Context, store.FeedEntry))
}

// Config constructs a [Service]. Ring, Registry and Now are required.
type Config struct {
	Ring     *keyring.Ring
	Registry Feed
	Now      func() time.Time
	// Remembered bounds how many verified tokens are kept; 0 is 16 384. Each
	// takes about three times its length.
	Remembered int
	// Revoked bounds how many revocations are kept; 0 is a million. Beyond it
	// the oldest are forgotten, and every token from before them is refused.
	Revoked int
}

// Service verifies access tokens. It is safe for concurrent use.
type Service struct {
	cfg     Config
	cache   *cache
	revoked *revoked
}

// maxLife is longer than any access token lives.
const maxLife = 24*time.Hour + 10*time.Minute

// maxFuture is how far ahead another node's clock may be.
const maxFuture = time.Minute

// New gives a service that hears of revocations from c.Registry; call it
// before the registry's Start, which replays those that still count.
func New(c Config) *Service {
	if c.Remembered <= 0 {
		c.Remembered = 16 << 10
	}
	if c.Revoked <= 0 {
		c.Revoked = 1 << 20
	}
	s := &Service{cfg: c, cache: newCache(c.Remembered), revoked: newRevoked(c.Revoked)}
	c.Registry.Subscribe(func(_ context.Context, entry store.FeedEntry) { s.revoked.hear(entry, c.Now()) })
	return s
}

// Verify tells whether token is a good access token of server for an
// application of the environment. Errors: [*Refusal]; environment.ErrStale if
// this node has not heard of revocations lately; others if keys cannot be
// read, which say nothing about the token.
func (s *Service) Verify(ctx context.Context, live *environment.Live, server *config.LiveServer, token string) (*Token, error) {
	return s.VerifyAny(ctx, live, []*config.LiveServer{server}, token)
}

// VerifyAny is Verify where the tokens of several servers count. Which of them
// is meant stands in the token; it is then verified as that server's alone.
func (s *Service) VerifyAny(ctx context.Context, live *environment.Live, servers []*config.LiveServer, token string) (*Token, error) {
	if err := s.cfg.Registry.Fresh(); err != nil {
		return nil, err
	}
	now := s.cfg.Now()
	t, err := s.authentic(ctx, live, servers, token)
	if err != nil {
		return nil, err
	}
	if check := s.outlived(live, t, now); check != "" {
		return nil, &Refusal{Check: check, Token: t}
	}
	return t, nil
}

// Revoked makes this node honour a revocation that it has just written: the
// other nodes, and this one too, hear of it by the feed. t is the token that was
// revoked or, without a JTI, any token of the grant that was.
func (s *Service) Revoked(live *environment.Live, t *Token) {
	now := s.cfg.Now()
	entry := store.FeedEntry{Env: live.ID, At: now, Until: t.Expires, Kind: store.TokenRevoked, Subject: t.ClientID + "/" + t.JTI}
	if t.JTI == "" {
		entry.Kind, entry.Subject, entry.Until = store.GrantRevoked, hex.EncodeToString(t.GrantID[:]), now.Add(maxLife)
	}
	s.revoked.hear(entry, now)
}

// authentic makes sure of everything that cannot change: once true of these
// bytes under this profile, true for ever.
func (s *Service) authentic(ctx context.Context, live *environment.Live, servers []*config.LiveServer, token string) (*Token, error) {
	hash := s.cache.hash(live.ID, token)
	if e := s.cache.get(hash, live.ID, token); e != nil {
		if server := named(servers, e.token.Issuer); server != nil {
			serial, err := s.serial(ctx, live, server, token)
			if err != nil {
				return nil, err
			}
			if e.profile == profileOf(server, serial) {
				return e.token, nil
			}
		}
	}
	examine := s.signed
	if opaque(token) {
		examine = s.sealed
	}
	t, profile, err := examine(ctx, live, servers, token)
	if err != nil {
		return nil, err
	}
	s.cache.put(hash, &remembered{env: live.ID, text: token, profile: profile, token: t})
	return t, nil
}

// signed examines a JWT.
func (s *Service) signed(ctx context.Context, live *environment.Live, servers []*config.LiveServer, token string) (*Token, profile, error) {
	server, refusal := claimed(servers, token)
	if refusal != nil {
		return nil, profile{}, refusal
	}
	signing, err := s.cfg.Ring.Signing(ctx, live.ID, server.Name)
	if err != nil {
		return nil, profile{}, fmt.Errorf("keys to verify with: %w", err)
	}
	payload, _, err := signing.Access.Verify(token)
	if err != nil {
		return nil, profile{}, &Refusal{Check: checkOf(err), Cause: err}
	}
	t, err := check(server, payload)
	return t, profileOf(server, signing.Serial), err
}

// profile is what a token was verified against.
type profile struct {
	server, issuer, audience string
	serial                   uint64
}

func profileOf(server *config.LiveServer, serial uint64) profile {
	return profile{server.Name, server.Issuer, server.Audience, serial}
}

// serial is that of the keys of a server which a token of this form is
// verified with.
func (s *Service) serial(ctx context.Context, live *environment.Live, server *config.LiveServer, token string) (uint64, error) {
	if opaque(token) {
		opening, err := s.cfg.Ring.Opening(ctx, live.ID, server.Name)
		if err != nil {
			return 0, err
		}
		return opening.Serial, nil
	}
	signing, err := s.cfg.Ring.Signing(ctx, live.ID, server.Name)
	if err != nil {
		return 0, err
	}
	return signing.Serial, nil
}

// check reads an authentic payload as one of server's.
func check(server *config.LiveServer, payload []byte) (*Token, error) {
	t, err := parse(payload)
	switch {
	case err != nil:
		return nil, &Refusal{Check: Form, Cause: err}
	case t.Issuer != server.Issuer:
		return nil, &Refusal{Check: Issuer, Token: t}
	case t.Audience != server.Audience:
		return nil, &Refusal{Check: Audience, Token: t}
	}
	t.Server = server.Name
	return t, nil
}

// checkOf sorts what package jose found wrong.
func checkOf(err error) Check {
	switch {
	case errors.Is(err, jose.ErrType):
		return Type
	case errors.Is(err, jose.ErrUnknownKey), errors.Is(err, jose.ErrAlgorithm):
		return Key
	case errors.Is(err, jose.ErrSignature):
		return Signature
	}
	return Form
}

// claimed reads, from a token that nobody has verified yet, whose it says it
// is. It only chooses the keys to verify with.
func claimed(servers []*config.LiveServer, token string) (*config.LiveServer, error) {
	if len(servers) == 1 {
		return servers[0], nil
	}
	if len(token) > jose.MaxTokenBytes {
		return nil, &Refusal{Check: Form, Cause: jose.ErrTooLarge}
	}
	_, rest, _ := strings.Cut(token, ".")
	encoded, _, _ := strings.Cut(rest, ".")
	payload, err := base64.RawURLEncoding.DecodeString(encoded)
	var said struct {
		Issuer string `json:"iss"`
	}
	if err != nil || json.Unmarshal(payload, &said) != nil {
		return nil, &Refusal{Check: Form, Cause: jose.ErrMalformed}
	}
	if server := named(servers, said.Issuer); server != nil {
		return server, nil
	}
	return nil, &Refusal{Check: Issuer}
}

func named(servers []*config.LiveServer, issuer string) *config.LiveServer {
	for _, server := range servers {
		if server.Issuer == issuer {
			return server
		}
	}
	return nil
}

// outlived gives the first check that a token fails which once was good;
// empty for none.
func (s *Service) outlived(live *environment.Live, t *Token, now time.Time) Check {
	switch {
	case !now.Before(t.Expires):
		return Expiry
	case t.IssuedAt.After(now.Add(maxFuture)):
		return Future
	case s.revoked.names(live.ID, t):
		return Revocation
	}
	snapshot := live.Snapshot()
	if snapshot == nil {
		return Application
	}
	application := snapshot.Applications[t.ClientID]
	if application == nil {
		return Application
	}
	if _, served := application.Assigned[t.Server]; !served {
		return Application
	}
	return ""
}
