package leave

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"sallyport/protocol/otp"
	"sallyport/pure/legacy/sallyport"
	"sallyport/store"
)

// line is a person as the format has them, opened.
func (s *Service) line(ctx context.Context, env store.EnvironmentID, w *store.Whole) (l sallyport.Line, err error) {
	c := &w.Customer
	l = sallyport.Line{ID: c.ID, State: c.State, Name: c.Name, Groups: c.Groups, Attributes: c.Attributes, Created: c.Created}
	for _, i := range w.Identifiers {
		l.Identifiers = append(l.Identifiers, sallyport.IdentifierOf(i))
	}
	if w.Credential != nil {
		hash, err := s.cfg.Sealer.Open(ctx, env, "credential/"+c.ID.String(), w.Credential.Sealed)
		if err != nil {
			return l, fmt.Errorf("the password of %s: %w", c.ID, err)
		}
		l.Password = &sallyport.Password{Hash: string(hash), Set: w.Credential.Updated}
	}
	for i := range w.Factors {
		switch one := &w.Factors[i]; {
		case one.Kind == store.FactorOwed: // it is what they do not have
			l.Owes = &sallyport.Owed{Source: one.Source, Created: one.Created}
			continue
		case one.Kind == store.FactorAnswers: // a hurdle of this installation's own, which nobody needs elsewhere
			continue
		case one.Confirmed.IsZero():
			continue // nobody has proved to have it
		case one.Kind == store.FactorCard: // a card is of one installation; nobody shall get in without what took its place
			if l.Owes == nil {
				l.Owes = &sallyport.Owed{Source: one.Source, Created: one.Created}
			}
			continue
		}
		f, err := s.factor(ctx, env, &w.Factors[i])
		if err != nil {
			return l, fmt.Errorf("a second factor of %s: %w", c.ID, err)
		}
		l.Factors = append(l.Factors, f)
	}
	for i := range w.Passkeys {
		l.Passkeys = append(l.Passkeys, passkeyOf(&w.Passkeys[i]))
	}
	for _, g := range w.Consents {
		l.Consents = append(l.Consents, sallyport.Consent{Application: g.Application, Server: g.Server, Scopes: g.Scopes, Given: g.Given, Updated: g.Updated})
	}
	l.Tags, l.Agreements = w.Tags, said(w.Agreements)
	l.Links, l.Provenance = elsewhere(w)
	return l, nil
}

// factor opens a second factor.
func (s *Service) factor(ctx context.Context, env store.EnvironmentID, f *store.Factor) (to sallyport.Factor, err error) {
	secret, err := s.cfg.Sealer.Open(ctx, env, fmt.Sprintf("factor/%x", f.ID[:]), f.Sealed)
	if err != nil {
		return to, err
	}
	to = sallyport.Factor{
		Kind: string(f.Kind), Slot: f.Slot, Label: f.Label, Source: f.Source, Created: f.Created, Confirmed: f.Confirmed, Used: f.Used,
	}
	switch f.Kind {
	case store.FactorTOTP:
		key, err := otp.DecodeKey(secret)
		if err != nil {
			return to, err
		}
		share(&to, key)
		to.Period = int(key.Period / time.Second)
	case store.FactorHOTP:
		key, err := otp.DecodeCounted(secret)
		if err != nil {
			return to, err
		}
		share(&to, key.Key)
		to.Counter = key.Counter
	case store.FactorRecovery:
		to.Set = secret
	case store.FactorPhone, store.FactorEmail:
		address, err := otp.DecodeAddress(secret)
		if err != nil {
			return to, err
		}
		to.Address, to.Verified = address.Address, address.Verified
	default:
		return to, fmt.Errorf("kind %q: %w", f.Kind, store.ErrSchema)
	}
	return to, nil
}

func share(to *sallyport.Factor, key otp.Key) {
	to.Secret = strings.ReplaceAll(otp.FormatSecret(key.Secret), " ", "")
	to.Algorithm, to.Digits = string(key.Algorithm), key.Digits
}

func passkeyOf(k *store.Passkey) sallyport.Passkey {
	text := base64.RawURLEncoding.EncodeToString
	to := sallyport.Passkey{
		ID: string(k.ID), RPID: k.RPID, UserHandle: text(k.UserHandle), PublicKey: text(k.PublicKey), SignCount: k.SignCount,
		Transports: k.Transports, Discoverable: k.Discoverable, Label: k.Label, Source: k.Source, Created: k.Created, Used: k.Used,
	}
	if k.AAGUID != [16]byte{} {
		to.AAGUID = hex.EncodeToString(k.AAGUID[:])
	}
	if k.BackupKnown {
		to.Backup = &sallyport.Backup{Eligible: k.BackupEligible, State: k.BackedUp}
	}
	return to
}

// elsewhere tells who somebody is at other providers, and which records brought them.
// The records of an installation that was left before are kept as links; one whose key
// is the customer's own id, as an import of this format has it, says nothing new.
func elsewhere(w *store.Whole) (links []sallyport.Link, records []sallyport.Record) {
	for _, l := range w.Links {
		if l.Provider == sallyport.RecordProvider {
			records = append(records, sallyport.Record{Migration: l.Connection, Key: l.Subject})
			continue
		}
		links = append(links, sallyport.Link{Provider: l.Provider, Connection: l.Connection, Subject: l.Subject, Source: l.Source, Created: l.Created})
	}
	for _, r := range w.Records {
		if r.Key != w.Customer.ID.String() {
			records = append(records, sallyport.Record(r))
		}
	}
	slices.SortFunc(records, func(a, b sallyport.Record) int {
		return cmp.Or(strings.Compare(a.Migration, b.Migration), strings.Compare(a.Key, b.Key))
	})
	return links, slices.Compact(records)
}
