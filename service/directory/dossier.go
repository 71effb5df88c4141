package directory

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"sallyport/pure/customer"
	"sallyport/service/audit"
	"sallyport/service/environment"
	"sallyport/store"
)

// DossierVersion is the version of the form of a dossier. Members are added, never
// renamed.
const DossierVersion = 1

// Dossier is everything that is kept about one person, to be read by them. What proves
// who they are is named and left out: hashes, keys and codes are of use to nobody who
// reads it. Of people who share an account with them it says nothing.
type dossier struct {
	Version     int          `json:"sallyport-dossier"`
	Created     time.Time    `json:"created"`
	Environment string       `json:"environment"`
	About       person       `json:"about"`
	Names       []name       `json:"names"`
	Password    *password    `json:"password,omitempty"`
	Proofs      []Proof      `json:"proofs"`
	Elsewhere   []elsewhere  `json:"elsewhere"`
	Agreements  []Agreement  `json:"agreements"`
	Consents    []consent    `json:"consents"`
	Tags        []string     `json:"tags"`
	Accounts    []membership `json:"accounts"`
	Sessions    []session    `json:"sessions"`
	Grants      []grant      `json:"grants"`
	Messages    []sent       `json:"messages"`
	Migrations  []arrival    `json:"migrations"`
}

type person struct {
	ID         customer.ID       `json:"id"`
	State      customer.State    `json:"state"`
	Name       string            `json:"name"`
	Groups     []string          `json:"groups"`
	Attributes map[string]string `json:"attributes"`
	Created    time.Time         `json:"created"`
	Updated    time.Time         `json:"updated"`
}

type name struct {
	Kind     customer.IdentifierKind `json:"kind"`
	Value    string                  `json:"value"`
	Written  string                  `json:"as_written"`
	Verified bool                    `json:"verified"`
	From     string                  `json:"from"`
	Proved   *time.Time              `json:"proved,omitempty"`
	By       string                  `json:"proved_by,omitempty"`
}

type password struct {
	Since  time.Time `json:"since"`
	Scheme string    `json:"kept_as"`
}

type elsewhere struct {
	Provider   string `json:"provider"`
	Connection string `json:"connection,omitempty"`
	Subject    string `json:"known_there_as"`
	From       string `json:"from"`
}

// Agreement is an agreement as people read it, and as its digest is made.
type Agreement struct {
	Kind      store.AgreementKind `json:"kind"`
	Document  string              `json:"document"`
	Version   string              `json:"version"`
	Refused   bool                `json:"refused"`
	Given     time.Time           `json:"given"`
	Evidence  json.RawMessage     `json:"evidence,omitempty"`
	Withdrawn *time.Time          `json:"-"` // ends later, and is no part of what was said
}

// agreementOf gives what somebody said, as they said it.
func agreementOf(a store.Agreement) Agreement {
	out := Agreement{Kind: a.Kind, Document: a.Document, Version: a.Version, Refused: a.Refused, Given: a.Given.UTC()}
	if json.Valid(a.Evidence) {
		out.Evidence = a.Evidence
	}
	return out
}

type consent struct {
	Application string    `json:"application"`
	Server      string    `json:"server"`
	Scopes      []string  `json:"scopes"`
	Given       time.Time `json:"given"`
}

type membership struct {
	Account    string             `json:"account"`
	Number     string             `json:"number"`
	Name       string             `json:"name,omitempty"`
	Attributes map[string]string  `json:"attributes,omitempty"`
	Premises   []customer.Address `json:"premises"`
	Role       customer.Role      `json:"role"`
	Since      time.Time          `json:"since"`
	How        json.RawMessage    `json:"how,omitempty"`
}

type session struct {
	SignedIn time.Time `json:"signed_in"`
	Methods  []string  `json:"methods"`
	Browser  string    `json:"browser"`
	Address  string    `json:"address"`
}

type grant struct {
	Application string    `json:"application"`
	Scopes      []string  `json:"scopes"`
	Created     time.Time `json:"created"`
}

type sent struct {
	Channel string    `json:"channel"`
	What    string    `json:"what"`
	State   string    `json:"state"`
	At      time.Time `json:"at"`
}

type arrival struct {
	Migration string    `json:"migration"`
	Key       string    `json:"key"`
	State     string    `json:"state"`
	Reason    string    `json:"reason,omitempty"`
	Detail    string    `json:"detail,omitempty"`
	At        time.Time `json:"at"`
}

// happened is an event of the ledger as the person it is about reads it. Which operator
// did something is not theirs to know by name.
type happened struct {
	At          time.Time       `json:"at"`
	What        string          `json:"what"`
	By          string          `json:"by"`
	Application string          `json:"application,omitempty"`
	Result      string          `json:"result"`
	Detail      json.RawMessage `json:"detail,omitempty"`
	Personal    json.RawMessage `json:"personal,omitempty"`
}

// dossierPage is how many rows are read at once.
const dossierPage = 200

// Dossier writes everything that is kept about a customer as one JSON document, events
// last, newest first. That it was made, and for whom, is in the ledger before the first
// byte. Errors of to are given as they are; a document that was cut off is not JSON.
// store.ErrNotFound.
func (d *Directory) Dossier(ctx context.Context, live *environment.Live, id customer.ID, by audit.Actor, to io.Writer) error {
	doc, err := d.gather(ctx, live, id)
	if err != nil {
		return err
	}
	err = d.cfg.Audit.Record(ctx, live.ID, audit.Entry{Type: audit.CustomerDisclosed, Actor: by, Customer: id.String(), Detail: tagDetail{Reason: d.reason}})
	if err != nil {
		return fmt.Errorf("recording a dossier: %w", err)
	}
	head, err := json.MarshalIndent(doc, "", "  ")
	if err != nil {
		return fmt.Errorf("writing a dossier: %w", err)
	}
	if _, err := to.Write(append([]byte(strings.TrimSuffix(string(head), "\n}")), ",\n  \"events\": ["...)); err != nil {
		return err
	}
	if err := d.events(ctx, live.ID, id, to); err != nil {
		return err
	}
	_, err = io.WriteString(to, "\n  ]\n}\n")
	return err
}

// events writes the ledger's part.
func (d *Directory) events(ctx context.Context, env store.EnvironmentID, id customer.ID, to io.Writer) error {
	separator := "\n    "
	for before := ""; ; {
		page, next, err := d.cfg.Store.AuditEvents(ctx, env, store.AuditQuery{Customer: id.String(), Before: before, Limit: dossierPage})
		if err != nil {
			return fmt.Errorf("reading the events about %s: %w", id, err)
		}
		for i := range page {
			line, err := json.Marshal(happening(&page[i]))
			if err != nil {
				return fmt.Errorf("writing a dossier: %w", err)
			}
			if _, err := to.Write(append([]byte(separator), line...)); err != nil {
				return err
			}
			separator = ",\n    "
		}
		if before = next; before == "" {
			return nil
		}
	}
}

func happening(e *store.ChainedEvent) happened {
	h := happened{At: e.At.UTC(), What: e.Type, By: e.Actor, Application: e.Application, Result: e.Result}
	if strings.HasPrefix(h.By, "operator/") {
		h.By = "operator"
	}
	var body struct {
		Detail json.RawMessage `json:"detail"`
	}
	if json.Unmarshal(e.Body, &body) == nil {
		h.Detail = body.Detail
	}
	if json.Valid(e.Personal) {
		h.Personal = e.Personal
	}
	return h
}

// gather reads all but the events.
func (d *Directory) gather(ctx context.Context, live *environment.Live, id customer.ID) (*dossier, error) {
	c, err := d.read(ctx, live.ID, id)
	if err != nil {
		return nil, err
	}
	doc := &dossier{
		Version: DossierVersion, Created: d.cfg.Now().UTC(), Environment: live.Tenant + "/" + live.Name,
		About: person{c.ID, c.State, c.Name, listed(c.Groups), c.Attributes, c.Created.UTC(), c.Updated.UTC()},
	}
	for _, part := range []func(context.Context, *dossier, store.EnvironmentID, customer.ID) error{
		d.gatherNames, d.gatherProofs, d.gatherElsewhere, d.gatherSaid, d.gatherAccounts, d.gatherUse, d.gatherMessages, d.gatherMigrations,
	} {
		if err := part(ctx, doc, live.ID, id); err != nil {
			return nil, fmt.Errorf("gathering what is kept about %s: %w", id, err)
		}
	}
	return doc, nil
}

func (d *Directory) gatherNames(ctx context.Context, doc *dossier, env store.EnvironmentID, id customer.ID) error {
	held, err := d.cfg.Store.Identifiers(ctx, env, id)
	if err != nil {
		return err
	}
	doc.Names = []name{}
	for _, i := range held {
		n := name{Kind: i.Kind, Value: i.Value, Written: i.Display, Verified: i.Verified, From: i.Source, By: i.Proof.By}
		if !i.Proof.At.IsZero() {
			at := i.Proof.At.UTC()
			n.Proved = &at
		}
		doc.Names = append(doc.Names, n)
	}
	credential, err := d.cfg.Store.Credential(ctx, env, id)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	doc.Password = &password{credential.Updated.UTC(), credential.Scheme}
	return err
}

func (d *Directory) gatherProofs(ctx context.Context, doc *dossier, env store.EnvironmentID, id customer.ID) (err error) {
	doc.Proofs, err = d.Proofs(ctx, env, id)
	if doc.Proofs == nil {
		doc.Proofs = []Proof{}
	}
	return err
}

func (d *Directory) gatherElsewhere(ctx context.Context, doc *dossier, env store.EnvironmentID, id customer.ID) error {
	doc.Elsewhere = []elsewhere{}
	all, err := d.cfg.Store.Links(ctx, env, id)
	for _, l := range all {
		doc.Elsewhere = append(doc.Elsewhere, elsewhere{l.Provider, l.Connection, l.Subject, l.Source})
	}
	return err
}

func (d *Directory) gatherSaid(ctx context.Context, doc *dossier, env store.EnvironmentID, id customer.ID) error {
	doc.Agreements, doc.Consents = []Agreement{}, []consent{}
	said, err := d.cfg.Store.Agreements(ctx, env, id)
	if err != nil {
		return err
	}
	for _, a := range said {
		doc.Agreements = append(doc.Agreements, agreementOf(a))
	}
	allowed, err := d.cfg.Store.Consents(ctx, env, id)
	if err != nil {
		return err
	}
	for _, c := range allowed {
		doc.Consents = append(doc.Consents, consent{c.Application, c.Server, listed(c.Scopes), c.Given.UTC()})
	}
	tags, err := d.cfg.Store.TagsOf(ctx, env, id)
	doc.Tags = listed(tags)
	return err
}

func (d *Directory) gatherAccounts(ctx context.Context, doc *dossier, env store.EnvironmentID, id customer.ID) error {
	doc.Accounts = []membership{}
	for after := (customer.AccountID{}); ; {
		page, next, err := d.Memberships(ctx, env, id, after, dossierPage)
		if err != nil {
			return err
		}
		for _, m := range page {
			places, err := d.cfg.Store.PremisesOf(ctx, env, m.Account.ID, customer.PremisesID{}, dossierPage)
			if err != nil {
				return err
			}
			doc.Accounts = append(doc.Accounts, membershipOf(m, places))
		}
		if after = next; after.IsZero() {
			return nil
		}
	}
}

// membershipOf tells an account as its member is shown it.
func membershipOf(m store.Membership, places []customer.Premises) membership {
	out := membership{
		Account: m.Account.ID.String(), Number: m.Account.Number, Name: m.Account.Name, Attributes: m.Account.Attributes,
		Premises: []customer.Address{}, Role: m.Member.Role, Since: m.Member.Since.UTC(),
	}
	if json.Valid([]byte(m.Member.Evidence)) {
		out.How = json.RawMessage(m.Member.Evidence)
	}
	for _, p := range places {
		if m.Member.Sees(p.ID) {
			out.Premises = append(out.Premises, p.Address)
		}
	}
	return out
}

func (d *Directory) gatherUse(ctx context.Context, doc *dossier, env store.EnvironmentID, id customer.ID) error {
	doc.Sessions, doc.Grants = []session{}, []grant{}
	for after := ""; ; {
		page, next, err := d.cfg.Store.SessionsOf(ctx, env, store.SessionPage{Customer: id, At: d.cfg.Now(), After: after, Limit: dossierPage})
		if err != nil {
			return err
		}
		for _, s := range page {
			doc.Sessions = append(doc.Sessions, session{s.SignedIn.UTC(), s.Methods, s.Agent, s.Address})
		}
		if after = next; after == "" {
			break
		}
	}
	grants, err := d.cfg.Store.GrantsOf(ctx, env, store.GrantPage{Customer: id, At: d.cfg.Now(), Limit: dossierPage})
	for _, g := range grants {
		doc.Grants = append(doc.Grants, grant{g.Application, listed(g.Scopes), g.Created.UTC()})
	}
	return err
}

func (d *Directory) gatherMessages(ctx context.Context, doc *dossier, env store.EnvironmentID, id customer.ID) error {
	doc.Messages = []sent{}
	page, err := d.cfg.Store.Messages(ctx, env, store.MessagePage{Customer: id, Limit: 1000})
	for _, m := range page {
		doc.Messages = append(doc.Messages, sent{m.Channel, m.Template, string(m.State), m.Created.UTC()})
	}
	return err
}

func (d *Directory) gatherMigrations(ctx context.Context, doc *dossier, env store.EnvironmentID, id customer.ID) error {
	doc.Migrations = []arrival{}
	records, err := d.cfg.Store.RecordsOf(ctx, env, id.String())
	if err != nil {
		return err
	}
	for _, r := range records {
		lines, err := d.cfg.Store.LedgerLines(ctx, env, r.Migration, r.Key)
		if err != nil {
			return err
		}
		for _, l := range lines {
			doc.Migrations = append(doc.Migrations, arrival{l.Migration, l.Key, string(l.State), l.Reason, l.Detail, l.At.UTC()})
		}
	}
	return nil
}
