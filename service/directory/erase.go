package directory

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"sallyport/pure/customer"
	"sallyport/pure/message"
	"sallyport/service/audit"
	"sallyport/service/environment"
	"sallyport/service/notify"
	"sallyport/store"
)

// eraseSome is how many events are forgotten at once of whoever has very many.
const eraseSome = 1000

// erasedDetail is what the ledger keeps of somebody who was erased: nothing that tells
// who they were to anybody who does not know it.
type erasedDetail struct {
	Events     int                  `json:"events"`
	Records    int                  `json:"records"`
	Accounts   []customer.AccountID `json:"accounts,omitempty"`  // that went with them
	Ownerless  []customer.AccountID `json:"ownerless,omitempty"` // that others are members of
	Names      []string             `json:"names,omitempty"`     // keyed digests of their identifiers
	Agreements []keptAgreement      `json:"agreements,omitempty"`
	Reason     string               `json:"reason,omitempty"`
}

// keptAgreement is what law wants kept of an agreement: which text, when, and a digest of
// everything that was kept with it, which whoever has a copy of that can prove.
type keptAgreement struct {
	Kind      store.AgreementKind `json:"kind"`
	Document  string              `json:"document"`
	Version   string              `json:"version"`
	Refused   bool                `json:"refused,omitempty"`
	Given     time.Time           `json:"given"`
	Withdrawn *time.Time          `json:"withdrawn,omitempty"`
	Digest    string              `json:"sha256"`
}

// maxKept bounds the event: an event's body has a limit.
const maxKept = 200

// Erase removes a customer with everything that is theirs, from every table, in one
// transaction; whoever has thousands of events is forgotten piece by piece before it. The
// ledger's chain stays, with nothing personal in it; of their records tombstones stay, so
// that no export brings them back; accounts that nobody else is a member of go with them.
// Within five seconds no node honours what was issued to them. They are told, at the
// addresses that they had. Call it again if it fails. store.ErrNotFound;
// store.ErrConflict if they changed at the same moment, or are at another version than
// expected.
func (d *Directory) Erase(ctx context.Context, live *environment.Live, id customer.ID, by audit.Actor) (store.Remains, error) {
	var left store.Remains
	c, err := d.read(ctx, live.ID, id)
	if err != nil {
		return left, err
	}
	if err := d.write(ctx, live.ID, func(store.Tx) error { return nil }); err != nil { // before tombstones are left
		return left, fmt.Errorf("erasing customer %s: %w", id, err)
	}
	detail, addresses, err := d.beforeErasing(ctx, live.ID, id)
	if err != nil {
		return left, err
	}
	now := d.cfg.Now()
	_, news := Cut(c, now)
	before, events := detail.Records, detail.Events
	err = d.write(ctx, live.ID, func(tx store.Tx) (err error) {
		if left, err = tx.EraseCustomer(ctx, id, c.Version, now); err != nil {
			return err
		}
		left.Records, left.Events = left.Records+before, left.Events+events
		detail.Records, detail.Events, detail.Accounts, detail.Ownerless = left.Records, left.Events, left.Accounts, left.Ownerless
		if err := tx.Publish(ctx, news); err != nil {
			return err
		}
		nobody := c // the message outlives them by days, and is nobody's that could be found
		nobody.ID = customer.ID{}
		if err := d.tell(ctx, tx, live, notify.Notice{Customer: nobody, Addresses: addresses, What: message.Erased}); err != nil {
			return err
		}
		return tx.Audit(ctx, d.cfg.Audit.Event(audit.Entry{Type: audit.CustomerErased, Actor: by, Customer: id.String(), At: now, Detail: detail}))
	})
	if err != nil {
		return left, fmt.Errorf("erasing customer %s: %w", id, err)
	}
	d.cfg.Feed.Wake()
	return left, nil
}

// beforeErasing reads what stays as digests, leaves tombstones, and forgets events until
// one transaction can do the rest.
func (d *Directory) beforeErasing(ctx context.Context, env store.EnvironmentID, id customer.ID) (detail erasedDetail, held []customer.Identifier, err error) {
	detail.Reason = d.reason
	if held, err = d.cfg.Store.Identifiers(ctx, env, id); err != nil {
		return detail, nil, fmt.Errorf("reading the identifiers of %s: %w", id, err)
	}
	if detail.Names, err = d.names(ctx, env, held); err != nil {
		return detail, nil, err
	}
	said, err := d.Agreements(ctx, env, id)
	if err != nil {
		return detail, nil, err
	}
	for _, a := range said[max(0, len(said)-maxKept):] {
		detail.Agreements = append(detail.Agreements, kept(a))
	}
	if d.cfg.Records != nil {
		if detail.Records, err = d.cfg.Records.Erase(ctx, env, id); err != nil {
			return detail, nil, err
		}
	}
	detail.Events, err = d.forgetEvents(ctx, env, id.String())
	return detail, held, err
}

// forgetEvents leaves no more than an erasure takes at once.
func (d *Directory) forgetEvents(ctx context.Context, env store.EnvironmentID, name string) (total int, err error) {
	for {
		n, err := d.cfg.Store.ErasableEvents(ctx, env, name, store.EraseLimit+1)
		if err != nil || n <= store.EraseLimit {
			return total, err
		}
		var some int
		err = d.write(ctx, env, func(tx store.Tx) (err error) {
			some, err = tx.ErasePersonalSome(ctx, name, eraseSome)
			return err
		})
		if total += some; err != nil {
			return total, fmt.Errorf("forgetting events: %w", err)
		}
	}
}

// names are keyed digests of identifiers.
func (d *Directory) names(ctx context.Context, env store.EnvironmentID, held []customer.Identifier) (all []string, err error) {
	if d.cfg.Digest == nil {
		return nil, nil
	}
	for _, i := range held[:min(len(held), maxKept)] {
		sum, err := d.cfg.Digest(ctx, env, NameOfErased(i.Kind, i.Value))
		if err != nil {
			return nil, fmt.Errorf("digest of an identifier: %w", err)
		}
		all = append(all, hex.EncodeToString(sum))
	}
	return all, nil
}

// NameOfErased is the text whose digest the ledger keeps of an identifier.
func NameOfErased(kind customer.IdentifierKind, value string) string {
	return string(kind) + "\x00" + value
}

func kept(a store.Agreement) keptAgreement {
	k := keptAgreement{Kind: a.Kind, Document: a.Document, Version: a.Version, Refused: a.Refused, Given: a.Given.UTC(), Digest: AgreementDigest(a)}
	if !a.Withdrawn.IsZero() {
		at := a.Withdrawn.UTC()
		k.Withdrawn = &at
	}
	return k
}

// AgreementDigest is the SHA-256, in hexadecimal, of an agreement as a dossier has it.
// What is random in its evidence keeps anybody from guessing who it was.
func AgreementDigest(a store.Agreement) string {
	text, _ := json.Marshal(agreementOf(a)) // texts and times only
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}
