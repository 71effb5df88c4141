package issue

import (
	"context"
	"errors"
	"net/netip"
	"time"

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
// address at an endpoint of server. It must use the method it is registered with (RFC 9700 §2.5). A [Refusal] with WrongClient does not
// tell an unknown client from a wrong secret, neither in words nor in work;
// Limited tells how long to wait. An assertion (RFC 7523 §2.2) of a client that
// holds its key is told by other reasons what else is wrong with it.
func (s *Service) AuthenticateClient(ctx context.Context, v View, server *config.LiveServer, auth oauth.ClientAuth, address netip.Addr) (Client, error) {
	if err := s.fresh(); err != nil {
		return Client{}, err
	}
	name, err := nameOf(auth)
	if err != nil {
		return Client{}, err
	}
	application := v.Snapshot.Applications[name]
	// Nothing can be guessed where nothing is proved. Others at the same address have
	// the same name, and are not to pay for each other.
	if auth.Method == oauth.AuthNone && application != nil && oauth.AuthMethod(application.Authentication) == oauth.AuthNone {
		return Client{Application: application, Public: true, Address: address}, nil
	}
	if err := s.ready(ctx, v, application, auth); err != nil {
		return Client{}, err
	}
	now := s.cfg.Now()
	if wait := s.failures.reserve(name, address, now); wait > 0 {
		return Client{}, &Refusal{Reason: Limited, Wait: wait}
	}
	// Nothing in here waits: a client with many requests under way is not refused
	// for those that are still being looked at.
	var good oauth.Assertion
	if auth.Method == oauth.AuthPrivateKeyJWT {
		good, err = s.verifyAssertion(v, server, application, auth.Secret)
	} else {
		err = s.verifyClient(ctx, v, application, auth)
	}
	if failureOf(err) == "" {
		s.failures.giveBack(name, address, now)
	}
	if err == nil && auth.Method == oauth.AuthPrivateKeyJWT {
		err = s.spendAssertion(ctx, v.Env, application, good, now)
		if wait := s.countReplay(name, address, now, err); wait > 0 {
			return Client{}, &Refusal{Reason: Limited, Wait: wait}
		}
	}
	if err != nil {
		return Client{}, s.refuseClient(ctx, v, application, auth, address, err)
	}
	return Client{Application: application, Address: address}, nil
}

// countReplay counts an assertion that was used before as a failure; it tells how
// long to wait if there were too many.
func (s *Service) countReplay(client string, source netip.Addr, now time.Time, err error) time.Duration {
	if failureOf(err) == "" {
		return 0
	}
	return s.failures.reserve(client, source, now)
}

// ready reads what proving a secret needs, before a try is reserved for it.
func (s *Service) ready(ctx context.Context, v View, application *config.Application, auth oauth.ClientAuth) error {
	if auth.Method == oauth.AuthPrivateKeyJWT || auth.Method == oauth.AuthNone {
		return nil
	}
	return s.cfg.Secrets.Ready(ctx, v.Env, secretsOf(application))
}

// refuseClient tells the ledger of a client that did not prove itself. An error
// that says nothing about the client stays as it is.
func (s *Service) refuseClient(ctx context.Context, v View, application *config.Application, auth oauth.ClientAuth, address netip.Addr, err error) error {
	reason := failureOf(err)
	if reason == "" {
		return err
	}
	refused := audit.Entry{Type: audit.TokenRefused, Actor: audit.System, Detail: clientDetailOf(auth, err)}
	if application != nil {
		refused.Application = application.Name
	}
	return s.refuse(ctx, v, refused, address, &Refusal{Reason: reason})
}

// clientDetail is for the owner of the application. Why says what was wrong
// with an assertion before its signature was known to be good; it repeats
// nothing of it.
type clientDetail struct {
	Method string `json:"method"`
	Why    string `json:"why,omitempty"`
}

func clientDetailOf(auth oauth.ClientAuth, err error) clientDetail {
	d := clientDetail{Method: string(auth.Method)}
	if errors.Is(err, oauth.ErrAssertion) {
		d.Why = err.Error()
	}
	return d
}

// nameOf is whom a client says it is. An assertion says it, too, and must agree.
func nameOf(auth oauth.ClientAuth) (string, error) {
	if auth.Method != oauth.AuthPrivateKeyJWT {
		return string(auth.ClientID), nil
	}
	client, err := oauth.AssertionClient(auth.Secret)
	if err == nil && auth.ClientID != "" && auth.ClientID != client {
		err = oauth.InvalidClient("client_id is not the sub of the assertion")
	}
	return string(client), err
}

// failureOf is the reason if err says that authentication failed; others say
// nothing about the client.
func failureOf(err error) Reason {
	var refusal *Refusal
	switch {
	case errors.Is(err, directory.ErrWrongSecret):
		return WrongClient
	case errors.As(err, &refusal):
		return refusal.Reason
	}
	return ""
}

// nobody is a name that no application can have.
const nobody = "-"

// secretsOf is whose secrets a client's is compared with.
func secretsOf(application *config.Application) string {
	if application == nil {
		return nobody
	}
	return application.Name
}

// verifyClient does the same work for every client that sends a secret:
// unknown ones are compared with the secrets of an application without any.
func (s *Service) verifyClient(ctx context.Context, v View, application *config.Application, auth oauth.ClientAuth) error {
	err := error(nil)
	if auth.Method != oauth.AuthNone {
		err = s.cfg.Secrets.VerifySecret(ctx, v.Env, secretsOf(application), auth.Secret.Reveal())
	}
	if err == nil && (application == nil || auth.Method != oauth.AuthMethod(application.Authentication)) {
		err = directory.ErrWrongSecret
	}
	return err
}
