package crash

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// resumeWithin is how soon an import goes on when its server was started again.
const resumeWithin = 5 * time.Second

// soak is an import that is killed again and again while people sign in.
type soak struct {
	home  home
	at    address
	file  string
	known *export
	all   *crossers
	old   *earlier
	seed  *rand.Rand

	queued  bool // the server has the whole export
	lives   int
	looks   int
	midst   int   // deaths within the run
	behind  int64 // rows that were done when the server died last
	resumed []time.Duration
}

// extent is how much of a soak there is.
type extent struct {
	rows, kills int
	each        int // of so many deaths, one is looked at line by line
}

// It is not parallel to others, since it measures how soon an import goes on.
func TestAnImportBesideSignInsIsKilledAgainAndAgain(t *testing.T) {
	soakFor(t, extent{rows: 5000, kills: 5, each: 1})
}

// soakFor imports a generated export beside people who sign in by way of the earlier
// system, kills the server at moments that a seed gives, and holds every record
// to what is known of it.
func soakFor(t *testing.T, x extent) {
	s := newSoak(t, seedOf(t), x)
	stop, walked := make(chan struct{}), make(chan struct{})
	n := s.start(t)
	go func() { s.all.walk(t, stop); close(walked) }()
	began := time.Now()
	for range x.kills {
		s.live(t, n, x.kills-s.lives)
		n.kill()
		s.lives++
		s.dead(t, s.lives%x.each == 0)
		n = s.start(t)
	}
	s.finish(t, n)
	took := time.Since(began)
	s.all.only()
	s.drain(t)
	close(stop)
	<-walked
	s.settled(t)
	s.changesNothing(t)
	s.alone(t)
	n.leave(t)
	s.home.soundLedger(t)
	s.report(t, took)
}

// seedOf is that of SALLYPORT_TEST_SEED, or a new one. It decides on the export and on
// the moments, as far as anything does beside a machine's other work.
func seedOf(t *testing.T) uint64 {
	seed, err := strconv.ParseUint(os.Getenv("SALLYPORT_TEST_SEED"), 10, 64)
	if err != nil {
		seed = uint64(time.Now().UnixNano())
	}
	t.Logf("SALLYPORT_TEST_SEED=%d", seed)
	return seed
}

func newSoak(t *testing.T, seed uint64, x extent) *soak {
	dir, err := os.MkdirTemp("", "sallyport-soak-") // short: a socket is in it
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	s := &soak{
		home: furnishAt(t, home{dir: dir, store: storeIn(dir)}), at: newAddress(t),
		known: generate(t, seed, x.rows), old: newEarlier(t), seed: rand.New(rand.NewPCG(seed, 1)),
	}
	s.file = s.known.save(t, s.home)
	path := filepath.Join(s.home.tree(), "meterman.yaml")
	if err := os.WriteFile(path, []byte(s.configuration()), 0o600); err != nil {
		t.Fatal(err)
	}
	s.home.run(t, "apply", s.home.tree(), "--yes")
	// Those who come last in the export come first by themselves, and as many whom it
	// does not have.
	people := slices.Clone(s.known.crowd)
	slices.Reverse(people)
	for n := range people {
		people = append(people, s.known.outsider(n))
	}
	half := len(people) / 2
	mixed := make([]*soaked, 0, len(people))
	for i := range half {
		mixed = append(mixed, people[i], people[half+i])
	}
	s.old.knows(mixed)
	s.all = newCrossers(s.home, mixed)
	return s
}

// configuration is the migration.
func (s *soak) configuration() string {
	kinds := map[string]bool{}
	for _, k := range s.known.kinds {
		kinds[k.kind] = true
	}
	var schemes strings.Builder
	for _, kind := range slices.Sorted(maps.Keys(kinds)) {
		fmt.Fprintf(&schemes, "    %s: %s\n", kind, kind)
	}
	return fmt.Sprintf(`kind: migration
name: %s
source: {format: csv}
key: id
groups: [residential]
map:
  - {from: login, to: username, required: true}
  - {from: email, to: email, verified: email_ok}
  - {from: name, to: name}
  - {from: status, to: state, values: {A: active, X: disabled}}
drop: [{field: status, equals: [T], reason: test-account}]
hash:
  from: hash
  scheme_from: kind
  schemes:
%sconnection:
  kind: oauth
  url: %s/token
  userinfo: %[3]s/userinfo
  client: sallyport
  authenticate: none
  network: ["%[4]s"]
  timeout: 20s
  rate: {calls: 200, per: 1s, burst: 200}
jit: {limit: {calls: 200, per: 1s, burst: 200}}
`, migration, schemes.String(), s.old.URL, s.old.host())
}

func (s *soak) start(t *testing.T) *node {
	began := time.Now()
	n := s.home.start(t, s.at)
	issuer := n.Issuers["apps"]
	s.all.issuer.Store(&issuer)
	if s.queued {
		s.resume(t, began)
	}
	return n
}

// resume waits for the first row that is new since the server died.
func (s *soak) resume(t *testing.T, began time.Time) {
	await(t, "the import goes on", func() bool {
		now := s.look(t)
		return now.Run != nil && (now.Run.Done > s.behind || now.Run.State == "done")
	})
	took := time.Since(began)
	s.resumed = append(s.resumed, took)
	if took > resumeWithin {
		t.Errorf("after death %d it took %v until a row was new, want at most %v", s.lives, took, resumeWithin)
	}
}

// look looks at a running server, and holds what it tells to what is known.
func (s *soak) look(t *testing.T) tally {
	t.Helper()
	least, _ := s.all.bounds('X')
	now, ok := s.home.window().look(t)
	if !ok {
		t.Fatal("the server does not answer its commands")
	}
	_, most := s.all.bounds('X')
	for _, wrong := range now.check(s.known, least, most) {
		t.Errorf("in life %d: %s", s.lives, wrong)
	}
	s.looks++
	if now.Job != nil && (now.Job.State == "failed" || now.Job.State == "paused") {
		t.Fatalf("in life %d the job is %+v", s.lives, *now.Job)
	}
	return now
}

// live goes on until it is time to die: at a random moment, or when a random number
// of rows is done. left is how many lives there are with this one.
func (s *soak) live(t *testing.T, n *node, left int) {
	if !s.queued {
		s.upload(t, n)
		return
	}
	if s.lives%5 == 4 {
		time.Sleep(time.Duration(s.seed.IntN(300)) * time.Millisecond)
		return
	}
	now := s.look(t)
	until := now.Run.Done + s.seed.Int64N(2*(now.Run.Total-now.Run.Done)/int64(left+1)+1)
	await(t, "so many rows are done", func() bool {
		now := s.look(t)
		return now.Run.Done >= until || now.Run.State == "done"
	})
}

// upload gives the server the export. It dies the first time while it takes it, or
// soon after.
func (s *soak) upload(t *testing.T, n *node) {
	args := []string{"migrate", "run", migration, "--file", s.file, "--detach"}
	if s.lives > 0 {
		s.home.run(t, args...)
		s.queued = true
		return
	}
	how := make(chan said, 1)
	go func() { how <- s.home.try(t, "", args...) }()
	time.Sleep(time.Duration(s.seed.IntN(150)) * time.Millisecond)
	n.kill()
	s.queued = (<-how).code == 0
}

// dead looks at what is left, line by line if whole.
func (s *soak) dead(t *testing.T, whole bool) {
	if whole {
		s.home.still(t, s.known)
		s.home.soundLedger(t)
	}
	left := ask[tally](t, s.home, "migrate", "status", migration, "--held", "0")
	if s.behind = 0; left.Run != nil {
		s.behind = left.Run.Done
		if left.Run.State != "done" {
			s.midst++
		}
	}
}

// finish waits until the import is done.
func (s *soak) finish(t *testing.T, n *node) {
	if !s.queued {
		s.upload(t, n)
	}
	await(t, "the import is done", func() bool {
		now := s.look(t)
		return now.Run != nil && now.Run.State == "done" && now.Run.Done == now.Run.Total
	})
}

// drain waits until everybody came in who gave the right password.
func (s *soak) drain(t *testing.T) {
	left := s.all.missing()
	// Twice as long as the pace takes: some are refused once, and come again.
	within := patience + 2*time.Duration(left)*time.Second/signIns
	if !waited(within, func() bool { return s.all.missing() == 0 }) {
		t.Fatalf("of %d people %d wait still after %v; the last of them saw\n%s", left, s.all.missing(), within, s.all.last)
	}
}
