package crash

import (
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"sallyport/interop/harness"
)

// world is what stories begin with, and what they must come to.
type world struct {
	bare    home     // nobody was imported yet
	peopled home     // customers few enough to wait for
	worked  home     // the same after a day's work: what is made at first use is there
	crossed crossing // what an import leaves that nobody cut
	// awaiting has users whose passwords are to come in a second file, and joined is
	// what that leaves.
	awaiting home
	joined   joined
	digest   string // of the revision that an apply makes
}

// customers is how many there are in a peopled world.
const customers = 8

func newWorld(t *testing.T, c *cluster) world {
	t.Helper()
	w := world{bare: furnish(t, c)}
	w.peopled = w.bare.copy(t)
	w.peopled.people(t, customers)
	w.worked = w.peopled.copy(t)
	n := w.worked.start(t, newAddress(t))
	new(holdings).work(t, n.caller(w.worked))
	n.leave(t)
	w.crossed = uncutCrossing(t, w.bare)
	w.awaiting = awaiting(t, w.bare)
	w.joined = uncutJoin(t, w.awaiting)
	w.digest = uncutDigest(t, w.bare)
	return w
}

// story is work that can be cut anywhere and done again.
type story struct {
	name string
	// only is the beginning of the points that it is cut at; empty for all.
	only string
	// slow stories wait for timers.
	slow bool
	// most bounds n in the small form.
	most int
	// play cuts the story at point:n, does it again and checks what is left. It says
	// whether the cut was reached.
	play func(t testing.TB, w world, cut string) (reached bool)
}

// stories are all that a server and its commands write durably.
var stories = []story{
	{name: "import", most: 3, play: cutImport},
	{name: "import through a server", most: 2, play: cutServedImport},
	{name: "import of two files", only: "intake.", most: 1, play: cutJoin},
	{name: "undo", only: "intake.", most: 1, play: cutUndo},
	{name: "arrival", only: "intake.admit.", most: 1, play: cutArrival},
	{name: "apply", most: 6, play: cutApply},
	{name: "apply through a server", most: 3, play: cutServedApply},
	{name: "change", only: "promotion.", most: 1, play: cutChange},
	{name: "change through a server", only: "promotion.", most: 1, play: cutServedChange},
	{name: "first token", most: 3, play: cutFirstTokens},
	{name: "token", most: 6, play: cutTokens},
	{name: "wrap", only: "intake.wrap.", slow: true, most: 1, play: cutWrap},
}

// within tells of a point that no story here passes yet: erasure is killed at each of its
// by a test of service/intake, in processes of their own, and messages by a test of theirs.
func within(point string) bool {
	for _, work := range []string{"intake.erase.", "notify."} {
		if strings.HasPrefix(point, work) {
			return true
		}
	}
	return false
}

// crashPoints asks the binary where it can be made to die.
func crashPoints(t testing.TB) []string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), harness.Binary(t, harness.TestHooks), "crashpoints").Output()
	if err != nil {
		t.Fatal(err)
	}
	points := strings.Fields(string(out))
	if len(points) == 0 {
		t.Fatal("the binary lists no crash point")
	}
	return points
}

// form is how often a point is passed at most before the cut.
type form int

const (
	whole  form = iota // as often as a story passes it
	small              // as often as the story says
	little             // once
)

// most is the last n that a story is cut at, at a point that it passes so often when
// nothing cuts it. The whole form does not take that for granted.
func (f form) most(s story, passes int) int {
	switch f {
	case whole:
		return math.MaxInt
	case small:
		return min(s.most, passes)
	default:
		return min(1, passes)
	}
}

// cutEverywhere plays every story once for each point that it passes and n, until one ends
// uncut or n is beyond its form. The store is a database of c, or SQLite.
func cutEverywhere(t *testing.T, c *cluster, as form) {
	points, w := crashPoints(t), newWorld(t, c)
	passed := map[string]*atomic.Int64{}
	for _, point := range points {
		passed[point] = new(atomic.Int64)
	}
	// They go side by side, since a case mostly waits: for a disk, or for a server's
	// timer, for which it needs no seat.
	seats := make(chan struct{}, 4)
	var all sync.WaitGroup
	for _, s := range stories {
		all.Go(func() {
			ahead := s.passes(t, w, seats)
			for _, point := range points {
				if strings.HasPrefix(point, s.only) {
					all.Go(func() { passed[point].Add(s.playAll(t, w, point, as.most(s, ahead[point]), seats)) })
				}
			}
		})
	}
	all.Wait()
	var cases int64
	for _, point := range points {
		cases += passed[point].Load()
		if passed[point].Load() == 0 && !within(point) {
			t.Errorf("no story passes the crash point %s: write one that does", point)
		}
	}
	t.Logf("%d crashes at %d points", cases, len(points))
}

// passes plays a story that nothing cuts, and tells how often it passes each point.
func (s story) passes(t *testing.T, w world, seats chan struct{}) map[string]int {
	list := filepath.Join(t.TempDir(), "passed")
	defer s.sit(seats)()
	if reached, failure := attempt(t, func(t testing.TB) bool { return s.play(t, w, "list:"+list) }); reached || failure != "" {
		t.Errorf("%s, uncut: %v %s", s.name, reached, failure)
	}
	text, err := os.ReadFile(list)
	if err != nil {
		t.Errorf("%s passes no point: %v", s.name, err)
	}
	times := map[string]int{}
	for _, point := range strings.Fields(string(text)) {
		times[point]++
	}
	return times
}

// sit takes a seat and gives how to leave it.
func (s story) sit(seats chan struct{}) (leave func()) {
	if s.slow {
		return func() {}
	}
	seats <- struct{}{}
	return func() { <-seats }
}

// playAll cuts one story at one point up to most times, and gives how often.
func (s story) playAll(t *testing.T, w world, point string, most int, seats chan struct{}) (cuts int64) {
	for n := 1; n <= most; n++ {
		cut := fmt.Sprintf("%s:%d", point, n)
		leave := s.sit(seats)
		reached, failure := attempt(t, func(t testing.TB) bool { return s.play(t, w, cut) })
		leave()
		if failure != "" {
			t.Errorf("%s, cut at %s: %s", s.name, cut, failure)
		}
		if !reached {
			return cuts
		}
		cuts++
	}
	return cuts
}

// attempt runs do so that its failure ends only do, on whatever goroutine this is, and
// gives what it said.
func attempt(t testing.TB, do func(testing.TB) bool) (done bool, failure string) {
	trial := &trial{TB: t}
	finished := make(chan struct{})
	go func() {
		defer close(finished)
		done = do(trial)
	}()
	<-finished
	trial.cleanUp()
	return done, strings.Join(trial.failures, "\n")
}

// trial is a test within a test.
type trial struct {
	testing.TB
	mu       sync.Mutex
	failures []string
	cleanups []func()
}

func (t *trial) fail(text string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.failures = append(t.failures, text)
}

func (t *trial) Error(args ...any)                 { t.fail(fmt.Sprint(args...)) }
func (t *trial) Errorf(format string, args ...any) { t.fail(fmt.Sprintf(format, args...)) }
func (t *trial) Fatal(args ...any)                 { t.fail(fmt.Sprint(args...)); runtime.Goexit() }
func (t *trial) Fatalf(format string, args ...any) {
	t.fail(fmt.Sprintf(format, args...))
	runtime.Goexit()
}

func (t *trial) Failed() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.failures) > 0
}

func (t *trial) Cleanup(f func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.cleanups = append(t.cleanups, f)
}

// TempDir is gone with the trial, not with the test: there are hundreds.
func (t *trial) TempDir() string {
	dir, err := os.MkdirTemp(quick(), "sallyport-case-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// quick is where a story keeps what it begins with: in memory where there is room, since
// what is killed is a process, and files outlive that on whatever disk they are.
func quick() string {
	const memory, enough = "/dev/shm", 1 << 30
	var about syscall.Statfs_t
	if err := syscall.Statfs(memory, &about); err != nil || about.Bavail*uint64(about.Bsize) < enough {
		return "" // the usual place
	}
	return memory
}

func (t *trial) cleanUp() {
	for len(t.cleanups) > 0 {
		last := len(t.cleanups) - 1
		f := t.cleanups[last]
		t.cleanups = t.cleanups[:last]
		f()
	}
}

// during starts a server that is cut at a point, and does something meanwhile, which may
// fail only over the cut. It gives false if the server left without having been cut.
func (h home) during(t testing.TB, at address, cut string, do func(t testing.TB, n *node)) bool {
	t.Helper()
	n, alive := h.serve(t, at, cut)
	if !alive {
		return true
	}
	_, failure := attempt(t, func(t testing.TB) bool { do(t, n); return true })
	if failure == "" {
		return n.leave(t)
	}
	if !n.endsSoon() {
		t.Fatalf("%s\n%s", failure, n.said())
	}
	return true
}
