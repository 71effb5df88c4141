package storetest

import (
	"errors"
	"maps"

	"sallyport/pure/customer"
	"sallyport/store"
)

// directoryReadings are those of what customers have besides their names.
func (w world) directoryReadings(b *bench, env store.EnvironmentID) map[string]func() (any, error) {
	id, h := w.person.Customer.ID, w.household
	return map[string]func() (any, error){
		"Account":         func() (any, error) { return b.Account(b.ctx, env, h.account.ID) },
		"AccountByNumber": func() (any, error) { return b.AccountByNumber(b.ctx, env, h.account.Number) },
		"FindAccounts":    func() (any, error) { return b.FindAccounts(b.ctx, env, store.AccountPage{Limit: 9}) },
		"PremisesOf":      func() (any, error) { return b.PremisesOf(b.ctx, env, h.account.ID, customer.PremisesID{}, 9) },
		"MembersOf":       func() (any, error) { return b.MembersOf(b.ctx, env, h.account.ID, customer.ID{}, 9) },
		"Memberships":     func() (any, error) { return b.Memberships(b.ctx, env, id, customer.AccountID{}, 9) },
		"Invitations":     func() (any, error) { return b.Invitations(b.ctx, env, h.account.ID) },
		"Invitation":      func() (any, error) { return b.Invitation(b.ctx, env, h.invitation.Hash) },
		"Claim":           func() (any, error) { return b.Claim(b.ctx, env, h.claim.ID) },
		"ClaimList":       func() (any, error) { return b.ClaimList(b.ctx, env, store.ClaimPage{Limit: 9}) },
		"Agreements":      func() (any, error) { return b.Agreements(b.ctx, env, id) },
		"Answers":         func() (any, error) { return b.Answers(b.ctx, env, id) },
		"TagsOf":          func() (any, error) { return b.TagsOf(b.ctx, env, id) },
		"TaggedCustomers": func() (any, error) { return b.TaggedCustomers(b.ctx, env, "vip", customer.ID{}, 9) },
		"ErasableEvents":  func() (any, error) { return b.ErasableEvents(b.ctx, env, "cus_1", 9) },
	}
}

// directoryWritings are those of what customers have besides their names.
func (w world) directoryWritings(b *bench) map[string]func(store.Tx) error {
	id, h := w.person.Customer.ID, w.household
	missing := func(err error) error {
		if !errors.Is(err, store.ErrNotFound) {
			b.Errorf("error is %v, want %v", err, store.ErrNotFound)
		}
		return nil
	}
	return map[string]func(store.Tx) error{
		"HoldAccount":    func(tx store.Tx) error { _, _, err := tx.HoldAccount(b.ctx, h.account.ID); return missing(err) },
		"DeleteAccount":  func(tx store.Tx) error { return missing(tx.DeleteAccount(b.ctx, h.account.ID)) },
		"PutPremises":    func(tx store.Tx) error { return missing(tx.PutPremises(b.ctx, build(place(h.account.ID)))) },
		"DeletePremises": func(tx store.Tx) error { return tx.DeletePremises(b.ctx, h.account.ID, h.premises.ID) },
		"PutMember":      func(tx store.Tx) error { return missing(tx.PutMember(b.ctx, h.member)) },
		"DeleteMember":   func(tx store.Tx) error { return missing(tx.DeleteMember(b.ctx, h.account.ID, id)) },
		"PutInvitation":  func(tx store.Tx) error { return missing(tx.PutInvitation(b.ctx, h.invitation)) },
		"TakeInvitation": func(tx store.Tx) error { return missing(tx.TakeInvitation(b.ctx, h.invitation.Hash)) },
		"PutClaim":       func(tx store.Tx) error { return missing(tx.PutClaim(b.ctx, raised(claim(id, "HL-9", 1)))) },
		"PutAgreement":   func(tx store.Tx) error { return missing(tx.PutAgreement(b.ctx, agreement(id))) },
		"KeepAgreements": func(tx store.Tx) error { return missing(tx.KeepAgreements(b.ctx, []store.Agreement{agreement(id)})) },
		"WithdrawAgreement": func(tx store.Tx) error {
			return missing(tx.WithdrawAgreement(b.ctx, id, store.AgreedDocument, "terms", at(9)))
		},
		"PutTags":    func(tx store.Tx) error { return missing(tx.PutTags(b.ctx, id, []string{"other"})) },
		"DeleteTags": func(tx store.Tx) error { return tx.DeleteTags(b.ctx, id, []string{"vip"}) },
		"ErasePersonalSome": func(tx store.Tx) error {
			n, err := tx.ErasePersonalSome(b.ctx, "cus_1", 9)
			same(b, n, 0)
			return err
		},
		"EraseCustomer": func(tx store.Tx) error { _, err := tx.EraseCustomer(b.ctx, id, 1, at(9)); return missing(err) },
	}
}

// furnish gives the world's person what customers have besides their names.
func (w *world) furnish(b *bench) {
	b.Helper()
	id := w.person.Customer.ID
	w.household = b.settle("HL-1", id)
	b.write(func(tx store.Tx) error {
		return errors.Join(tx.PutAgreement(b.ctx, agreement(id)), tx.PutTags(b.ctx, id, []string{"vip"}))
	})
}

// with adds entries to a table of trials.
func with[T any](all, more map[string]T) map[string]T {
	maps.Copy(all, more)
	return all
}
