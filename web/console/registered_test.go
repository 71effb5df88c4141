package console

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"testing"

	"sallyport/pure/legacy"
	"sallyport/pure/migrate"
	"sallyport/service/audit"
	"sallyport/service/environment"
	"sallyport/service/jit"
	"sallyport/service/limit"
	"sallyport/service/operator"
	"sallyport/service/source"
)

const portal = `kind: migration
name: portal
source: {format: ndjson}
key: id
map: [{from: email, to: email, verified: emailVerified, required: true}]
connection: {kind: keycloak, url: "https://id.old.example", realm: r, client: c}
jit: {registration: go-on}
`

// silent is an earlier system that knows nobody.
type silent struct{}

func (silent) Verify(context.Context, source.Login) source.Answer {
	return source.No(source.UnknownThere)
}

func (silent) Find(context.Context, string) (*legacy.Element, bool, error) { return nil, false, nil }

// Whoever registered while the earlier system was away is looked up by the console as by
// the command, and a connection that does not open is no reason to show nothing.
func TestTheConsoleLooksUpWhoRegisteredWhileNobodyCouldAsk(t *testing.T) {
	s := newSite(t)
	s.as(operator.Owner, "harbourlight")
	s.applied(map[string][]byte{"portal.yaml": []byte(portal)})
	live := s.production()
	shut := true
	s.cfg.Systems = jit.New(jit.Config{
		Intake: s.cfg.Intake, Directory: s.cfg.Directory, Keys: s.cfg.Ring, Secrets: s.cfg.Vault, Limiter: limit.New(nil), Audit: s.cfg.Audit,
		Events: s.store, Log: slog.New(slog.DiscardHandler), Now: s.clock,
		Open: func(context.Context, *environment.Live, *source.Spec, *migrate.Plan) (*source.System, error) {
			if shut {
				return nil, errors.New("its certificate cannot be read")
			}
			return &source.System{Verifier: silent{}, Finder: silent{}}, nil
		},
	})
	t.Cleanup(func() { _ = s.cfg.Systems.Close() })
	s.must(s.cfg.Audit.Record(t.Context(), live.ID, audit.Entry{
		Type: audit.RegistrationUnchecked, Actor: audit.Customer(s.dana.String()), Customer: s.dana.String(), Result: audit.OK,
		Detail: map[string]any{"migrations": []string{"portal"}},
	}))
	for _, want := range []string{"Still open</dt>", "Not known there</dt>"} {
		s.says(s.upload("/e/harbourlight/production/migrations/portal/reconcile", url.Values{}, "new.ndjson", `{"id":"1","email":"otto@mail.test","emailVerified":true}`+"\n"), http.StatusOK, "Registered while nobody could ask", want)
		shut = false
	}
	if events, _, err := s.cfg.Ledger.Events(t.Context(), live.ID, "type:"+string(audit.RegistrationChecked), "", 9); err != nil || len(events) != 1 {
		t.Errorf("%d were looked up, %v", len(events), err)
	}
}
