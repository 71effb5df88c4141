package directory

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"sallyport/pure/customer"
	"sallyport/service/audit"
	"sallyport/service/environment"
	"sallyport/store"
)

// DossierVersion is the version of the form of a dossier. Members are added, never
// renamed.
const DossierVersion = 1

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
			line, err := json.Marshal(happening(&page[i], id))
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
		d.gatherNames, d.gatherProofs, d.gatherElsewhere, d.gatherSaid, d.gatherAccounts, d.gatherClaims, d.gatherUse, d.gatherMessages, d.gatherMigrations,
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
		n := name{Kind: i.Kind, Value: i.Value, Written: i.Display, Verified: i.Verified, From: i.Source, By: i.Proof.By, First: i.First}
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
	for after := (store.GrantID{}); ; {
		page, err := d.cfg.Store.GrantsOf(ctx, env, store.GrantPage{Customer: id, At: d.cfg.Now(), After: after, Limit: dossierPage})
		for _, g := range page {
			doc.Grants = append(doc.Grants, grant{g.Application, listed(g.Scopes), g.Created.UTC()})
		}
		if err != nil || len(page) < dossierPage {
			return err
		}
		after = page[len(page)-1].ID
	}
}

func (d *Directory) gatherClaims(ctx context.Context, doc *dossier, env store.EnvironmentID, id customer.ID) error {
	doc.Claims = []claimed{}
	for after := (store.ClaimID{}); ; {
		page, err := d.cfg.Store.ClaimList(ctx, env, store.ClaimPage{Customer: id, After: after, Limit: dossierPage})
		for i := range page {
			doc.Claims = append(doc.Claims, claimedOf(&page[i]))
		}
		if err != nil || len(page) < dossierPage {
			return err
		}
		after = page[len(page)-1].ID
	}
}

func (d *Directory) gatherMessages(ctx context.Context, doc *dossier, env store.EnvironmentID, id customer.ID) error {
	doc.Messages = []sent{}
	for before := ""; ; {
		page, err := d.cfg.Store.Messages(ctx, env, store.MessagePage{Customer: id, Before: before, Limit: dossierPage})
		for _, m := range page {
			doc.Messages = append(doc.Messages, sent{m.Channel, m.Template, string(m.State), m.Created.UTC()})
		}
		if err != nil || len(page) < dossierPage {
			return err
		}
		before = page[len(page)-1].ID
	}
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
