package jit_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"sallyport/pure/legacy"
	"sallyport/pure/migrate"
	"sallyport/service/environment"
	"sallyport/service/intake"
	"sallyport/service/jit"
	"sallyport/service/limit"
	"sallyport/service/signin"
	"sallyport/service/signin/signintest"
	"sallyport/service/source"
	"sallyport/store"
)

// system plays an earlier system: people by identifier, with what is said of them.
type system struct {
	mu      sync.Mutex
	people  map[string]person
	answer  *source.Answer // for everybody, if set
	asked   []string
	looked  int           // how often somebody was looked up
	away    *source.Fault // what look-ups give, if set
	guards  bool          // everybody has a second factor, which their record does not say
	finds   bool
	holding chan struct{} // if set, answers wait for it
}

type person struct {
	password string
	element  string
	second   bool
}

func (s *system) Verify(ctx context.Context, login source.Login) source.Answer {
	s.mu.Lock()
	s.asked = append(s.asked, login.Identifier)
	answer, holding := s.answer, s.holding
	p, known := s.people[login.Identifier]
	s.mu.Unlock()
	if holding != nil {
		<-holding
	}
	switch {
	case answer != nil:
		return *answer
	case !known:
		return source.No(source.UnknownThere)
	case p.password != string(login.Password):
		return source.No(source.WrongPassword)
	}
	return source.Answer{Verdict: source.Match, Element: &legacy.Element{Raw: []byte(p.element)}, SecondFactor: p.second}
}

func (s *system) Find(_ context.Context, identifier string) (*legacy.Element, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.looked++
	if s.away != nil {
		return nil, false, s.away
	}
	p, known := s.people[strings.ToLower(strings.TrimSpace(identifier))]
	return &legacy.Element{Raw: []byte(p.element)}, known, nil
}

func (s *system) Guards(context.Context, string) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.guards, nil
}

func (s *system) lookUps() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.looked
}

func (s *system) says(a *source.Answer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answer = a
}

// times tells how often it was asked.
func (s *system) times() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.asked)
}

// noSecrets is a vault without any.
type noSecrets struct{}

func (noSecrets) Open(context.Context, store.EnvironmentID, string) ([]byte, error) {
	return nil, store.ErrNotFound
}

// world is sign-in with an earlier system behind it.
type world struct {
	*signintest.World
	jit    *jit.Service
	intake *intake.Service
	old    *system
	other  *system // of the migration "other", asked second
	log    *bytes.Buffer
}

const migrationTree = `---
kind: migration
name: old
source: {format: %s}
key: id
map:
  - {from: username, to: username}
  - {from: email, to: email, verified: emailVerified}
connection: {kind: keycloak, url: "https://id.old.example", realm: r, client: c, rate: {calls: 1000, per: 1s}}
jit: {%s}
`

func newWorld(t testing.TB, settings string, more ...string) *world {
	t.Helper()
	return worldOf(t, fmt.Sprintf(migrationTree, "ndjson", settings)+strings.Join(more, ""), nil)
}

func worldOf(t testing.TB, migrations string, change func(*signin.Config)) *world {
	t.Helper()
	w := &world{
		old: &system{people: map[string]person{}, finds: true}, other: &system{people: map[string]person{}}, log: &bytes.Buffer{},
	}
	w.World = signintest.New(t, signintest.URL, func(cfg *signin.Config) {
		cfg.Log = slog.New(slog.NewTextHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
		w.intake = intake.New(intake.Config{Store: cfg.Store.(store.Store), Sealer: cfg.Sealer, Now: cfg.Now, Rand: cfg.Rand, Cost: signintest.Cost})
		w.jit = jit.New(jit.Config{
			Intake: w.intake, Directory: cfg.Directory, Keys: cfg.Keys, Secrets: noSecrets{}, Limiter: limit.New(nil), Audit: cfg.Audit,
			Events: cfg.Store.(store.Store), Log: cfg.Log, Now: cfg.Now, Region: cfg.Region,
			Open: func(_ context.Context, _ *environment.Live, spec *source.Spec, _ *migrate.Plan) (*source.System, error) {
				s := w.old
				if spec.Migration == "other" {
					s = w.other
				}
				opened := &source.System{Verifier: s}
				if s.finds {
					opened.Finder, opened.Guardian = s, s
				}
				return opened, nil
			},
		})
		cfg.Legacy = w.jit
		if change != nil {
			change(cfg)
		}
	})
	t.Cleanup(func() { _ = w.jit.Close() })
	w.Apply(w.Live, signintest.Tree+migrations)
	return w
}

// knows makes somebody known at the earlier system.
func (w *world) knows(name, password string) {
	w.old.mu.Lock()
	defer w.old.mu.Unlock()
	w.old.people[name] = person{password: password, element: fmt.Sprintf(`{"id":"k-%s","username":%q,"email":"%s@old.example","emailVerified":true}`, name, name, name)}
}

// ledger gives the states of the migration's records.
func (w *world) ledger(t testing.TB) map[store.RecordState]int64 {
	t.Helper()
	standing, err := w.intake.Standing(t.Context(), w.Live.ID, "old", 0)
	if err != nil {
		t.Fatal(err)
	}
	all := map[store.RecordState]int64{}
	for state, n := range standing.Records {
		if n > 0 {
			all[store.RecordState(state)] += n
		}
	}
	return all
}
