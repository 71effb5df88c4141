package storetest

import (
	"errors"
	"reflect"
	"time"

	"sallyport/store"
)

// world is one of everything that an environment can hold. Names are the same
// in every world, so that only the environment tells them apart; ids are not.
type world struct {
	person       store.NewCustomer
	factor       store.Factor
	passkey      store.Passkey
	journey      store.Journey
	session      store.Session
	grant        store.Grant
	consent      store.Consent
	subscription store.Subscription
	attempt      store.Attempt
	role         store.OperatorRole
	link         store.OperatorLink
	change       store.Change
	cursor       string // of the audit tail, before the world was made
	writer       int    // of its audit chain
	household    household
}

func (b *bench) world() world {
	b.Helper()
	_, cursor, err := b.AuditTail(b.ctx, b.env, "", 1)
	b.ok(err)
	p := person("aroha")
	w := world{
		p, factor(p.Customer.ID, store.FactorTOTP), passkey(p.Customer.ID), journey(), session(), grant(), consent(p.Customer.ID), subscription("s1", "payright"),
		store.Attempt{Key: hash(unique()), Burst: 1, Interval: time.Hour},
		operatorRole(), operatorLink(), change(),
		cursor, 0,
		household{},
	}
	b.files("ca/key")
	b.write(func(tx store.Tx) error { return tx.TakeLease(b.ctx, lease("a", 60), at(0)) })
	b.create(w.person)
	w.furnish(b)
	b.write(func(tx store.Tx) error {
		_, err := tx.AppendRevision(b.ctx, revision(0, "content"))
		_, spent := tx.ReserveAttempts(b.ctx, []store.Attempt{w.attempt}, at(0))
		return errors.Join(err, spent, tx.PutLinks(b.ctx, []store.CustomerLink{link(p.Customer.ID, "1")}), tx.PutFactor(b.ctx, w.factor), tx.PutJourney(b.ctx, w.journey),
			tx.PutPasskeys(b.ctx, []store.Passkey{w.passkey}), tx.CreateSession(b.ctx, w.session), tx.CreateGrant(b.ctx, w.grant), tx.PutSubscription(b.ctx, w.subscription),
			tx.PutConsent(b.ctx, w.consent), tx.PutKey(b.ctx, key("customers", "k", at(1))),
			tx.PutSecret(b.ctx, store.Secret{Application: "payright", ID: "1"}), tx.PutWalk(b.ctx, walk()), tx.MarkSynthetic(b.ctx, p.Customer.ID, "w1"),
			tx.Audit(b.ctx, personal("customer.created", "cus_1")),
			tx.PutCheckpoint(b.ctx, store.Checkpoint{At: at(1), KeyID: "k"}),
			tx.StartRun(b.ctx, run("r1", 3)),
			tx.MoveRecords(b.ctx, []store.RecordMove{move("a", store.RecordHeld)}), worldLedger(b, tx),
			tx.AddUsage(b.ctx, []store.Usage{{Subscription: "s1", Operation: "o", Minute: at(1), Calls: 1}}),
			tx.PutOperatorRole(b.ctx, w.role), tx.PutOperatorLink(b.ctx, w.link), w.propose(b, tx),
			tx.PutScopeUses(b.ctx, []store.ScopeUse{scopeUse("sunshare", 3)}), tx.PutVaultSecret(b.ctx, vaultSecret("meterman-db")), tx.PutBackup(b.ctx, backup(1)), tx.PutJob(b.ctx, job("j1", "meterman", 1)),
			tx.PutRivalClaims(b.ctx, []store.RivalClaim{rivalClaim("a1", "x1")}), tx.PutRivalDecision(b.ctx, naming("a1", "x1")), tx.PutRivalKey(b.ctx, "meterman", []byte("k")),
			tx.PutTombstones(b.ctx, "meterman", []string{"aa"}),
			tx.PutMessage(b.ctx, message("m1", 1)), tx.PutHookEvent(b.ctx, hookEvent("h1", p.Customer.ID, 1)), tx.AddFunnel(b.ctx, []store.FunnelCell{cell("code", "shown", 1)}, at(900)))
	})
	w.change.Number, w.change.Version, w.change.Approvals = 1, 2, 1
	w.writer = read[[]store.Head](b)(b.AuditHeads(b.ctx, b.env))[0].Writer
	return w
}

// creating are the methods of a transaction that make something new, which
// [isolationTests] does in two environments under the same names and ids.
var creating = map[string]bool{
	"CreateEnvironment": true, "Publish": true, "CreateCustomers": true, "CreateSession": true, "CreateGrant": true, "PutKey": true,
	"PutSecret": true, "Audit": true, "PutCheckpoint": true, "StartRun": true, "MoveRecords": true, "AddUsage": true,
	"PutOperatorRole": true, "PutAccount": true, "PutOperatorLink": true, "PutLinks": true, "PutPasskeys": true,
	"OpenChange": true, "PutRecalls": true, "PutScopeUses": true, "PutRunKeys": true, "PutBackup": true, "PutRecordTarget": true, "PutRivalClaims": true, "PutRivalKey": true,
	"PutTombstones": true, "AddFunnel": true,
}

// methods lists an interface's own and embedded methods.
func methods[T any]() (names []string) {
	t := reflect.TypeFor[T]()
	for i := range t.NumMethod() {
		names = append(names, t.Method(i).Name)
	}
	return names
}

func empty(v any) bool {
	r := reflect.ValueOf(v)
	return !r.IsValid() || r.IsZero() || (r.Kind() == reflect.Slice || r.Kind() == reflect.Map) && r.Len() == 0
}

// snapshot is everything that the readings find in w's own environment.
func (w world) snapshot(b *bench, env store.EnvironmentID) map[string]any {
	b.Helper()
	all := map[string]any{}
	for name, reading := range w.readings(b, env) {
		got, err := reading()
		if err != nil || empty(got) {
			b.Errorf("%s finds %+v in its own environment, error %v", name, got, err)
		}
		all[name] = got
	}
	return all
}

var isolationTests = []test{
	{"every method is tried", func(b *bench) {
		w := world{person: person("x")}
		readings, writings := w.readings(b, b.env), w.writings(b)
		for _, name := range methods[store.Reader]() {
			if readings[name] == nil && !spanning[name] {
				b.Errorf("nothing tries Reader.%s with another environment's ids", name)
			}
		}
		for _, name := range methods[store.Tx]() {
			if writings[name] == nil && !creating[name] {
				b.Errorf("nothing tries Tx.%s with another environment's ids", name)
			}
		}
	}},
	{"nothing is found with another environment's ids", func(b *bench) {
		w := b.world()
		other := b.environment()
		for name, reading := range w.readings(b, other) {
			got, err := reading()
			if err != nil && !errors.Is(err, store.ErrNotFound) || err == nil && !empty(got) {
				b.Errorf("%s finds %+v, error %v", name, got, err)
			}
		}
		w.snapshot(b, b.env)
	}},
	{"nothing is changed with another environment's ids", func(b *bench) {
		w := b.world()
		before := w.snapshot(b, b.env)
		other := &bench{T: b.T, Store: b.Store, ctx: b.ctx, env: b.environment()}
		for _, writing := range w.writings(b) {
			other.write(writing)
		}
		same(b, w.snapshot(b, b.env), before)
	}},
	{"two environments hold the same names and ids side by side", func(b *bench) {
		w := b.world()
		before := w.snapshot(b, b.env)
		other := &bench{T: b.T, Store: b.Store, ctx: b.ctx, env: b.environment()}
		other.create(w.person)
		other.write(func(tx store.Tx) error {
			return errors.Join(tx.PutFactor(b.ctx, w.factor), tx.PutJourney(b.ctx, w.journey),
				tx.PutPasskeys(b.ctx, []store.Passkey{w.passkey}), tx.PutLinks(b.ctx, []store.CustomerLink{link(w.person.Customer.ID, "2")}),
				tx.CreateSession(b.ctx, w.session), tx.CreateGrant(b.ctx, w.grant),
				tx.PutConsent(b.ctx, w.consent), tx.PutSubscription(b.ctx, w.subscription), tx.PutKey(b.ctx, key("customers", "k", at(1))),
				tx.PutSecret(b.ctx, store.Secret{Application: "payright", ID: "1"}),
				tx.Audit(b.ctx, event("x")), tx.PutCheckpoint(b.ctx, store.Checkpoint{At: at(1), KeyID: "k"}),
				tx.StartRun(b.ctx, run("r1", 3)), tx.MoveRecords(b.ctx, []store.RecordMove{move("a", store.RecordImported)}), worldLedger(b, tx),
				tx.AddUsage(b.ctx, []store.Usage{{Subscription: "s1", Operation: "o", Minute: at(1), Calls: 1}}),
				tx.PutOperatorRole(b.ctx, w.role), tx.PutOperatorLink(b.ctx, w.link), w.propose(b, tx), tx.PutWalk(b.ctx, walk()),
				tx.PutVaultSecret(b.ctx, vaultSecret("meterman-db")), tx.PutJob(b.ctx, job("j1", "meterman", 1)))
		})
		same(b, w.snapshot(b, b.env), before)
	}},
}
