package intake

import (
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"sallyport/protocol/otp"
	"sallyport/protocol/passkey"
	"sallyport/pure/customer"
	"sallyport/pure/legacy"
	"sallyport/pure/migrate"
	"sallyport/store"
)

// newcomer is a person as they are stored: everything sealed, nothing dated.
type newcomer struct {
	store.NewCustomer
	factors  []store.Factor
	passkeys []store.Passkey
	links    []store.CustomerLink
	consents []store.Consent
	said     keptSaid
	marks    []byte // of what the record brought
}

// origin says who brought something.
func origin(migration string) string { return "migration/" + migration }

// newcomer makes a customer of an accepted outcome, with all that comes along.
func (s *Service) newcomer(ctx context.Context, env store.EnvironmentID, migration string, id customer.ID, o *migrate.Outcome) (n newcomer, err error) {
	n.NewCustomer = store.NewCustomer{Customer: o.Customer, Identifiers: o.Identifiers}
	if o.Kept != nil {
		id = o.Kept.Customer.ID
	}
	n.Customer.ID = id
	if n.Credential, err = s.seal(ctx, env, id, o.Hash); err != nil {
		return n, err
	}
	if n.Credential != nil && o.Kept != nil {
		n.Credential.Updated = o.Kept.PasswordSet
	}
	n.links, n.consents = linksOf(migration, id, o), consentsOf(id, o)
	n.said = saidOf(id, o)
	n.passkeys = passkeysOf(migration, id, o.Passkeys)
	if n.factors, err = s.factorsOf(ctx, env, migration, id, o.Factors); err != nil {
		return n, err
	}
	owed, err := s.stillOwed(ctx, env, id, o)
	if err != nil {
		return n, err
	}
	n.factors = append(n.factors, owed...)
	n.marks, err = s.encode(ctx, env, migration, brought{values: o.Marks})
	return n, err
}

// linksOf are the links of an outcome. Those of a kept person stay as old as they are.
func linksOf(migration string, id customer.ID, o *migrate.Outcome) (all []store.CustomerLink) {
	if o.Kept == nil {
		for _, link := range o.Links {
			all = append(all, store.CustomerLink{Link: link, Customer: id, Source: origin(migration)})
		}
		return all
	}
	for _, link := range o.Kept.Links {
		if slices.Contains(o.Links, link.Link) {
			all = append(all, store.CustomerLink{Link: link.Link, Customer: id, Source: link.Source, Created: link.Created})
		}
	}
	return all
}

// consentsOf are those of a kept person. The configuration under which they were given
// is another installation's, so they name none.
func consentsOf(id customer.ID, o *migrate.Outcome) (all []store.Consent) {
	if o.Kept == nil {
		return nil
	}
	for _, c := range o.Kept.Consents {
		all = append(all, store.Consent{Customer: id, Application: c.Application, Server: c.Server, Scopes: c.Scopes, Given: c.Given, Updated: c.Updated})
	}
	return all
}

// dated is the person with the times set. A source's are kept unless they are
// missing or lie ahead. A transaction may be tried again, so n itself stays.
func (n newcomer) dated(at time.Time) newcomer {
	n.Customer.Created, n.Customer.Updated = notAhead(n.Customer.Created, at), at
	if n.Credential != nil {
		sealed := *n.Credential
		sealed.Updated = notAhead(sealed.Updated, at)
		n.Credential, n.marks = &sealed, passwordAt(n.marks, sealed.Updated)
	}
	n.Identifiers = slices.Clone(n.Identifiers)
	for i := range n.Identifiers {
		if p := &n.Identifiers[i].Proof; p.At.After(at) {
			p.At = at
		}
	}
	n.links, n.factors, n.passkeys = slices.Clone(n.links), slices.Clone(n.factors), slices.Clone(n.passkeys)
	for i := range n.links {
		n.links[i].Created = notAhead(n.links[i].Created, at)
	}
	for i := range n.factors {
		f := &n.factors[i]
		f.Created = notAhead(f.Created, at)
		if f.Kind != store.FactorOwed { // which nobody has
			f.Confirmed = notAhead(f.Confirmed, at)
		}
	}
	for i := range n.passkeys {
		k := &n.passkeys[i]
		if k.Created = notAhead(k.Created, at); k.Used.After(at) {
			k.Used = at
		}
	}
	n.consents = slices.Clone(n.consents)
	for i := range n.consents {
		c := &n.consents[i]
		c.Given, c.Updated = notAhead(c.Given, at), notAhead(c.Updated, at)
	}
	n.said = n.said.dated(at)
	return n
}

func notAhead(then, at time.Time) time.Time {
	if then.IsZero() || then.After(at) {
		return at
	}
	return then
}

// passkeysOf leaves out what no engine would store, what nobody could verify with,
// and what the source says twice.
func passkeysOf(migration string, id customer.ID, from []legacy.Passkey) (all []store.Passkey) {
	said := map[store.PasskeyID]bool{}
	for i := range from {
		k := &from[i]
		p := store.Passkey{
			ID: store.PasskeyIDOf(k.CredentialID), Customer: id, RPID: k.RPID, UserHandle: k.UserHandle, PublicKey: k.PublicKey,
			SignCount: k.SignCount, AAGUID: k.AAGUID, Transports: k.Transports, BackupKnown: k.Flags,
			BackupEligible: k.BackupEligible, BackedUp: k.BackedUp, Discoverable: k.Discoverable,
			Label: label(k.Label), Source: origin(migration), Created: k.Created,
		}
		if k.Kept != nil {
			p.Label, p.Source, p.Used = k.Label, k.Kept.Source, k.Kept.Used
		}
		if said[p.ID] || len(all) == mostPasskeys || !storable(&p, k) {
			continue
		}
		said[p.ID] = true
		all = append(all, p)
	}
	return all
}

// mostPasskeys bounds what one record brings.
const mostPasskeys = 64

func storable(p *store.Passkey, k *legacy.Passkey) bool {
	transports := 0
	for _, t := range p.Transports {
		transports += len(t) + 3
	}
	return len(k.CredentialID) > 0 && len(k.CredentialID) <= store.MaxCredentialID && p.RPID != "" && len(p.RPID) <= store.MaxPasskeyText &&
		len(p.PublicKey) > 0 && len(p.PublicKey) <= store.MaxPublicKey && len(p.UserHandle) <= store.MaxUserHandle && transports <= store.MaxPasskeyText/2 &&
		passkey.CheckKey(p.PublicKey) == nil
}

// label shortens what people call something.
func label(text string) string {
	const most = 120
	runes := []rune(text)
	if len(runes) > most/4 {
		runes = runes[:most/4]
	}
	return string(runes)
}

// factorsOf seals second factors, each kind into slots from the first. What nobody
// could use is left out: a key that no code may be checked with would lock out.
func (s *Service) factorsOf(ctx context.Context, env store.EnvironmentID, migration string, id customer.ID, from []legacy.Factor) ([]store.Factor, error) {
	var all []store.Factor
	slots := map[store.FactorKind]int{}
	for i := range from {
		kind, secret, usable := s.factorSecret(&from[i])
		if !usable || slots[kind] == store.MaxFactorSlots {
			continue
		}
		f := store.Factor{
			Customer: id, Kind: kind, Slot: slots[kind], Label: label(from[i].Label), Source: origin(migration), Created: from[i].Created,
		}
		if kept := from[i].Kept; kept != nil {
			f.Slot, f.Label, f.Source, f.Used, f.Confirmed = kept.Slot, from[i].Label, kept.Source, kept.Used, kept.Confirmed
		}
		slots[kind]++
		if _, err := io.ReadFull(s.cfg.Rand, f.ID[:]); err != nil {
			return nil, fmt.Errorf("no randomness: %w", err)
		}
		sealed, err := s.cfg.Sealer.Seal(ctx, env, factorRow(f.ID), secret)
		if err != nil {
			return nil, fmt.Errorf("sealing a factor: %w", err)
		}
		f.Sealed = sealed
		all = append(all, f)
	}
	return all, nil
}

// factorRow is the name under which a factor is sealed, the same as sign-in's.
func factorRow(id store.FactorID) string { return fmt.Sprintf("factor/%x", id[:]) }

// factorSecret is what is sealed of a factor.
func (s *Service) factorSecret(f *legacy.Factor) (kind store.FactorKind, secret []byte, usable bool) {
	switch f.Kind {
	case legacy.TOTP:
		key, err := otp.KeyOf(f.Secret, f.Algorithm, f.Digits, f.Period)
		if err != nil {
			return "", nil, false
		}
		return store.FactorTOTP, key.Encode(), true
	case legacy.HOTP:
		key, err := otp.CountedOf(f.Secret, f.Algorithm, f.Digits, f.Counter)
		if err != nil {
			return "", nil, false
		}
		return store.FactorHOTP, key.Encode(), true
	case legacy.Recovery:
		if f.Kept != nil {
			set, err := otp.DecodeRecovery(f.Kept.Set)
			return store.FactorRecovery, set.Encode(), err == nil
		}
		codes := make([]otp.ForeignCode, len(f.Codes))
		for i, c := range f.Codes {
			codes[i] = otp.ForeignCode(c)
		}
		set, _, err := otp.ForeignRecovery(s.cfg.Rand, codes)
		if err != nil {
			return "", nil, false
		}
		return store.FactorRecovery, set.Encode(), true
	}
	kind = map[legacy.FactorKind]store.FactorKind{legacy.Phone: store.FactorPhone, legacy.Email: store.FactorEmail}[f.Kind]
	a := otp.Address{Address: f.Address, Verified: f.Verified}
	return kind, a.Encode(), kind != "" && a.Check() == nil
}

// storePeople writes people. Of passkeys, those that somebody else has stay theirs if
// careful; else one that is taken is store.ErrExists, as a taken identifier is.
func storePeople(ctx context.Context, tx store.Tx, people []newcomer, careful bool) error {
	if len(people) == 0 {
		return nil
	}
	customers := make([]store.NewCustomer, len(people))
	var links []store.CustomerLink
	var passkeys []store.Passkey
	for i := range people {
		customers[i] = people[i].NewCustomer
		links, passkeys = append(links, people[i].links...), append(passkeys, people[i].passkeys...)
	}
	if err := tx.CreateCustomers(ctx, customers); err != nil {
		return err
	}
	for i := range people {
		for _, f := range people[i].factors {
			if err := tx.PutFactor(ctx, f); err != nil {
				return err
			}
		}
		for _, c := range people[i].consents {
			if err := tx.PutConsent(ctx, c); err != nil {
				return err
			}
		}
	}
	if err := storeSaid(ctx, tx, people); err != nil {
		return err
	}
	if len(links) > 0 {
		if err := tx.PutLinks(ctx, links); err != nil {
			return err
		}
	}
	return putPasskeys(ctx, tx, passkeys, careful)
}

func putPasskeys(ctx context.Context, tx store.Tx, all []store.Passkey, careful bool) (err error) {
	if careful {
		if all, err = freePasskeys(ctx, tx, all); err != nil {
			return err
		}
	}
	if len(all) == 0 {
		return nil
	}
	return tx.PutPasskeys(ctx, all)
}

// freePasskeys leaves out those that are somebody's.
func freePasskeys(ctx context.Context, tx store.Tx, all []store.Passkey) ([]store.Passkey, error) {
	if len(all) == 0 {
		return nil, nil
	}
	ids := make([]store.PasskeyID, len(all))
	for i := range all {
		ids[i] = all[i].ID
	}
	taken, err := tx.TakenPasskeys(ctx, ids)
	if err != nil {
		return nil, err
	}
	free := make([]store.Passkey, 0, len(all))
	seen := map[store.PasskeyID]bool{}
	for _, k := range all {
		if _, is := taken[k.ID]; !is && !seen[k.ID] {
			free, seen[k.ID] = append(free, k), true
		}
	}
	return free, nil
}
