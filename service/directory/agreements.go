package directory

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"sallyport/pure/config"
	"sallyport/pure/customer"
	"sallyport/service/audit"
	"sallyport/service/environment"
	"sallyport/store"
)

// ErrNotAsked: there is no such document or purpose, or it has no such version now.
var ErrNotAsked = errors.New("not what customers are asked now")

// Answer is what a customer says to a document or a purpose.
type Answer struct {
	Kind     store.AgreementKind
	Document string // its name
	Version  string // that they were shown
	Refused  bool   // of purposes: no
	Evidence Evidence
}

// Evidence is how somebody said it, kept with what they said. It is theirs: an erasure
// removes it.
type Evidence struct {
	Language    string `json:"language,omitempty"`
	Application string `json:"application,omitempty"`
	Journey     string `json:"journey,omitempty"` // name of the journey that asked; empty: their own page
	Address     string `json:"address,omitempty"` // of the browser
	Text        string `json:"text,omitempty"`    // digest of what was shown
	Revision    int64  `json:"revision,omitempty"`
	By          string `json:"by,omitempty"` // an operator who took it down for them
	// Nonce is random, so that nobody finds out by trying what was said by whom from the
	// digest that stays of it.
	Nonce string `json:"nonce,omitempty"`
}

// Due is something that a customer has not answered.
type Due struct {
	Kind     store.AgreementKind
	Name     string
	Version  string
	Wording  config.Wording
	Required bool // they cannot go on without
}

// Occasion is when somebody is asked.
type Occasion struct {
	Application string
	Languages   []string
	Registering bool
}

// Due lists what a customer is to be asked on an occasion: documents that hold and that
// they did not agree to, then purposes that they did not answer, by name. It is a fact
// about the customer, so that another device asks the same.
func (d *Directory) Due(ctx context.Context, live *environment.Live, id customer.ID, on Occasion) ([]Due, error) {
	s := live.Snapshot()
	if s == nil || len(s.Documents)+len(s.Purposes) == 0 {
		return nil, nil
	}
	said, err := d.cfg.Store.Answers(ctx, live.ID, id)
	if err != nil {
		return nil, fmt.Errorf("reading what %s agreed to: %w", id, err)
	}
	return due(s, said, on, d.cfg.Now()), nil
}

// due compares what is asked with what was said.
func due(s *config.Snapshot, said []store.Agreement, on Occasion, now time.Time) (all []Due) {
	answered := func(kind store.AgreementKind, name string) *store.Agreement {
		at := slices.IndexFunc(said, func(a store.Agreement) bool { return a.Kind == kind && a.Document == name })
		if at < 0 {
			return nil
		}
		return &said[at]
	}
	for _, name := range slices.Sorted(maps.Keys(s.Documents)) {
		doc := s.Documents[name]
		version := doc.At(now)
		if version == nil || !asks(doc.Asked, on) || !doc.Asks(on.Application) {
			continue
		}
		if a := answered(store.AgreedDocument, name); a == nil || a.Refused || !doc.Suffices(a.Version, now) {
			all = append(all, Due{store.AgreedDocument, name, version.Version, config.In(version.Texts, on.Languages...), true})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(s.Purposes)) {
		p := s.Purposes[name]
		if a := answered(store.AgreedPurpose, name); asks(p.Asked, on) && (a == nil || a.Version != p.Version) {
			all = append(all, Due{store.AgreedPurpose, name, p.Version, config.In(p.Texts, on.Languages...), false})
		}
	}
	return all
}

func asks(when string, on Occasion) bool {
	return when == config.AskedAlways || when == config.AskedRegistration && on.Registering
}

// agreementDetail tells what was said; how lies beside the chain.
type agreementDetail struct {
	Kind     store.AgreementKind `json:"kind"`
	Document string              `json:"document"`
	Version  string              `json:"version,omitempty"`
	Refused  bool                `json:"refused,omitempty"`
	Reason   string              `json:"reason,omitempty"`
}

// Agree keeps what a customer says, in a transaction of its own.
func (d *Directory) Agree(ctx context.Context, live *environment.Live, id customer.ID, said []Answer, by audit.Actor) error {
	rows, err := d.answers(live, id, said)
	if err != nil {
		return err
	}
	err = d.write(ctx, live.ID, func(tx store.Tx) error { return d.agreed(ctx, tx, live, rows, by) })
	if err != nil {
		return fmt.Errorf("keeping what %s agreed to: %w", id, err)
	}
	return nil
}

// AgreeIn does the same in a transaction of the caller's. [ErrNotAsked] for what is not
// asked now: nobody agrees to what they cannot have been shown.
func (d *Directory) AgreeIn(ctx context.Context, tx store.Tx, live *environment.Live, id customer.ID, said []Answer, by audit.Actor) error {
	rows, err := d.answers(live, id, said)
	if err != nil {
		return err
	}
	return d.agreed(ctx, tx, live, rows, by)
}

func (d *Directory) answers(live *environment.Live, id customer.ID, said []Answer) ([]store.Agreement, error) {
	s := live.Snapshot()
	if s == nil {
		return nil, ErrNoConfiguration
	}
	now := d.cfg.Now()
	var rows []store.Agreement
	for _, a := range said {
		text, current := current(s, a, now)
		if !current || a.Kind == store.AgreedDocument && a.Refused {
			return nil, ErrNotAsked
		}
		var nonce [16]byte
		if _, err := io.ReadFull(d.random(), nonce[:]); err != nil {
			return nil, fmt.Errorf("evidence: %w", err)
		}
		a.Evidence.Revision, a.Evidence.Text, a.Evidence.Nonce = s.Revision, text, base64.RawURLEncoding.EncodeToString(nonce[:])
		evidence, err := json.Marshal(a.Evidence)
		if err != nil {
			return nil, fmt.Errorf("evidence: %w", err)
		}
		rows = append(rows, store.Agreement{
			Customer: id, Kind: a.Kind, Document: a.Document, Version: a.Version, Refused: a.Refused, Given: now, Evidence: evidence,
		})
	}
	return rows, nil
}

// current tells whether a version is asked now, and the digest of what it says.
func current(s *config.Snapshot, a Answer, now time.Time) (text string, is bool) {
	var texts []config.Wording
	switch a.Kind {
	case store.AgreedDocument:
		doc := s.Documents[a.Document]
		if doc == nil {
			return "", false
		}
		if v := doc.At(now); v == nil || v.Version != a.Version {
			return "", false
		}
		texts = doc.At(now).Texts
	case store.AgreedPurpose:
		p := s.Purposes[a.Document]
		if p == nil || p.Version != a.Version {
			return "", false
		}
		texts = p.Texts
	default:
		return "", false
	}
	w := config.In(texts, a.Evidence.Language)
	return digest(w.Title + "\x00" + w.Text + "\x00" + w.URL), true
}

func (d *Directory) agreed(ctx context.Context, tx store.Tx, live *environment.Live, rows []store.Agreement, by audit.Actor) error {
	var points []config.Point
	for _, a := range rows {
		what, told, err := said(ctx, tx, a)
		if err != nil {
			return err
		}
		if err := tx.PutAgreement(ctx, a); err != nil {
			return err
		}
		points = append(points, told...)
		event := d.cfg.Audit.Event(audit.Entry{
			Type: what, Actor: by, Customer: a.Customer.String(), At: a.Given,
			Detail: agreementDetail{a.Kind, a.Document, a.Version, a.Refused, d.reason}, Personal: json.RawMessage(a.Evidence),
		})
		if err := tx.Audit(ctx, event); err != nil {
			return err
		}
	}
	if len(rows) == 0 {
		return nil
	}
	return d.tellHooks(ctx, tx, live, rows[0].Customer, points...)
}

// said tells what an answer is to the ledger, and to hooks. A no to what somebody had said
// yes to takes that back: the yes ends there and then. Hooks that keep a list of who said no
// hear of that as of every other no.
func said(ctx context.Context, tx store.Tx, a store.Agreement) (audit.Type, []config.Point, error) {
	if !a.Refused {
		return audit.AgreementGiven, []config.Point{config.AgreementGiven}, nil
	}
	err := tx.WithdrawAgreement(ctx, a.Customer, a.Kind, a.Document, a.Given)
	if errors.Is(err, store.ErrNotFound) {
		return audit.AgreementRefused, []config.Point{config.AgreementRefused}, nil
	}
	return audit.AgreementWithdrawn, []config.Point{config.AgreementWithdrawn, config.AgreementRefused}, err
}

// Agreements lists all that a customer ever said, by kind, document and time.
func (d *Directory) Agreements(ctx context.Context, env store.EnvironmentID, id customer.ID) ([]store.Agreement, error) {
	all, err := d.cfg.Store.Agreements(ctx, env, id)
	if err != nil {
		return nil, fmt.Errorf("reading what %s agreed to: %w", id, err)
	}
	return all, nil
}

// Permits tells whether a customer's data may be used for a purpose now.
func (d *Directory) Permits(ctx context.Context, live *environment.Live, id customer.ID, purpose string) (bool, error) {
	s := live.Snapshot()
	if s == nil || s.Purposes[purpose] == nil {
		return false, ErrNotAsked
	}
	said, err := d.cfg.Store.Answers(ctx, live.ID, id)
	if err != nil {
		return false, fmt.Errorf("reading what %s agreed to: %w", id, err)
	}
	p := s.Purposes[purpose]
	for _, a := range said {
		if a.Kind == store.AgreedPurpose && a.Document == purpose && (a.Refused || a.Version == p.Version) {
			return !a.Refused, nil
		}
	}
	return p.Basis == config.BasisInterest, nil
}
