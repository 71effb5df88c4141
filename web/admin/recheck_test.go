package admin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"sallyport/pure/config"
	"sallyport/pure/customer"
	"sallyport/pure/drift"
	"sallyport/pure/legacy"
	"sallyport/pure/migrate"
	"sallyport/service/audit"
	"sallyport/service/environment"
	"sallyport/service/jit"
	"sallyport/service/limit"
	"sallyport/service/operator"
	"sallyport/service/source"
	"sallyport/store"
)

const portal = `---
kind: migration
name: portal
source: {format: ndjson}
key: id
map: [{from: email, to: email, verified: emailVerified, required: true}]
connection: {kind: keycloak, url: "https://id.old.example", realm: r, client: c}
jit: {registration: go-on}
`

// knowing is an earlier system that knows one address.
type knowing struct {
	address string
	away    bool
	shut    bool // no connection to it is opened at all
}

func (k *knowing) Verify(context.Context, source.Login) source.Answer {
	return source.No(source.UnknownThere)
}

func (k *knowing) Find(_ context.Context, identifier string) (*legacy.Element, bool, error) {
	if k.away {
		return nil, false, &source.Fault{Reason: source.Timeout}
	}
	return &legacy.Element{Raw: fmt.Appendf(nil, `{"id":"17","email":%q,"emailVerified":true}`, k.address)}, identifier == k.address, nil
}

// besides gives acme a running earlier system.
func (r *realm) besides(old *knowing) {
	r.Helper()
	tree, problems := config.Parse(map[string][]byte{
		"tree.yaml": []byte(strings.ReplaceAll(acmeTree, "TENANT", "acme") + portal), "billing.openapi.yaml": []byte(billing),
	})
	if config.Refused(problems) {
		r.Fatal(problems)
	}
	live := r.live("acme")
	_, _, err := r.cfg.Registry.Apply(r.Context(), live.ID, environment.Change{Tree: tree, Base: live.Snapshot().Revision, Author: "test@host"})
	r.must(err)
	r.cfg.Systems = jit.New(jit.Config{
		Intake: r.cfg.Intake, Directory: r.cfg.Directory, Keys: r.cfg.Ring, Secrets: r.cfg.Vault, Limiter: limit.New(nil), Audit: r.cfg.Audit,
		Events: r.store, Log: slog.New(slog.DiscardHandler), Now: time.Now,
		Open: func(context.Context, *environment.Live, *source.Spec, *migrate.Plan) (*source.System, error) {
			if old.shut {
				return nil, errors.New("its certificate cannot be read")
			}
			return &source.System{Verifier: old, Finder: old}, nil
		},
	})
	r.Cleanup(func() { _ = r.cfg.Systems.Close() })
	r.handler = Network(r.cfg, r.verify)
}

// unasked stores somebody who registered while the system could not tell.
func (r *realm) unasked(username, address string) {
	r.Helper()
	env := r.live("acme").ID
	id := r.person(env, username)
	r.must(r.store.Write(r.Context(), env, func(tx store.Tx) error {
		return tx.PutIdentifier(r.Context(), id, customer.Identifier{Kind: customer.Email, Value: address, Display: address, Verified: true})
	}))
	r.must(r.cfg.Audit.Record(r.Context(), env, audit.Entry{
		Type: audit.RegistrationUnchecked, Actor: audit.Customer(id.String()), Customer: id.String(), Result: audit.OK, Detail: map[string]any{"migrations": []string{"portal"}},
	}))
}

// Whoever registered while nobody could ask is looked up behind a comparison, once, and
// the report counts them and names nobody.
func TestAReconciliationLooksUpWhoRegisteredWhileNobodyCouldAsk(t *testing.T) {
	r := newRealm(t)
	old := &knowing{address: "noor@mail.test", away: true}
	r.besides(old)
	token := r.token(r.operator("robin", operator.Owner, operator.Place{Tenant: "acme"}), Scopes())
	reconciled := func() *drift.Registered {
		t.Helper()
		answer, p := r.ask(sent{
			method: http.MethodPost, path: Prefix + "/environments/acme/preview/migrations/portal/reconciliations", token: token,
			body: `{"id":"1","email":"otto@mail.test","emailVerified":true}` + "\n", header: map[string]string{"Content-Type": "application/x-ndjson"},
		})
		lines := strings.Split(strings.TrimSpace(answer.Body.String()), "\n")
		var last ReconcileLine
		r.must(json.Unmarshal([]byte(lines[len(lines)-1]), &last))
		if p.Code != "" || last.Report == nil {
			t.Fatalf("%d %s", answer.Code, answer.Body)
		}
		if strings.Contains(answer.Body.String(), "noor") {
			t.Errorf("it names somebody: %s", answer.Body)
		}
		return last.Report.Registered
	}
	if got := reconciled(); got != nil {
		t.Errorf("nobody registered, and it tells %+v", got)
	}
	r.unasked("noor", "noor@mail.test")
	r.unasked("zoe", "zoe@mail.test")
	for _, step := range []struct {
		name string
		away bool
		shut bool
		want *drift.Registered
		held int
	}{
		{"no connection is opened", true, true, &drift.Registered{Open: 2}, 0},
		{"the system is still away", true, false, &drift.Registered{Open: 2}, 0},
		{"the system is back", false, false, &drift.Registered{Known: 1, Absent: 1}, 1},
		{"everybody was looked up", false, false, nil, 1},
	} {
		old.away, old.shut = step.away, step.shut
		got := reconciled()
		if fmt.Sprint(got) != fmt.Sprint(step.want) {
			t.Errorf("%s: %+v, want %+v", step.name, got, step.want)
		}
		counts, err := r.store.RecordCounts(t.Context(), r.live("acme").ID, "portal")
		r.must(err)
		if int(counts[store.RecordHeld]) != step.held || counts[store.RecordImported] > 0 {
			t.Errorf("%s: the ledger has %v", step.name, counts)
		}
	}
	checked, _, err := r.cfg.Ledger.Events(t.Context(), r.live("acme").ID, "type:"+string(audit.RegistrationChecked)+" actor:operator/robin", "", 9)
	r.must(err)
	if len(checked) != 2 {
		t.Errorf("%d of 2 look-ups stand in the ledger", len(checked))
	}
}
