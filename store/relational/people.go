package relational

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"sallyport/pure/customer"
	"sallyport/store"
)

// peopleAtOnce is how many people a page holds, so that their rows are read by few
// queries and fit into memory whoever they are.
const peopleAtOnce = 256

// realCustomers leaves out the customers that walks made.
const realCustomers = " FROM customers c WHERE c.env = ? AND NOT EXISTS (SELECT 1 FROM synthetics s WHERE s.env = c.env AND s.customer = c.id)"

// EachPerson reads for [store.People] within one transaction, whose conn sees
// everything as of one instant.
func EachPerson(ctx context.Context, conn Conn, env store.EnvironmentID, to store.Takers) error {
	known, err := exists(ctx, conn, "SELECT 1 FROM environments WHERE id = ?", int64(env))
	if err := one(flag(known), err, store.ErrNotFound); err != nil {
		return err
	}
	people, err := queryOne(ctx, conn, scanInt, "SELECT COUNT(*)"+realCustomers, int64(env))
	if err != nil {
		return err
	}
	if err := to.Begin(people); err != nil {
		return err
	}
	for after := (customer.ID{}); ; {
		page, err := readPage(ctx, conn, env, after)
		if err != nil {
			return err
		}
		if len(page) == 0 {
			return eachHolding(ctx, conn, env, to)
		}
		for _, w := range page {
			if err := to.Person(w); err != nil {
				return err
			}
		}
		after = page[len(page)-1].Customer.ID
	}
}

// peoplePage is a page that is being filled.
type peoplePage struct {
	all []store.Whole
	at  map[customer.ID]int
}

// of gives the person with the id; nil if they are not among those of the page.
func (p *peoplePage) of(id customer.ID) *store.Whole {
	at, is := p.at[id]
	if !is {
		return nil
	}
	return &p.all[at]
}

// WholePerson reads for [store.People] within one transaction, as [EachPerson] does.
func WholePerson(ctx context.Context, conn Conn, env store.EnvironmentID, id customer.ID) (store.Whole, error) {
	found, err := queryAll(ctx, conn, scanCustomer, "SELECT "+customerColumns+realCustomers+" AND c.id = ?", int64(env), id[:])
	if err := one(int64(len(found)), err, store.ErrNotFound); err != nil {
		return store.Whole{}, err
	}
	whole, err := wholes(ctx, conn, env, found)
	if err != nil {
		return store.Whole{}, err
	}
	return whole[0], nil
}

func readPage(ctx context.Context, conn Conn, env store.EnvironmentID, after customer.ID) ([]store.Whole, error) {
	found, err := queryAll(ctx, conn, scanCustomer, "SELECT "+customerColumns+realCustomers+" AND c.id > ? ORDER BY c.id LIMIT ?",
		int64(env), after[:], int64(peopleAtOnce))
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return wholes(ctx, conn, env, found)
}

// wholes reads what is theirs of customers, who come by id.
func wholes(ctx context.Context, conn Conn, env store.EnvironmentID, found []customer.Customer) ([]store.Whole, error) {
	p := &peoplePage{at: make(map[customer.ID]int, len(found))}
	for i, c := range found {
		p.all, p.at[c.ID] = append(p.all, store.Whole{Customer: c}), i
	}
	first, last := found[0].ID, found[len(found)-1].ID
	within := []any{int64(env), first[:], last[:]}
	for _, read := range []func(context.Context, Conn, []any) error{p.identifiers, p.credentials, p.factors, p.passkeys, p.links, p.consents, p.tags, p.agreements} {
		if err := read(ctx, conn, within); err != nil {
			return nil, err
		}
	}
	if err := p.records(ctx, conn, env); err != nil {
		return nil, err
	}
	for i := range p.all {
		sortWhole(&p.all[i])
	}
	return p.all, nil
}

// rowsOf hands what scan makes of the rows of a query to put.
func rowsOf[T any](ctx context.Context, conn Conn, scan func(Rows) (T, error), put func(T), query string, within []any) error {
	all, err := queryAll(ctx, conn, scan, query+" AND customer BETWEEN ? AND ?", within...)
	for _, one := range all {
		put(one)
	}
	return err
}

func (p *peoplePage) identifiers(ctx context.Context, conn Conn, within []any) error {
	type owned struct {
		customer.Identifier
		of customer.ID
	}
	return rowsOf(ctx, conn, func(rows Rows) (o owned, err error) {
		return o, rows.Scan(append(identifierFields(&o.Identifier), asFixed(o.of[:]))...)
	}, func(o owned) {
		if w := p.of(o.of); w != nil {
			w.Identifiers = append(w.Identifiers, o.Identifier)
		}
	}, "SELECT "+identifierColumns+", i.customer FROM identifiers i WHERE env = ?", within)
}

func (p *peoplePage) credentials(ctx context.Context, conn Conn, within []any) error {
	return rowsOf(ctx, conn, scanCredential, func(c store.Credential) {
		if w := p.of(c.Customer); w != nil {
			w.Credential = &c
		}
	}, "SELECT "+credentialColumns+" FROM credentials WHERE env = ?", within)
}

func (p *peoplePage) factors(ctx context.Context, conn Conn, within []any) error {
	return rowsOf(ctx, conn, scanFactor, func(f store.Factor) {
		if w := p.of(f.Customer); w != nil {
			w.Factors = append(w.Factors, f)
		}
	}, "SELECT "+factorColumns+" FROM factors WHERE env = ?", within)
}

func (p *peoplePage) passkeys(ctx context.Context, conn Conn, within []any) error {
	return rowsOf(ctx, conn, scanPasskey, func(k store.Passkey) {
		if w := p.of(k.Customer); w != nil {
			w.Passkeys = append(w.Passkeys, k)
		}
	}, "SELECT "+passkeyColumns+" FROM passkeys WHERE env = ?", within)
}

func (p *peoplePage) links(ctx context.Context, conn Conn, within []any) error {
	return rowsOf(ctx, conn, scanLink, func(l store.CustomerLink) {
		if w := p.of(l.Customer); w != nil {
			w.Links = append(w.Links, l)
		}
	}, "SELECT "+linkColumns+" FROM links WHERE env = ?", within)
}

func (p *peoplePage) consents(ctx context.Context, conn Conn, within []any) error {
	return rowsOf(ctx, conn, scanConsent, func(c store.Consent) {
		if w := p.of(c.Customer); w != nil {
			w.Consents = append(w.Consents, c)
		}
	}, "SELECT "+consentColumns+" FROM consents WHERE env = ?", within)
}

func (p *peoplePage) tags(ctx context.Context, conn Conn, within []any) error {
	type worn struct {
		tag string
		of  customer.ID
	}
	return rowsOf(ctx, conn, func(rows Rows) (w worn, err error) {
		return w, rows.Scan(asFixed(w.of[:]), &w.tag)
	}, func(o worn) {
		if w := p.of(o.of); w != nil {
			w.Tags = append(w.Tags, o.tag)
		}
	}, "SELECT customer, tag FROM customer_tags WHERE env = ?", within)
}

// agreements reads some of everybody's, since people may change their mind for years.
func (p *peoplePage) agreements(ctx context.Context, conn Conn, within []any) error {
	all, err := queryAll(ctx, conn, scanAgreement, "SELECT "+agreementColumns+" FROM (SELECT "+agreementColumns+`,
		ROW_NUMBER() OVER (PARTITION BY customer ORDER BY CASE WHEN withdrawn = 0 THEN 0 ELSE 1 END, given DESC, kind, document) AS place
		FROM agreements WHERE env = ? AND customer BETWEEN ? AND ?) said WHERE place <= ?`, append(within[:len(within):len(within)], int64(store.MaxWholeAgreements))...)
	for _, a := range all {
		if w := p.of(a.Customer); w != nil {
			w.Agreements = append(w.Agreements, a)
		}
	}
	return err
}

// records reads the ledger's lines by the people they name, whom it knows by text.
func (p *peoplePage) records(ctx context.Context, conn Conn, env store.EnvironmentID) error {
	byText := make(map[string]*store.Whole, len(p.all))
	keys := make([]string, len(p.all))
	for i := range p.all {
		keys[i] = p.all[i].Customer.ID.String()
		byText[keys[i]] = &p.all[i]
	}
	return conn.EachIn(ctx, "SELECT customer, migration, key FROM migration_records WHERE env = ? AND customer <> '' AND customer", keys,
		func(rows Rows) error {
			var owner string
			var k store.RecordKey
			if err := rows.Scan(&owner, &k.Migration, &k.Key); err != nil {
				return err
			}
			byText[owner].Records = append(byText[owner].Records, k)
			return nil
		}, int64(env))
}

func sortWhole(w *store.Whole) {
	slices.SortFunc(w.Identifiers, func(a, b customer.Identifier) int {
		return cmp.Or(strings.Compare(string(a.Kind), string(b.Kind)), strings.Compare(a.Value, b.Value))
	})
	slices.SortFunc(w.Factors, func(a, b store.Factor) int {
		return cmp.Or(strings.Compare(string(a.Kind), string(b.Kind)), a.Slot-b.Slot)
	})
	slices.SortFunc(w.Passkeys, func(a, b store.Passkey) int {
		return cmp.Or(a.Created.Compare(b.Created), strings.Compare(string(a.ID), string(b.ID)))
	})
	slices.SortFunc(w.Links, func(a, b store.CustomerLink) int {
		return cmp.Or(strings.Compare(a.Provider, b.Provider), strings.Compare(a.Connection, b.Connection), strings.Compare(a.Subject, b.Subject))
	})
	slices.SortFunc(w.Consents, func(a, b store.Consent) int {
		return cmp.Or(strings.Compare(a.Application, b.Application), strings.Compare(a.Server, b.Server))
	})
	slices.Sort(w.Tags)
	slices.SortFunc(w.Agreements, func(a, b store.Agreement) int {
		return cmp.Or(strings.Compare(string(a.Kind), string(b.Kind)), strings.Compare(a.Document, b.Document), a.Given.Compare(b.Given))
	})
	slices.SortFunc(w.Records, func(a, b store.RecordKey) int {
		return cmp.Or(strings.Compare(a.Migration, b.Migration), strings.Compare(a.Key, b.Key))
	})
}
