package issue

import (
	"context"
	"errors"
	"net/netip"

	"sallyport/protocol/oauth"
	"sallyport/pure/config"
	"sallyport/service/audit"
	"sallyport/service/directory"
)

// Client is an application that proved who it is, or that has nothing to
// prove it with.
type Client struct {
	Application *config.Application
	Public      bool
	Address     netip.Addr // where it called from; zero if unknown
}

// AuthenticateClient finds the application that presents itself by auth from
// address at an authorization server's token endpoint. It must use the method
// it is registered with (RFC 9700 §2.5). A [Refusal] with WrongClient does not
// tell an unknown client from a wrong secret, neither in words nor in work;
// Limited tells how long to wait.
func (s *Service) AuthenticateClient(ctx context.Context, v View, auth oauth.ClientAuth, address netip.Addr) (Client, error) {
	if err := s.fresh(); err != nil {
		return Client{}, err
	}
	name, now := string(auth.ClientID), s.cfg.Now()
	if wait := s.failures.reserve(name, address, now); wait > 0 {
		return Client{}, &Refusal{Reason: Limited, Wait: wait}
	}
	application, known := v.Snapshot.Applications[name]
	if err := s.verifyClient(ctx, v, application, auth); err != nil {
		if !errors.Is(err, directory.ErrWrongSecret) {
			s.failures.giveBack(name, address, now)
			return Client{}, err
		}
		refused := audit.Entry{Type: audit.TokenRefused, Actor: audit.System, Detail: clientDetail{Method: string(auth.Method)}}
		if known {
			refused.Application = name
		}
		return Client{}, s.refuse(ctx, v, refused, address, &Refusal{Reason: WrongClient})
	}
	s.failures.giveBack(name, address, now)
	return Client{Application: application, Public: auth.Method == oauth.AuthNone, Address: address}, nil
}

type clientDetail struct {
	Method string `json:"method"`
}

// nobody is a name that no application can have.
const nobody = "-"

// verifyClient does the same work for every client that sends a secret:
// unknown ones are compared with the secrets of an application without any.
func (s *Service) verifyClient(ctx context.Context, v View, application *config.Application, auth oauth.ClientAuth) error {
	registered, name := oauth.AuthMethod(""), nobody
	if application != nil {
		registered, name = oauth.AuthMethod(application.Authentication), application.Name
	}
	err := error(nil)
	if auth.Method != oauth.AuthNone {
		err = s.cfg.Secrets.VerifySecret(ctx, v.Env, name, auth.Secret.Reveal())
	}
	if err == nil && (application == nil || auth.Method != registered) {
		err = directory.ErrWrongSecret
	}
	return err
}

// blame counts a public client's failure against its source: it proved
// nothing, so whoever writes its name could otherwise fail without end.
func (s *Service) blame(c Client) {
	if c.Public {
		s.failures.reserve(c.Application.Name, c.Address, s.cfg.Now())
	}
}
