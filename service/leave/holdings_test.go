package leave_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/google/go-cmp/cmp"

	"sallyport/protocol/otp"
	"sallyport/protocol/passkey/passkeytest"
	"sallyport/pure/customer"
	"sallyport/pure/legacy/sallyport"
	"sallyport/pure/migrate"
	"sallyport/service/intake"
	"sallyport/service/leave"
	"sallyport/store"
	"sallyport/store/storetest"
)

// travels are the tables that an export holds, with the columns that are another
// installation's own there.
var travels = map[string][]string{
	"account_claims":   nil,
	"account_members":  nil,
	"account_premises": nil,
	"accounts":         nil,
	"agreements":       nil,
	"consents":         {"revision"},
	"credentials":      {"sealed"},
	"customer_tags":    nil,
	"customers":        {"updated"},
	"factors":          {"id", "sealed"},
	"identifiers":      nil,
	"links":            nil,
	"passkeys":         nil,
}

// stays are the tables that hold something of customers and are in no export, and why.
var stays = map[string]string{
	"account_invitations": "links to hosts of the installation that is left, for seven days",
	"audit_events":        "the ledger of what happened there, under its keys",
	"grants":              "they end with the tokens",
	"hook_events":         "to be told there",
	"journeys":            "they are on their way there",
	"migration_history":   "its newest lines come as provenance",
	"migration_records":   "they come as provenance",
	"outbox":              "letters that are sent from there",
	"rival_claims":        "of an import that is not decided there",
	"sessions":            "they end with the installation",
	"synthetics":          "nobody",
}

// rows are the rows of a copy, as texts by table.
type rows struct {
	columns []string
	table   string
	all     map[string][]string
}

func (r *rows) Table(name string, columns []string) error {
	r.table, r.columns = name, slices.Clone(columns)
	return nil
}

func (r *rows) Row(values []any) error {
	var text []string
	for i, v := range values {
		name := r.columns[i]
		if name == "env" && v != int64(env) {
			return nil
		}
		if slices.Contains(travels[r.table], name) {
			if name != "sealed" {
				continue
			}
			_, plain, _ := bytes.Cut(v.([]byte), []byte("|")) // what is sealed is the same
			v = bytes.Clone(plain)
		}
		text = append(text, fmt.Sprintf("%s=%q", name, fmt.Sprint(v)))
	}
	slices.Sort(text) // the engines have orders of their own
	r.all[r.table] = append(r.all[r.table], strings.Join(text, " "))
	return nil
}

func (p *place) rows(t *testing.T) map[string][]string {
	t.Helper()
	r := &rows{all: map[string][]string{}}
	if _, err := p.Copy(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	for _, one := range r.all {
		slices.Sort(one)
	}
	return r.all
}

// long ago, in microseconds, as every engine keeps time.
func ago(n int64) time.Time { return time.UnixMicro(1_700_000_000_000_000 + n).UTC() }

func random() (id [16]byte) {
	_, _ = rand.Read(id[:]) // never fails
	return id
}

// village is somebody with something in each table, and a household of two.
type village struct {
	dana, rua resident
	account   customer.Account
	premises  customer.Premises
	members   []customer.Member
	claims    []store.Claim
}

func (p *place) village(t *testing.T) village {
	t.Helper()
	v := village{dana: called("dana"), rua: called("rua")}
	id := v.dana.Customer.ID
	hash, err := p.sealer.Seal(t.Context(), env, "credential/"+id.String(), []byte(hashesOf(t)[0]))
	if err != nil {
		t.Fatal(err)
	}
	v.dana.Credential = &store.Credential{Customer: id, Sealed: hash, Scheme: "argon2id", Weak: true, Updated: ago(1)}
	v.dana.Identifiers[0].Display, v.rua.Identifiers[0].Display = "Dana", "rua"
	v.dana.tags, v.dana.said = []string{"vip"}, []store.Agreement{{Customer: id, Kind: store.AgreedPurpose, Document: "tips", Version: "1", Given: ago(2)}}
	v.dana.consents = []store.Consent{{Customer: id, Application: "sunshare", Server: "customers", Scopes: []string{"openid"}, Given: ago(3), Updated: ago(4)}}
	v.dana.links = []store.CustomerLink{{Link: customer.Link{Provider: "google", Connection: "g", Subject: "1"}, Customer: id, Source: "customer", Created: ago(5)}}
	key := passkeytest.New(t, passkeytest.ES256, "a.example")
	v.dana.passkeys = []store.Passkey{{
		ID: store.PasskeyIDOf([]byte("a key")), Customer: id, RPID: "a.example", UserHandle: id[:], PublicKey: key.PublicKey(t), Transports: []string{"usb"}, Created: ago(6), Used: ago(7), Source: "customer",
	}}
	f := store.Factor{Customer: id, Kind: store.FactorPhone, Source: "customer", Created: ago(8), Confirmed: ago(9), ID: random()}
	if f.Sealed, err = p.sealer.Seal(t.Context(), env, fmt.Sprintf("factor/%x", f.ID[:]), otp.Address{Address: "+442079460000", Verified: true}.Encode()); err != nil {
		t.Fatal(err)
	}
	v.dana.factors = []store.Factor{f}

	v.account = customer.Account{
		ID: random(), Number: "HL-1", Name: "Wharf Lane", State: customer.AccountClosed, Attributes: map[string]string{"meter": "<7>"},
		Source: "connector/billing", Created: ago(10), Updated: ago(11),
	}
	v.premises = customer.Premises{
		ID: random(), Account: v.account.ID, Reference: "MP-7", Created: ago(12), Updated: ago(13),
		Address: customer.Address{Lines: []string{"12 Wharf Lane", "Flat ō"}, Town: "Harbour", Country: "NZ"},
	}
	v.members = []customer.Member{
		{Account: v.account.ID, Customer: id, Role: customer.Owner, Since: ago(14), By: "customer/" + id.String(), Evidence: `{"place":"billing"}`},
		{Account: v.account.ID, Customer: v.rua.Customer.ID, Role: customer.Agent, Premises: []customer.PremisesID{v.premises.ID}, Since: ago(15), By: "operator/rita"},
	}
	v.claims = []store.Claim{
		{ID: random(), Customer: v.rua.Customer.ID, Place: "billing", Number: "HL-2", State: store.ClaimWaits, Reason: "not-sure", Evidence: []byte(`{"asked":2}`), Created: ago(16), Updated: ago(17)},
		{ID: random(), Customer: id, Place: "billing", State: store.ClaimRefused, Created: ago(18), Updated: ago(19), By: "operator/rita", Note: "no"},
	}
	if err := p.take(t.Context(), []resident{v.dana, v.rua}); err != nil {
		t.Fatal(err)
	}
	p.settle(t, v)
	return v
}

func (p *place) settle(t *testing.T, v village) {
	t.Helper()
	ctx := t.Context()
	if err := p.Write(ctx, env, func(tx store.Tx) error {
		errs := []error{tx.PutAccount(ctx, v.account), tx.PutPremises(ctx, v.premises)}
		for _, m := range v.members {
			errs = append(errs, tx.PutMember(ctx, m))
		}
		for _, c := range v.claims {
			errs = append(errs, tx.PutClaim(ctx, c))
		}
		return errors.Join(errs...)
	}); err != nil {
		t.Fatal(err)
	}
}

// registering is a plan of a tree in which accounts have a meter.
func registering(t *testing.T, from *place, fields ...migrate.Field) *migrate.Plan {
	t.Helper()
	signer, err := from.leave.Signer(t.Context(), env)
	if err != nil {
		t.Fatal(err)
	}
	plan, problems := migrate.Compile(migrate.Spec{
		Name: "arrival", Source: migrate.Source{Format: "sallyport"}, Options: map[string]string{"signer": string(signer)},
		KnownAccountAttributes: []string{"meter"}, Fields: fields,
	})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return plan
}

func TestEveryTableOfCustomersIsTheSameAtTheNewPlaceOrIsSaidToStay(t *testing.T) {
	for _, name := range storetest.TablesOfPeople() {
		_, leaves := travels[name]
		if leaves == (stays[name] != "") {
			t.Errorf("table %s holds something of customers: let it travel in an export, or say why it stays", name)
		}
	}
	for engine, open := range map[string]func(testing.TB) store.Store{"SQLite": onSQLite, "PostgreSQL": onPostgres} {
		t.Run(engine, func(t *testing.T) {
			from, to := newPlace(t, "old", open(t)), newPlace(t, "new", open(t))
			from.village(t)
			_, lines := from.export(t, identity(t))
			report, err := to.arrive(registering(t, from), lines)
			if err != nil {
				t.Fatal(err)
			}
			if want := (intake.Holdings{Accounts: 1, Premises: 1, Members: 2, Claims: 2}); !cmp.Equal(report.Holdings, want) {
				t.Errorf("%+v came", report.Holdings)
			}
			before, after := from.rows(t), to.rows(t)
			for name := range travels {
				if len(before[name]) == 0 {
					t.Errorf("table %s: nobody at the old place has any", name)
				}
				if diff := cmp.Diff(before[name], after[name]); diff != "" {
					t.Errorf("table %s:\n%s", name, diff)
				}
			}
			_, again := to.export(t, identity(t))
			if diff := cmp.Diff(unsigned(lines), unsigned(again)); diff != "" {
				t.Error(diff)
			}
			if report, err = to.arrive(registering(t, from), lines); err != nil || report.Holdings.Accounts+report.Holdings.Members+report.Holdings.Claims > 0 || report.Holdings.Here != 3 {
				t.Errorf("a second import changes something: %+v, %v", report.Holdings, err)
			}
		})
	}
}

// members are those of an account, by what they are to it.
func (p *place) members(t *testing.T, id customer.AccountID) map[customer.ID]customer.Role {
	t.Helper()
	all, err := p.MembersOf(t.Context(), env, id, customer.ID{}, 100)
	if err != nil {
		t.Fatal(err)
	}
	in := map[customer.ID]customer.Role{}
	for _, m := range all {
		in[m.Member.Customer] = m.Member.Role
	}
	return in
}

func TestWhoeverIsHeldJoinsTheirAccountOnceTheyAreLetIn(t *testing.T) {
	from, to := newPlace(t, "old", onSQLite(t)), newPlace(t, "new", onSQLite(t))
	v := from.village(t)
	other := called("rua") // who is here already by that name
	if err := to.take(t.Context(), []resident{other}); err != nil {
		t.Fatal(err)
	}
	_, lines := from.export(t, identity(t))
	report, err := to.arrive(registering(t, from), lines)
	if err != nil || report.Holdings.Absent != 2 || report.Holdings.Members != 1 {
		t.Fatalf("%+v, %v", report.Holdings, err)
	}
	if in := to.members(t, v.account.ID); len(in) != 1 || in[v.dana.Customer.ID] != customer.Owner {
		t.Fatalf("%v are members", in)
	}
	// The name becomes free; and meanwhile somebody who came takes dana off the account.
	if err := to.Write(t.Context(), env, func(tx store.Tx) error {
		return errors.Join(tx.DeleteIdentifier(t.Context(), other.Customer.ID, store.IdentifierKey{Kind: customer.Username, Value: "rua"}),
			tx.PutMember(t.Context(), customer.Member{Account: v.account.ID, Customer: other.Customer.ID, Role: customer.Occupier, Since: time.Now()}),
			tx.DeleteMember(t.Context(), v.account.ID, v.dana.Customer.ID))
	}); err != nil {
		t.Fatal(err)
	}
	text := strings.Join(lines, "\n") + "\n"
	report, err = to.intake.Import(t.Context(), intake.Request{
		Env: env, Plan: registering(t, from), Retry: &intake.Retry{},
		Source: intake.Source{Name: "people.ndjson", Reader: strings.NewReader(text), Size: int64(len(text))},
	})
	if err != nil || report.Holdings.Members != 1 || report.Holdings.Claims != 1 {
		t.Fatalf("%+v, %v", report.Holdings, err)
	}
	want := map[customer.ID]customer.Role{other.Customer.ID: customer.Occupier, v.rua.Customer.ID: customer.Agent}
	if diff := cmp.Diff(want, to.members(t, v.account.ID)); diff != "" {
		t.Error("whoever was taken off the account stays off it, and whoever was held comes:", diff)
	}
}

// Somebody moved out while their record was held, and whoever lives there now owns the
// account: an old file makes nobody its owner beside them, nor lets anybody look in.
func TestNobodyOfBeforeJoinsAnAccountThatSomebodyElseOwnsByNow(t *testing.T) {
	from, to := newPlace(t, "old", onSQLite(t)), newPlace(t, "new", onSQLite(t))
	v := from.village(t)
	other, kim := called("rua"), called("kim")
	if err := to.take(t.Context(), []resident{other, kim}); err != nil {
		t.Fatal(err)
	}
	if err := from.Write(t.Context(), env, func(tx store.Tx) error {
		return tx.PutMember(t.Context(), customer.Member{Account: v.account.ID, Customer: v.rua.Customer.ID, Role: customer.Owner, Since: ago(15), By: "operator/rita"})
	}); err != nil {
		t.Fatal(err)
	}
	_, lines := from.export(t, identity(t))
	if _, err := to.arrive(registering(t, from), lines); err != nil {
		t.Fatal(err)
	}
	if err := to.Write(t.Context(), env, func(tx store.Tx) error {
		return errors.Join(tx.DeleteIdentifier(t.Context(), other.Customer.ID, store.IdentifierKey{Kind: customer.Username, Value: "rua"}),
			tx.DeleteMember(t.Context(), v.account.ID, v.dana.Customer.ID),
			tx.PutMember(t.Context(), customer.Member{Account: v.account.ID, Customer: kim.Customer.ID, Role: customer.Owner, Since: time.Now()}))
	}); err != nil {
		t.Fatal(err)
	}
	text := strings.Join(lines, "\n") + "\n"
	report, err := to.intake.Import(t.Context(), intake.Request{
		Env: env, Plan: registering(t, from), Retry: &intake.Retry{},
		Source: intake.Source{Name: "people.ndjson", Reader: strings.NewReader(text), Size: int64(len(text))},
	})
	if err != nil || report.Completed != 1 {
		t.Fatalf("rua did not come: %+v, %v", report, err)
	}
	if diff := cmp.Diff(map[customer.ID]customer.Role{kim.Customer.ID: customer.Owner}, to.members(t, v.account.ID)); diff != "" {
		t.Error(diff)
	}
}

func TestAnAccountThatIsHereStaysAsItIs(t *testing.T) {
	from, to := newPlace(t, "old", onSQLite(t)), newPlace(t, "new", onSQLite(t))
	v := from.village(t)
	kim := called("kim")
	if err := to.take(t.Context(), []resident{kim}); err != nil {
		t.Fatal(err)
	}
	mine := v
	mine.account.ID, mine.claims = random(), nil // another one of that number
	mine.premises.Account, mine.members = mine.account.ID, []customer.Member{{Account: mine.account.ID, Customer: kim.Customer.ID, Role: customer.Owner, Since: ago(1)}}
	to.settle(t, mine)
	_, lines := from.export(t, identity(t))
	report, err := to.arrive(registering(t, from), lines)
	if err != nil || report.Holdings.Here != 1 || report.Holdings.Members != 0 || report.Holdings.Claims != 2 {
		t.Fatalf("%+v, %v", report.Holdings, err)
	}
	if in := to.members(t, mine.account.ID); len(in) != 1 {
		t.Errorf("%v are members", in)
	}
}

func TestAccountsAndClaimsStayBehindWhereAMigrationSaysSo(t *testing.T) {
	from := newPlace(t, "old", onSQLite(t))
	from.village(t)
	_, lines := from.export(t, identity(t))
	behind := func(name string) migrate.Field {
		return migrate.Field{From: name, Keep: migrate.KeepBehind, Reason: "they are of the billing system"}
	}
	for name, want := range map[string]intake.Holdings{
		"accounts": {Claims: 2}, "claims": {Accounts: 1, Premises: 1, Members: 2}, "accounts claims": {},
	} {
		to := newPlace(t, "new", onSQLite(t))
		var fields []migrate.Field
		for _, one := range strings.Fields(name) {
			fields = append(fields, behind(one))
		}
		if report, err := to.arrive(registering(t, from, fields...), lines); err != nil || !cmp.Equal(report.Holdings, want) {
			t.Errorf("without %s: %+v, %v", name, report.Holdings, err)
		}
	}
}

// Whoever changes a line, or leaves one out, brings nobody into an account.
func TestAnAccountOfWhichALineIsChangedDoesNotCome(t *testing.T) {
	from := newPlace(t, "old", onSQLite(t))
	v := from.village(t)
	_, whole := from.export(t, identity(t))
	at := func(begins string) int {
		return slices.IndexFunc(whole, func(l string) bool { return strings.HasPrefix(l, begins) })
	}
	account, member := at(`{"sallyport-account"`), at(`{"sallyport-member"`)
	for name, change := range map[string]func(lines []string) []string{
		"a member is an owner": func(lines []string) []string {
			for i := range lines {
				lines[i] = strings.Replace(lines[i], `"role":"agent"`, `"role":"owner"`, 1)
			}
			return lines
		},
		"the account's line is gone": func(lines []string) []string { return slices.Delete(lines, account, account+1) },
		"a member comes twice":       func(lines []string) []string { return slices.Insert(lines, member, lines[member]) },
		"a member is cut":            func(lines []string) []string { lines[member] = lines[member][:40] + "}"; return lines },
	} {
		to := newPlace(t, "new", onSQLite(t))
		report, err := to.arrive(registering(t, from), change(slices.Clone(whole)))
		if err != nil || report.Holdings.Damaged == 0 || len(report.Holdings.Faults) == 0 || report.Holdings.Accounts+report.Holdings.Members != 0 {
			t.Errorf("%s: %+v, %v", name, report.Holdings, err)
		}
		if _, err := to.Account(t.Context(), env, v.account.ID); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("%s: the account is here: %v", name, err)
		}
	}
}

func TestADryRunTellsOfAccountsAndBringsNone(t *testing.T) {
	from, to := newPlace(t, "old", onSQLite(t)), newPlace(t, "new", onSQLite(t))
	v := from.village(t)
	_, lines := from.export(t, identity(t))
	text := strings.Join(lines, "\n") + "\n"
	report, err := to.intake.Import(t.Context(), intake.Request{
		Env: env, Plan: registering(t, from), DryRun: true, Source: intake.Source{Name: "people.ndjson", Reader: strings.NewReader(text), Size: int64(len(text))},
	})
	if want := (intake.Holdings{Accounts: 1, Premises: 1, Members: 2, Claims: 2}); err != nil || !cmp.Equal(report.Holdings, want) {
		t.Errorf("%+v, %v", report.Holdings, err)
	}
	if _, err := to.Account(t.Context(), env, v.account.ID); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("the account is here: %v", err)
	}
}

// An undo takes people back who came with an account, which stays; and they come again.
func TestAnImportWithAccountsIsTakenBackAndComesAgain(t *testing.T) {
	from, to := newPlace(t, "old", onSQLite(t)), newPlace(t, "new", onSQLite(t))
	v := from.village(t)
	if err := from.Write(t.Context(), env, func(tx store.Tx) error {
		_, err := tx.DeleteConsent(t.Context(), v.dana.Customer.ID, "sunshare", "customers", time.Now()) // of which an undo lets nobody go
		return err
	}); err != nil {
		t.Fatal(err)
	}
	_, lines := from.export(t, identity(t))
	if _, err := to.arrive(registering(t, from), lines); err != nil {
		t.Fatal(err)
	}
	taken, err := to.intake.Undo(t.Context(), intake.UndoRequest{Env: env, Migration: "arrival"})
	if err != nil || taken.Removed != 2 {
		t.Fatalf("%+v, %v", taken, err)
	}
	if in := to.members(t, v.account.ID); len(in) != 0 {
		t.Errorf("%v are members", in)
	}
	report, err := to.arrive(registering(t, from), lines)
	if err != nil || report.Holdings.Members != 2 || report.Holdings.Claims != 2 || report.Holdings.Here != 1 {
		t.Errorf("%+v, %v", report.Holdings, err)
	}
}

// One person takes their accounts along as they see them.
func TestOnePersonAloneTakesNoOtherMemberAlong(t *testing.T) {
	from, key := newPlace(t, "old", onSQLite(t)), identity(t)
	v := from.village(t)
	var out, plain bytes.Buffer
	if _, err := from.leave.Export(context.Background(), leave.Request{
		Env: env, Tenant: "acme", Environment: "production", Recipients: []string{key.Recipient().String()}, By: "operator/kim", Only: v.rua.Customer.ID,
	}, &out); err != nil {
		t.Fatal(err)
	}
	sum, err := leave.Open(&out, []age.Identity{key}, &plain)
	if want := (sallyport.Counts{People: 1, Accounts: 1, Premises: 1, Members: 1, Claims: 1}); err != nil || sum.Counts != want {
		t.Fatalf("%+v, %v", sum.Counts, err)
	}
	if strings.Contains(plain.String(), `"customer":"`+v.dana.Customer.ID.String()) {
		t.Error("the owner comes along")
	}
}
