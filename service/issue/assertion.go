package issue

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"sallyport/protocol/oauth"
	"sallyport/pure/config"
	"sallyport/service/directory"
	"sallyport/store"
)

// verifyAssertion makes sure that an assertion is the application's and is for
// this server. What a holder of the key did wrong is a [Refusal] of its own;
// everything else is directory.ErrWrongSecret.
//
// Names of clients are no secret, so an unknown one is not given the time that
// verifying takes; the words are the same.
func (s *Service) verifyAssertion(v View, server *config.LiveServer, a *config.Application, assertion oauth.Secret) (oauth.Assertion, error) {
	if a == nil || oauth.AuthMethod(a.Authentication) != oauth.AuthPrivateKeyJWT {
		return oauth.Assertion{}, directory.ErrWrongSecret
	}
	check := oauth.AssertionCheck{
		Client: oauth.ClientID(a.Name), Keys: v.Snapshot.ClientKeys[a.Name], Issuer: server.Issuer, Now: s.cfg.Now(),
	}
	good, err := check.Verify(assertion)
	if err != nil {
		return oauth.Assertion{}, assertionFailure(err)
	}
	return good, nil
}

// assertionFailure tells what service/issue calls a mistake in an assertion.
func assertionFailure(err error) error {
	for _, known := range []struct {
		err    error
		reason Reason
	}{
		{oauth.ErrAssertionSubject, AssertionSubject},
		{oauth.ErrAssertionAudience, AssertionAudience},
		{oauth.ErrAssertionTime, AssertionTime},
		{oauth.ErrAssertionID, AssertionID},
	} {
		if errors.Is(err, known.err) {
			return &Refusal{Reason: known.reason, cause: err}
		}
	}
	return fmt.Errorf("%w: %w", directory.ErrWrongSecret, err)
}

// spendAssertion reserves the only try that an assertion has, on any node and at
// any server of the environment. The counter of a
// try is full again when the assertion is dead on every node, however far their
// clocks are apart, and is then swept: what is stored is bounded by what
// applications sign within some minutes.
func (s *Service) spendAssertion(ctx context.Context, env store.EnvironmentID, a *config.Application, good oauth.Assertion, now time.Time) error {
	only := store.Attempt{Key: assertionKey(a.Name, good.JTI), Burst: 1, Interval: good.Expires.Sub(now) + clockSkew}
	var wait time.Duration
	err := s.cfg.Store.Write(ctx, env, func(tx store.Tx) (err error) {
		wait, err = tx.ReserveAttempts(ctx, []store.Attempt{only}, now)
		return err
	})
	if err != nil {
		return fmt.Errorf("spending an assertion: %w", err)
	}
	if wait > 0 {
		return &Refusal{Reason: AssertionSpent}
	}
	return nil
}

// assertionKey names the counter of an assertion. A name of an application
// holds no NUL, so no two pairs are written alike.
func assertionKey(application, jti string) store.AttemptKey {
	return sha256.Sum256([]byte("assertion\x00" + application + "\x00" + jti))
}
