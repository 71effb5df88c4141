package leave_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"sallyport/protocol/otp"
	"sallyport/protocol/passhash"
	"sallyport/protocol/passkey/passkeytest"
	"sallyport/pure/customer"
	"sallyport/pure/migrate"
	"sallyport/service/audit"
	"sallyport/service/intake"
	"sallyport/service/leave"
	"sallyport/store"
	"sallyport/store/postgres"
	"sallyport/store/postgres/pgtest"
	"sallyport/store/sqlite"
)

const (
	env    = store.System
	secret = "correct horse"
)

// rowSealer keeps the name of the row beside the text, so that a test sees whether the
// right one is used.
type rowSealer struct{ place string }

func (s rowSealer) Seal(_ context.Context, env store.EnvironmentID, row string, plain []byte) ([]byte, error) {
	return fmt.Appendf(nil, "sealed at %s %d %s|%s", s.place, env, row, plain), nil
}

func (s rowSealer) Open(_ context.Context, env store.EnvironmentID, row string, sealed []byte) ([]byte, error) {
	plain, found := bytes.CutPrefix(sealed, fmt.Appendf(nil, "sealed at %s %d %s|", s.place, env, row))
	if !found {
		return nil, errors.New("sealed for another row")
	}
	return plain, nil
}

// seed is the same for an environment of a place, and differs elsewhere.
func (s rowSealer) seed(_ context.Context, env store.EnvironmentID) ([32]byte, error) {
	return sha256.Sum256(fmt.Appendf(nil, "%s %d", s.place, env)), nil
}

// place is an installation.
type place struct {
	store.Store
	sealer rowSealer
	leave  *leave.Service
	intake *intake.Service
}

func newPlace(t testing.TB, name string, s store.Store) *place {
	t.Helper()
	t.Cleanup(func() { s.Close() })
	sealer := rowSealer{name}
	return &place{
		s, sealer, leave.New(leave.Config{Store: s, Sealer: sealer, Seed: sealer.seed, Audit: audit.New(s, time.Now, rand.Reader), Now: time.Now}),
		intake.New(intake.Config{
			Store: s, Sealer: sealer, Now: time.Now, Rand: rand.Reader, Cost: passhash.Argon2Cost{MemoryKiB: 64, Time: 1, Threads: 1},
			Rest: func(ctx context.Context, _ intake.Work, _ time.Duration) error { return ctx.Err() },
		}),
	}
}

func onSQLite(t testing.TB) store.Store {
	t.Helper()
	dir, err := filepath.Abs(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	s, err := sqlite.Open(t.Context(), sqlite.Config{Path: filepath.Join(dir, "store.db")})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func onPostgres(t testing.TB) store.Store {
	t.Helper()
	s, err := postgres.Open(t.Context(), postgres.Config{DSN: pgtest.Start(t)})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

var (
	words = rapid.SampledFrom([]string{"", "Dana", "Ōtautahi 片帆", "a\nb\r\n{\"end\"", "</script> \u2028", `\"`, "+44"})
	times = rapid.Custom(func(r *rapid.T) time.Time {
		return time.UnixMicro(rapid.Int64Range(1, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).UnixMicro()).Draw(r, "instant")).UTC()
	})
	sources = rapid.SampledFrom([]string{"customer", "migration/orchard", ""})
)

// resident is somebody with a bit of everything that the draws make.
type resident struct {
	store.NewCustomer
	factors  []store.Factor
	passkeys []store.Passkey
	links    []store.CustomerLink
	consents []store.Consent
	tags     []string
	said     []store.Agreement
	records  []store.RecordMove
}

// somebody draws a person. The keys and hashes, which cost time, are given.
func (p *place) somebody(r *rapid.T, n int, hashes []string, keys []*passkeytest.Credential, t testing.TB) resident {
	var id customer.ID
	_, _ = rand.Read(id[:])
	c := customer.Customer{
		ID: id, Name: words.Draw(r, "name"), State: rapid.SampledFrom([]customer.State{customer.Active, customer.Disabled}).Draw(r, "state"),
		Created: times.Draw(r, "created"), Updated: times.Draw(r, "updated"),
	}
	if rapid.Bool().Draw(r, "grouped") {
		c.Groups, c.Attributes = []string{"household", "solar"}, map[string]string{"tariff": "n\u0101 " + words.Draw(r, "value"), "language": "en"}
	}
	one := resident{NewCustomer: store.NewCustomer{Customer: c, Identifiers: []customer.Identifier{
		{Kind: customer.Username, Value: fmt.Sprintf("p%d", n), Display: fmt.Sprintf("P%d", n), Source: sources.Draw(r, "source")},
		{Kind: customer.Email, Value: fmt.Sprintf("p%d@a.example", n), Display: fmt.Sprintf("p%d@a.example", n), Verified: rapid.Bool().Draw(r, "verified"), Source: "customer"},
	}}}
	if hash := rapid.SampledFrom(append(hashes, "")).Draw(r, "hash"); hash != "" {
		sealed, _ := p.sealer.Seal(context.Background(), env, "credential/"+id.String(), []byte(hash))
		one.Credential = &store.Credential{Customer: id, Sealed: sealed, Scheme: "argon2id", Updated: times.Draw(r, "set")}
	}
	for slot, secret := range p.proofs(r) {
		f := store.Factor{
			Customer: id, Kind: secret.kind, Slot: slot, Label: words.Draw(r, "label"), Source: sources.Draw(r, "source"),
			Used: rapid.Int64Range(0, 60_000_000).Draw(r, "step"), Confirmed: times.Draw(r, "confirmed"), Created: times.Draw(r, "created"),
		}
		_, _ = rand.Read(f.ID[:])
		f.Sealed, _ = p.sealer.Seal(context.Background(), env, fmt.Sprintf("factor/%x", f.ID[:]), secret.text)
		one.factors = append(one.factors, f)
	}
	if rapid.Bool().Draw(r, "owing") {
		f := store.Factor{Customer: id, Kind: store.FactorOwed, Source: sources.Draw(r, "asked by"), Created: times.Draw(r, "asked")}
		_, _ = rand.Read(f.ID[:])
		f.Sealed, _ = p.sealer.Seal(context.Background(), env, fmt.Sprintf("factor/%x", f.ID[:]), []byte(store.FactorOwed))
		one.factors = append(one.factors, f)
	}
	if rapid.Bool().Draw(r, "passkey") {
		k := keys[n%len(keys)]
		one.passkeys = []store.Passkey{{
			ID: store.PasskeyIDOf(fmt.Appendf(nil, "key %d", n)), Customer: id, RPID: k.RPID, UserHandle: k.UserHandle, PublicKey: k.PublicKey(t),
			SignCount: rapid.Uint32().Draw(r, "count"), AAGUID: [16]byte{1, 15: byte(n)}, Transports: []string{"hybrid", "internal"},
			BackupKnown: true, BackupEligible: true, BackedUp: rapid.Bool().Draw(r, "backed up"), Discoverable: true, Label: words.Draw(r, "label"),
			Source: sources.Draw(r, "source"), Created: times.Draw(r, "created"), Used: times.Draw(r, "used"),
		}}
	}
	for i := range one.Identifiers {
		if rapid.Bool().Draw(r, "proved") {
			one.Identifiers[i].Proof = customer.Proof{At: times.Draw(r, "proved at"), By: "link"}
		}
	}
	one.tags = rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"vip", "no-paper", "7"}), 0, 3, rapid.ID).Draw(r, "tags")
	one.said = answers(r, id)
	if rapid.Bool().Draw(r, "elsewhere") {
		one.links = []store.CustomerLink{{
			Link: customer.Link{Provider: "google-oauth2", Connection: "google", Subject: fmt.Sprint(n)}, Customer: id, Source: "migration/orchard", Created: times.Draw(r, "linked"),
		}}
		one.records = []store.RecordMove{{Migration: "orchard", Key: fmt.Sprintf("auth0|%d", n), State: store.RecordImported, Way: store.WayJIT, Customer: id.String(), At: times.Draw(r, "moved")}}
		one.consents = []store.Consent{{Customer: id, Application: "sunshare", Server: "customers", Scopes: []string{"billing.read.bill", "openid"}, Given: times.Draw(r, "given"), Updated: times.Draw(r, "changed"), Revision: 3}}
	}
	return one
}

// answers draws what somebody said, one answer to each at a time.
func answers(r *rapid.T, id customer.ID) (all []store.Agreement) {
	for _, about := range []struct {
		kind store.AgreementKind
		name string
	}{{store.AgreedDocument, "terms"}, {store.AgreedDocument, "of nobody here"}, {store.AgreedPurpose, "terms"}} {
		said := rapid.SliceOfNDistinct(times, 0, 3, func(t time.Time) int64 { return t.UnixMicro() }).Draw(r, "said")
		slices.SortFunc(said, time.Time.Compare)
		for i, given := range said {
			a := store.Agreement{Customer: id, Kind: about.kind, Document: about.name, Version: fmt.Sprintf("2026-%d", i), Refused: rapid.Bool().Draw(r, "refused"), Given: given}
			if i+1 < len(said) {
				a.Withdrawn, a.Replaced = said[i+1], true
			} else if rapid.Bool().Draw(r, "withdrawn") {
				a.Withdrawn = times.Draw(r, "withdrawn at")
			}
			a.Evidence = rapid.SampledFrom([][]byte{nil, []byte(`{"language":"mi","address":"2001:db8::1","text":"\u003cb\u003e"}`)}).Draw(r, "evidence")
			all = append(all, a)
		}
	}
	return all
}

type proof struct {
	kind store.FactorKind
	text []byte
}

// proofs draws second factors of every kind.
func (p *place) proofs(r *rapid.T) (all []proof) {
	if rapid.Bool().Draw(r, "no factor") {
		return nil
	}
	key, _ := otp.KeyOf([]byte("12345678901234567890"), "SHA256", 8, 60)
	counted, _ := otp.CountedOf([]byte("12345678901234567890"), "SHA1", 6, 77)
	_, set, _ := otp.NewRecovery(rand.Reader)
	foreign, _, _ := otp.ForeignRecovery(rand.Reader, []otp.ForeignCode{{Plain: "abcdef-123456"}})
	return []proof{
		{store.FactorTOTP, key.Encode()},
		{store.FactorTOTP, key.Encode()},
		{store.FactorHOTP, counted.Encode()},
		{store.FactorRecovery, set.Encode()},
		{store.FactorRecovery, foreign.Encode()},
		{store.FactorPhone, otp.Address{Address: "+442079460000", Verified: true}.Encode()},
		{store.FactorEmail, otp.Address{Address: "dana@a.example"}.Encode()},
	}
}

func (p *place) take(ctx context.Context, all []resident) error {
	return p.Write(ctx, env, func(tx store.Tx) error {
		for _, one := range all {
			errs := []error{tx.CreateCustomers(ctx, []store.NewCustomer{one.NewCustomer}), tx.PutPasskeys(ctx, one.passkeys), tx.PutLinks(ctx, one.links), tx.MoveRecords(ctx, one.records), tx.PutTags(ctx, one.Customer.ID, one.tags), tx.KeepAgreements(ctx, one.said)}
			for _, f := range one.factors {
				errs = append(errs, tx.PutFactor(ctx, f))
			}
			for _, c := range one.consents {
				errs = append(errs, tx.PutConsent(ctx, c))
			}
			if err := errors.Join(errs...); err != nil {
				return err
			}
		}
		return nil
	})
}

// export gives the file and its lines.
func (p *place) export(t interface{ Fatal(...any) }, key *age.X25519Identity) (file []byte, lines []string) {
	var out, plain bytes.Buffer
	sum, err := p.leave.Export(context.Background(), leave.Request{
		Env: env, Tenant: "acme", Environment: "production", Recipients: []string{key.Recipient().String()}, By: audit.Operator("priya"),
	}, &out)
	if err != nil {
		t.Fatal(err)
	}
	opened, err := leave.Open(bytes.NewReader(out.Bytes()), []age.Identity{key}, &plain)
	if err != nil || opened != sum {
		t.Fatal(err, opened, sum)
	}
	return out.Bytes(), strings.Split(strings.TrimSuffix(plain.String(), "\n"), "\n")
}

// believing is a plan that takes whom a place has signed.
func believing(t testing.TB, from *place) *migrate.Plan {
	t.Helper()
	signer, err := from.leave.Signer(t.Context(), env)
	if err != nil {
		t.Fatal(err)
	}
	return arrival(t, "signer", string(signer))
}

func arrival(t testing.TB, option, value string) *migrate.Plan {
	t.Helper()
	plan, problems := migrate.Compile(migrate.Spec{
		Name: "arrival", Source: migrate.Source{Format: "sallyport"}, Options: map[string]string{option: value}, KnownGroups: []string{"household", "solar"}, KnownAttributes: []string{"tariff", "language"},
	})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return plan
}

func (p *place) arrive(plan *migrate.Plan, lines []string) (intake.Report, error) {
	text := strings.Join(lines, "\n") + "\n"
	return p.intake.Import(context.Background(), intake.Request{
		Env: env, Plan: plan, Source: intake.Source{Name: "people.ndjson", Reader: strings.NewReader(text), Size: int64(len(text))}, Actor: audit.Operator("priya"),
	})
}

// unsigned are the people of an export, without what only the place that wrote it says.
func unsigned(lines []string) (all []string) {
	for _, line := range lines[1 : len(lines)-1] {
		at := strings.LastIndex(line, `,"signature":`)
		all = append(all, line[:max(at, 0)]+"}")
	}
	return all
}

func identity(t testing.TB) *age.X25519Identity {
	t.Helper()
	key, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func hashesOf(t testing.TB) []string {
	t.Helper()
	hashed, err := passhash.New(rand.Reader, []byte(secret), passhash.Argon2Cost{MemoryKiB: 64, Time: 1, Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	return []string{hashed, "$2b$04$abcdefghijklmnopqrstuuWq8Zr4ujVlzSrUnsoVjXDmKyCrSZF5O"}
}

// few checks some draws only: each opens two stores.
func few(n int, check func(*rapid.T)) func(*rapid.T) {
	return func(r *rapid.T) {
		if n--; n >= 0 {
			check(r)
		}
	}
}

func TestWhoeverLeavesArrivesAsTheSamePerson(t *testing.T) {
	hashes, keys, key := hashesOf(t), []*passkeytest.Credential{passkeytest.New(t, passkeytest.ES256, "a.example"), passkeytest.New(t, passkeytest.EdDSA, "b.example")}, identity(t)
	check := func(open func(testing.TB) store.Store) func(*rapid.T) {
		return func(r *rapid.T) {
			from, to := newPlace(t, "old", open(t)), newPlace(t, "new", open(t))
			plan := believing(t, from)
			var all []resident
			for n := range rapid.IntRange(0, 12).Draw(r, "people") {
				all = append(all, from.somebody(r, n, hashes, keys, t))
			}
			if err := from.take(t.Context(), all); err != nil {
				r.Fatal(err)
			}
			_, before := from.export(r, key)
			report, err := to.arrive(plan, before)
			if err != nil {
				r.Fatal(err)
			}
			if held := report.Summary.Verdicts[migrate.Hold]; report.Rows != int64(len(all)) || held > 0 {
				r.Fatalf("%d of %d rows, %+v", report.Rows, len(all), report)
			}
			_, after := to.export(r, key)
			if diff := cmp.Diff(unsigned(before), unsigned(after)); diff != "" {
				r.Fatal(diff)
			}
			again, err := to.arrive(plan, before)
			if err != nil {
				r.Fatal(err)
			}
			if again.Known[store.RecordImported] != int64(len(all)) {
				r.Fatalf("a second import changes something: %+v", again)
			}
		}
	}
	t.Run("SQLite", func(t *testing.T) { rapid.Check(t, few(12, check(onSQLite))) })
	t.Run("PostgreSQL", func(t *testing.T) { rapid.Check(t, few(1, check(onPostgres))) })
}
