package relational

import (
	"context"

	"sallyport/pure/customer"
	"sallyport/store"
)

// rowsAtOnce is how many rows of accounts a page holds.
const rowsAtOnce = 500

// notWalked leaves out what customers have that walks made.
const notWalked = " AND NOT EXISTS (SELECT 1 FROM synthetics s WHERE s.env = m.env AND s.customer = m.customer)"

// pages gives the rows of a query one by one, and has a page of them in memory.
type pages[T any] struct {
	read func(after *T) ([]T, error) // nil: the first page
	page []T
	last *T
	done bool
}

// peek gives the next row; nil behind the last.
func (p *pages[T]) peek() (*T, error) {
	if len(p.page) == 0 && !p.done {
		page, err := p.read(p.last)
		if err != nil {
			return nil, err
		}
		p.page, p.done = page, len(page) == 0
	}
	if p.done {
		return nil, nil
	}
	return &p.page[0], nil
}

func (p *pages[T]) pass() { p.last, p.page = &p.page[0], p.page[1:] }

// each hands the rows that match to take, up to the first that does not.
func (p *pages[T]) each(matches func(*T) bool, take func(T) error) error {
	for {
		row, err := p.peek()
		if err != nil || row == nil || !matches(row) {
			return err
		}
		if err := take(*row); err != nil {
			return err
		}
		p.pass()
	}
}

func whichever[T any](*T) bool { return true }

// eachHolding gives every account, its premises and members behind it, and then every
// claim. Three tables are read side by side, each in the order of its key.
func eachHolding(ctx context.Context, conn Conn, env store.EnvironmentID, to store.Takers) error {
	places, joined := allPremises(ctx, conn, env), allMembers(ctx, conn, env)
	err := allAccounts(ctx, conn, env).each(whichever, func(a customer.Account) error {
		if err := to.Account(a); err != nil {
			return err
		}
		if err := places.each(func(p *customer.Premises) bool { return p.Account == a.ID }, to.Premises); err != nil {
			return err
		}
		return joined.each(func(m *customer.Member) bool { return m.Account == a.ID }, to.Member)
	})
	if err != nil {
		return err
	}
	return allClaims(ctx, conn, env).each(whichever, to.Claim)
}

func allAccounts(ctx context.Context, conn Conn, env store.EnvironmentID) *pages[customer.Account] {
	return &pages[customer.Account]{read: func(last *customer.Account) ([]customer.Account, error) {
		if last == nil {
			return queryAll(ctx, conn, scanAccount, selectAccount+" ORDER BY a.id LIMIT ?", int64(env), int64(rowsAtOnce))
		}
		return queryAll(ctx, conn, scanAccount, selectAccount+" AND a.id > ? ORDER BY a.id LIMIT ?", int64(env), last.ID[:], int64(rowsAtOnce))
	}}
}

func allPremises(ctx context.Context, conn Conn, env store.EnvironmentID) *pages[customer.Premises] {
	return &pages[customer.Premises]{read: func(last *customer.Premises) ([]customer.Premises, error) {
		if last == nil {
			last = &customer.Premises{}
		}
		return queryAll(ctx, conn, scanPremises, "SELECT "+premisesColumns+` FROM account_premises
			WHERE env = ? AND (account, id) > (?, ?) ORDER BY account, id LIMIT ?`, int64(env), last.Account[:], last.ID[:], int64(rowsAtOnce))
	}}
}

func allMembers(ctx context.Context, conn Conn, env store.EnvironmentID) *pages[customer.Member] {
	return &pages[customer.Member]{read: func(last *customer.Member) ([]customer.Member, error) {
		if last == nil {
			last = &customer.Member{}
		}
		return queryAll(ctx, conn, scanMember, "SELECT "+memberColumns+` FROM account_members m
			WHERE m.env = ? AND (m.account, m.customer) > (?, ?)`+notWalked+" ORDER BY m.account, m.customer LIMIT ?",
			int64(env), last.Account[:], last.Customer[:], int64(rowsAtOnce))
	}}
}

func allClaims(ctx context.Context, conn Conn, env store.EnvironmentID) *pages[store.Claim] {
	return &pages[store.Claim]{read: func(last *store.Claim) ([]store.Claim, error) {
		if last == nil {
			last = &store.Claim{}
		}
		return queryAll(ctx, conn, scanClaim, "SELECT "+claimColumns+` FROM account_claims m
			WHERE m.env = ? AND m.id > ?`+notWalked+" ORDER BY m.id LIMIT ?", int64(env), last.ID[:], int64(rowsAtOnce))
	}}
}

// OnePerson reads for [store.People] within one transaction, as [EachPerson] does.
func OnePerson(ctx context.Context, conn Conn, env store.EnvironmentID, id customer.ID, to store.Takers) error {
	whole, err := WholePerson(ctx, conn, env, id)
	if err != nil {
		return err
	}
	if err := to.Begin(1); err != nil {
		return err
	}
	if err := to.Person(whole); err != nil {
		return err
	}
	own := ownMemberships(ctx, &Reader{conn: conn}, env, id)
	if err := own.each(whichever, func(m store.Membership) error { return seenBy(ctx, conn, env, &m, to) }); err != nil {
		return err
	}
	claims, err := queryAll(ctx, conn, scanClaim, "SELECT "+claimColumns+" FROM account_claims m WHERE m.env = ? AND m.customer = ? ORDER BY m.id", int64(env), id[:])
	for i := 0; err == nil && i < len(claims); i++ {
		err = to.Claim(claims[i])
	}
	return err
}

func ownMemberships(ctx context.Context, r *Reader, env store.EnvironmentID, id customer.ID) *pages[store.Membership] {
	return &pages[store.Membership]{read: func(last *store.Membership) ([]store.Membership, error) {
		if last == nil {
			last = &store.Membership{}
		}
		return r.Memberships(ctx, env, id, last.Account.ID, accountsAtOnce)
	}}
}

// seenBy gives an account as one of its members sees it.
func seenBy(ctx context.Context, conn Conn, env store.EnvironmentID, m *store.Membership, to store.Takers) error {
	if err := to.Account(m.Account); err != nil {
		return err
	}
	places, err := queryAll(ctx, conn, scanPremises, "SELECT "+premisesColumns+" FROM account_premises WHERE env = ? AND account = ? ORDER BY id",
		int64(env), m.Account.ID[:])
	if err != nil {
		return err
	}
	for _, p := range places {
		if !m.Member.Sees(p.ID) {
			continue
		}
		if err := to.Premises(p); err != nil {
			return err
		}
	}
	return to.Member(m.Member)
}
