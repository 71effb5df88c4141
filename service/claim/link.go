package claim

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"sallyport/pure/customer"
	"sallyport/service/audit"
	"sallyport/store"
)

// errWaits: the account cannot be linked by what was proved.
type errWaits struct{ why string }

func (e errWaits) Error() string { return "a person decides: " + e.why }

// links is how often linking an account begins again that others change meanwhile.
const links = 3

// link makes the account theirs, by what it went by. Where it is somebody else's, or
// closed, the claim waits.
func (t *try) link(ctx context.Context, by Evidence) (Answer, error) {
	answer := Answer{Outcome: Linked, Reference: t.cfg.Audit.NewTrace()}
	var err error
	for range links {
		answer.Account, err = t.join(ctx, by, answer.Reference)
		if !errors.Is(err, store.ErrConflict) && !errors.Is(err, store.ErrExists) {
			break
		}
	}
	var waits errWaits
	switch {
	case errors.As(err, &waits):
		return t.wait(ctx, waits.why, by)
	case err != nil:
		return Answer{}, fmt.Errorf("linking an account: %w", err)
	}
	return answer, nil
}

// join makes the customer a member of the account by what proves that it is theirs.
func (t *try) join(ctx context.Context, by Evidence, trace string) (customer.Account, error) {
	return t.within(ctx, func(tx store.Tx, account customer.AccountID) error { return t.admit(ctx, tx, account, by, trace) })
}

// within changes the account of the number in one transaction, in which it is opened as
// its record has it if nobody had it yet.
func (t *try) within(ctx context.Context, change func(store.Tx, customer.AccountID) error) (customer.Account, error) {
	account, err := t.cfg.Store.AccountByNumber(ctx, t.live.ID, t.number)
	fresh := errors.Is(err, store.ErrNotFound)
	if err != nil && !fresh {
		return account, err
	}
	var at customer.Premises
	if fresh {
		if err := t.find(ctx); err != nil {
			return account, err
		}
		if account, at, err = t.open(); err != nil {
			return account, err
		}
	}
	err = t.cfg.Store.Write(ctx, t.live.ID, func(tx store.Tx) error {
		if fresh {
			if err := t.put(ctx, tx, account, at); err != nil {
				return err
			}
		}
		return change(tx, account.ID)
	})
	return account, err
}

// open is an account that nobody had yet, as its record has it.
func (t *try) open() (a customer.Account, p customer.Premises, err error) {
	if _, err := io.ReadFull(t.cfg.Rand, a.ID[:]); err != nil {
		return a, p, err
	}
	if _, err := io.ReadFull(t.cfg.Rand, p.ID[:]); err != nil {
		return a, p, err
	}
	now := t.cfg.Now()
	a.Number, a.State, a.Source, a.Created, a.Updated = t.number, customer.AccountOpen, "connector/"+t.at.Name, now, now
	kept, fields := t.at.Account, t.record.Fields
	a.Name, p.Reference = line(fields[kept.Name], customer.MaxName), line(fields[kept.Reference], customer.MaxReference)
	p.Account, p.Created, p.Updated = a.ID, now, now
	address := customer.Address{Town: fields[kept.Town], Region: fields[kept.Region], Postcode: fields[kept.Postcode], Country: fields[kept.Country]}
	for _, name := range kept.Lines {
		address.Lines = append(address.Lines, fields[name])
	}
	if clean, err := address.Clean(); err == nil { // one that no page can show is left to the business
		p.Address = clean
	}
	return a, p, nil
}

// line is what a record holds where pages can show it; else nothing.
func line(text string, most int) string {
	text, err := customer.Text(text, most)
	if err != nil {
		return ""
	}
	return text
}

// put stores a new account, and its premises if the record tells of any.
func (t *try) put(ctx context.Context, tx store.Tx, a customer.Account, p customer.Premises) error {
	if err := tx.PutAccount(ctx, a); err != nil {
		return err
	}
	if p.Reference == "" && p.Address.String() == "" {
		return nil
	}
	return tx.PutPremises(ctx, p)
}

type accountDetail struct {
	Account string        `json:"account"`
	Source  string        `json:"source,omitempty"`
	Role    customer.Role `json:"role,omitempty"`
	By      *Evidence     `json:"by,omitempty"`
	Reason  string        `json:"reason,omitempty"`
	Claim   string        `json:"claim,omitempty"`
}

// admit makes the customer the owner of an account that is open and that nobody owns.
// Whoever is a member already stays what they are.
func (t *try) admit(ctx context.Context, tx store.Tx, id customer.AccountID, by Evidence, trace string) error {
	account, members, err := tx.HoldAccount(ctx, id)
	if err != nil {
		return err
	}
	switch mine := slices.ContainsFunc(members, func(m customer.Member) bool { return m.Customer == t.who.Customer }); {
	case mine:
		return nil // who proves over and over what they have clears no count of guesses at what they have not
	case account.State != customer.AccountOpen:
		return errWaits{BecauseClosed}
	case slices.ContainsFunc(members, func(m customer.Member) bool { return m.Role == customer.Owner }):
		return errWaits{BecauseOwned}
	}
	if err := t.member(ctx, tx, id, customer.Owner, audit.Customer(t.who.Customer.String()), by); err != nil {
		return err
	}
	if err := tx.ForgetAttempts(ctx, t.keys()); err != nil {
		return err
	}
	return tx.Audit(ctx, t.cfg.Audit.Event(t.entry(audit.AccountClaimed, "", trace, accountDetail{Account: id.String(), Role: customer.Owner, By: &by})))
}

func (t *try) member(ctx context.Context, tx store.Tx, id customer.AccountID, role customer.Role, by audit.Actor, how Evidence) error {
	went, err := json.Marshal(how)
	if err != nil {
		return err
	}
	return tx.PutMember(ctx, customer.Member{Account: id, Customer: t.who.Customer, Role: role, Since: t.cfg.Now(), By: string(by), Evidence: string(went)})
}

// keys are the counters that a success clears: their own and that of the account. That
// of the source stays: others may try from there.
func (t *try) keys() []store.AttemptKey {
	var keys []store.AttemptKey
	for _, a := range t.reserved[:min(len(t.reserved), 2)] {
		keys = append(keys, a.Key)
	}
	return keys
}

// maxWaiting is how many claims of one customer wait at most; what they claim besides is
// told to the ledger alone.
const maxWaiting = 5

// wait keeps a claim for a person to decide. One that waits already is brought up to date.
func (t *try) wait(ctx context.Context, why string, by Evidence) (Answer, error) {
	answer := Answer{Outcome: Waits, Reference: t.cfg.Audit.NewTrace()}
	went, err := json.Marshal(by)
	if err != nil {
		return answer, err
	}
	theirs, err := t.cfg.Store.ClaimList(ctx, t.live.ID, store.ClaimPage{State: store.ClaimWaits, Customer: t.who.Customer, Limit: maxWaiting})
	if err != nil {
		return answer, fmt.Errorf("reading claims: %w", err)
	}
	now := t.cfg.Now()
	c := store.Claim{Customer: t.who.Customer, Place: by.Place, Number: t.number, State: store.ClaimWaits, Reason: why, Evidence: went, Created: now, Updated: now}
	again := slices.IndexFunc(theirs, func(c store.Claim) bool { return c.Number == t.number })
	switch {
	case again >= 0 && theirs[again].Reason != BecauseTries: // what they proved once counts more than tries that ran out
		answer.Claim = theirs[again].ID
		return answer, nil
	case again >= 0:
		c.ID, c.Version, c.Created = theirs[again].ID, theirs[again].Version, theirs[again].Created
	case len(theirs) == maxWaiting && why == BecauseTries: // nothing limits how often
		return answer, nil
	case len(theirs) == maxWaiting:
		return answer, t.cfg.Audit.Record(ctx, t.live.ID, t.entry(audit.AccountHeld, why, answer.Reference, accountDetail{Reason: "too-many-claims"}))
	default:
		if _, err := io.ReadFull(t.cfg.Rand, c.ID[:]); err != nil {
			return answer, err
		}
	}
	if again >= 0 && why == BecauseTries { // nothing new; the limit on tries is no way to fill the ledger
		answer.Claim = c.ID
		return answer, nil
	}
	answer.Claim = c.ID
	err = t.cfg.Store.Write(ctx, t.live.ID, func(tx store.Tx) error {
		if err := tx.PutClaim(ctx, c); err != nil {
			return err
		}
		return tx.Audit(ctx, t.cfg.Audit.Event(t.entry(audit.AccountHeld, why, answer.Reference, accountDetail{Reason: why, By: &by, Claim: IDText(c.ID)})))
	})
	if errors.Is(err, store.ErrExists) || errors.Is(err, store.ErrConflict) { // at once, in another tab
		return answer, nil
	}
	return answer, err
}
