package directory

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"sallyport/pure/customer"
	"sallyport/service/audit"
	"sallyport/store"
)

// ErrUnsettled: where a letter would go is somebody's word of these days.
var ErrUnsettled = errors.New("the address or the membership is too new to post a secret to")

// SettledAfter is how long an operator's word, or an invitation, stands before a secret is
// posted by it: the customer hears of it meanwhile, and nobody at a desk, or at a browser
// that somebody left open, has a card sent to themselves.
const SettledAfter = 7 * 24 * time.Hour

// Posting names where a letter to a customer goes.
type Posting struct {
	Customer customer.ID
	Account  customer.AccountID
	Premises customer.PremisesID // zero: the only one of the account
}

// PostalAddress gives the address of premises of a customer's own account, a line each,
// for letters with secrets. Agents act for somebody who lives there, and get none. What an
// operator wrote within [SettledAfter], be it the address or that the customer is a member,
// is [ErrUnsettled], and so is what they were invited to since; what came with the account from where the business keeps it counts at
// once. store.ErrNotFound of what is not theirs, is closed, or has no address.
func (d *Directory) PostalAddress(ctx context.Context, env store.EnvironmentID, to Posting) (string, error) {
	m, err := d.membership(ctx, env, to)
	if err != nil {
		return "", err
	}
	p, err := d.premisesOf(ctx, env, to)
	switch {
	case err != nil:
		return "", err
	case m.Account.State != customer.AccountOpen, m.Member.Role == customer.Agent, !m.Member.Sees(p.ID), len(p.Address.Lines) == 0:
		return "", fmt.Errorf("an address of %s: %w", to.Customer, store.ErrNotFound)
	}
	since := d.cfg.Now().Add(-SettledAfter)
	came := p.Version == 1 && p.Created.Equal(m.Account.Created) && !strings.HasPrefix(m.Account.Source, "operator")
	if p.Updated.After(since) && !came || m.Member.Since.After(since) && byWord(m.Member) {
		return "", ErrUnsettled
	}
	lines := p.Address.Lines
	if town := strings.TrimSpace(strings.Join([]string{p.Address.Town, p.Address.Region, p.Address.Postcode}, " ")); town != "" {
		lines = append(lines[:len(lines):len(lines)], strings.Join(strings.Fields(town), " "))
	}
	if p.Address.Country != "" {
		lines = append(lines[:len(lines):len(lines)], p.Address.Country)
	}
	return strings.Join(lines, "\n"), nil
}

// byWord tells whether somebody is a member because somebody else said so.
func byWord(m customer.Member) bool {
	var went Grounds
	if json.Unmarshal([]byte(m.Evidence), &went) == nil && went.How == ByInvitation {
		return true
	}
	kind, _, _ := cutActor(audit.Actor(m.By))
	return kind == "operator"
}

// membership reads what a customer is to an account; store.ErrNotFound if nothing.
func (d *Directory) membership(ctx context.Context, env store.EnvironmentID, to Posting) (store.Membership, error) {
	all, err := d.cfg.Store.Memberships(ctx, env, to.Customer, before(to.Account), 1)
	if err != nil {
		return store.Membership{}, fmt.Errorf("reading the accounts of %s: %w", to.Customer, err)
	}
	if len(all) == 0 || all[0].Account.ID != to.Account {
		return store.Membership{}, fmt.Errorf("an account of %s: %w", to.Customer, store.ErrNotFound)
	}
	return all[0], nil
}

// before is the id next below one: a page behind it begins with that one.
func before[T ~[16]byte](id T) T {
	for n := len(id) - 1; n >= 0; n-- {
		if id[n]--; id[n] != 0xff {
			break
		}
	}
	return id
}

// premisesOf reads the premises that are named, or the only one that there is.
func (d *Directory) premisesOf(ctx context.Context, env store.EnvironmentID, to Posting) (customer.Premises, error) {
	var after customer.PremisesID
	if to.Premises != (customer.PremisesID{}) {
		after = before(to.Premises)
	}
	some, err := d.cfg.Store.PremisesOf(ctx, env, to.Account, after, 2)
	if err != nil {
		return customer.Premises{}, fmt.Errorf("reading premises of %s: %w", to.Account, err)
	}
	named := len(some) > 0 && some[0].ID == to.Premises
	if !named && (len(some) != 1 || to.Premises != (customer.PremisesID{})) {
		return customer.Premises{}, fmt.Errorf("premises of %s: %w", to.Account, store.ErrNotFound)
	}
	return some[0], nil
}
