package issue

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"sallyport/pure/access"
	"sallyport/pure/customer"
	"sallyport/service/audit"
	"sallyport/store"
)

// Consent is what a customer allows an application to have from a server.
type Consent struct {
	Application string
	Server      string
	Scopes      []access.Scope
	Given       time.Time // the first of them
	Updated     time.Time // when they last changed
}

// Consents lists what a customer allows, by application and server. The
// configuration may know neither any more.
func (s *Service) Consents(ctx context.Context, env store.EnvironmentID, id customer.ID) ([]Consent, error) {
	stored, err := s.cfg.Store.Consents(ctx, env, id)
	if err != nil {
		return nil, fmt.Errorf("listing consents: %w", err)
	}
	consents := make([]Consent, len(stored))
	for i, c := range stored {
		consents[i] = Consent{c.Application, c.Server, scopesOf(c.Scopes), c.Given, c.Updated}
	}
	return consents, nil
}

// Withdrawal takes a consent back.
type Withdrawal struct {
	Customer    customer.ID
	Application string
	Server      string
	By          audit.Actor
	Address     netip.Addr // of whoever does it; zero if unknown
}

// ErrNoConsent: there is none, or none any more.
var ErrNoConsent = errors.New("no such consent")

// maxTold is how many ended grants are told one by one; nobody fills the feed.
const maxTold = 100

// Withdraw takes a consent back and ends what the application was granted by that
// server for the customer: refresh tokens at once, access tokens within five
// seconds, and codes, since none is redeemed without a consent. [ErrNoConsent].
func (s *Service) Withdraw(ctx context.Context, env store.EnvironmentID, w Withdrawal) error {
	now, id := s.cfg.Now(), w.Customer.String()
	err := s.cfg.Store.Write(ctx, env, func(tx store.Tx) error {
		held, err := tx.HoldConsent(ctx, w.Customer, w.Application, w.Server)
		if err != nil {
			return err
		}
		ended, err := tx.DeleteConsent(ctx, w.Customer, w.Application, w.Server, now)
		if err != nil {
			return err
		}
		if err := tellWithdrawn(ctx, tx, w, ended, now); err != nil {
			return err
		}
		return tx.Audit(ctx, s.cfg.Audit.Event(audit.Entry{
			At: now, Type: audit.ConsentWithdrawn, Actor: w.By, Application: w.Application, Customer: id,
			Detail:   consentDetail{Server: w.Server, Scopes: scopesOf(held.Scopes), Grants: len(ended)},
			Personal: personalOf(w.Address),
		}))
	})
	if errors.Is(err, store.ErrNotFound) {
		return ErrNoConsent
	}
	if err != nil {
		return fmt.Errorf("withdrawing a consent: %w", err)
	}
	s.cfg.Feed.Wake()
	return nil
}

// tellWithdrawn tells every node what ended. That the application has nothing that
// was issued until now covers all of it: tokens outlive the rows of grants which
// ended by themselves. Each grant is told besides, while they are few, since a
// node that made its tokens may have a clock that is ahead.
func tellWithdrawn(ctx context.Context, tx store.Tx, w Withdrawal, ended []store.GrantID, now time.Time) error {
	news := []store.FeedEntry{{Kind: store.AccessWithdrawn, Subject: w.Customer.String() + "/" + w.Application}}
	if len(ended) <= maxTold {
		for _, id := range ended {
			news = append(news, store.FeedEntry{Kind: store.GrantRevoked, Subject: grantName(id)})
		}
	}
	for _, entry := range news {
		entry.At, entry.Until = now, now.Add(feedLife)
		if err := tx.Publish(ctx, entry); err != nil {
			return err
		}
	}
	return nil
}
