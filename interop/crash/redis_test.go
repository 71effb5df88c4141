package crash

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"sallyport/interop/harness"
)

// counters is a Redis server of one test, which the test may stop, start and freeze.
type counters struct {
	dir, port string
	cmd       *exec.Cmd
	ended     chan struct{}
}

// newCounters starts a server on a loopback port. Without Redis it skips t by name,
// and fails it when CI=true.
func newCounters(t *testing.T) *counters {
	t.Helper()
	if _, err := exec.LookPath("redis-server"); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("no Redis found (make setup installs it)")
		}
		t.Skip("no Redis found (make setup installs it)")
	}
	_, port, _ := strings.Cut(string(newAddress(t)), ":")
	c := &counters{dir: t.TempDir(), port: port}
	c.start(t)
	t.Cleanup(func() { c.kill(); <-c.ended })
	return c
}

func (c *counters) start(t testing.TB) {
	t.Helper()
	c.cmd = exec.Command("redis-server", "--port", c.port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", c.dir)
	if err := c.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	c.ended = make(chan struct{})
	go func(cmd *exec.Cmd, ended chan struct{}) {
		_ = cmd.Wait() // it was killed
		close(ended)
	}(c.cmd, c.ended)
	await(t, "Redis answers", func() bool { return c.cli("PING") == "PONG" })
}

// kill ends the server at once.
func (c *counters) kill() { _ = c.cmd.Process.Kill() }

func (c *counters) cli(command ...string) string {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	out, _ := exec.CommandContext(ctx, "redis-cli", append([]string{"-p", c.port}, command...)...).CombinedOutput()
	return strings.TrimSpace(string(out))
}

func (c *counters) must(t testing.TB, command ...string) {
	t.Helper()
	if said := c.cli(command...); said != "OK" {
		t.Fatalf("redis-cli %v: %s", command, said)
	}
}

func (c *counters) url() string { return "redis://127.0.0.1:" + c.port }

const (
	// burst is how many tokens PayRight may have at once in the test's tree; none
	// comes back while the test looks.
	burst = 30
	// soonEnough bounds how long one token takes, whatever Redis does: one request a
	// second may wait a quarter of a second for it, and the machine is busy.
	soonEnough = 3 * time.Second
)

// pair is two nodes that share counters.
type pair struct {
	*testing.T
	home  home
	nodes []*node
	redis *counters
}

// ask has PayRight ask both nodes in turn and at once, and counts the tokens that
// each gave. Whoever is above the limit must be told so; nobody may wait for long.
func (p pair) ask(times int) (given [2]int) {
	p.Helper()
	var all sync.WaitGroup
	var mu sync.Mutex
	for k, n := range p.nodes {
		c := n.caller(p.home)
		all.Go(func() {
			for range times {
				began := time.Now()
				a, err := c.ask(p, harness.ServerEnterprise, harness.PayRight, machineForm())
				took := time.Since(began)
				mu.Lock()
				switch {
				case err != nil:
					p.Errorf("a request was lost: %v", err)
				case a.status == http.StatusOK:
					given[k]++
				case a.status != http.StatusTooManyRequests:
					p.Errorf("the token endpoint answered %d %s", a.status, a.text)
				}
				if took > soonEnough {
					p.Errorf("a token was answered after %v", took)
				}
				mu.Unlock()
			}
		})
	}
	all.Wait()
	return given
}

// together checks that the nodes have one limit between them, which is whole. On
// a busy machine Redis may answer later than a node waits: then that node counted
// for itself and said so, and the question is put again.
func (p pair) together(when string) {
	p.Helper()
	const tries = 5
	for range tries {
		fell := p.said(fellSilent)
		given := p.ask(burst)
		if given[0]+given[1] == burst {
			return
		}
		if p.said(fellSilent) == fell {
			p.Errorf("%s: the nodes gave %v tokens, and %d is their limit together", when, given, burst)
			return
		}
		p.again(p.said(cameBack))
	}
	p.Errorf("%s: Redis was too late in each of %d tries", when, tries)
}

// alone checks that each node has the limit for itself, or what is left of it.
func (p pair) alone(when string, least int) {
	p.Helper()
	for k, n := range p.ask(burst + 5) {
		if n < least || n > burst {
			p.Errorf("%s: node %d gave %d tokens, want %d to %d", when, k, n, least, burst)
		}
	}
}

// said counts the lines of both logs in which a text stands.
func (p pair) said(text string) (lines int) {
	for _, n := range p.nodes {
		lines += strings.Count(n.said(), text)
	}
	return lines
}

const (
	fellSilent = "rate counters do not answer"
	cameBack   = "rate counters answer again"
)

// again waits until both nodes ask Redis again: they do so once a second, as
// somebody asks them. They have been away and back so many times at least; a busy
// machine may make it once more. What that spends is forgotten.
func (p pair) again(times int) {
	p.Helper()
	await(p, "both nodes share again", func() bool {
		p.ask(1)
		back := p.said(cameBack)
		return back >= times && back == p.said(fellSilent)
	})
	p.redis.must(p, "FLUSHALL")
}

// Redis keeps counters and nothing else. While it is away, refuses, or does not
// answer, requests go on, each node counts for itself, and says so once; when it is
// back the nodes find it by themselves.
func TestLimitsWithoutTheRedisThatSharesThem(t *testing.T) {
	t.Parallel()
	database := newCluster(t)
	redis := newCounters(t)
	h := furnish(t, database)
	h.amend(t, "applications.yaml", "  enterprise: [payments.write.posting, payments.read.posting]\n",
		fmt.Sprintf("  enterprise: [payments.write.posting, payments.read.posting]\nrate: {calls: 1, per: 1h, burst: %d}\n", burst))
	h.run(t, "apply", h.tree(), "--yes")
	p := pair{T: t, home: h, redis: redis}
	for _, h := range []home{h, h.machine(t)} {
		p.nodes = append(p.nodes, h.start(t, newAddress(t), "--redis", redis.url()))
	}

	p.together("at first")
	p.doctor("ok")
	if n := p.said(fellSilent); n != 0 {
		t.Errorf("Redis was said to be away %d times before it was", n)
	}

	redis.kill()
	<-redis.ended
	p.alone("without Redis", burst)
	p.doctor("warning")
	p.healthy()
	redis.start(t)
	p.again(2)
	p.together("with Redis again")
	p.doctor("ok")

	// From here on each node's own counter is used up: what matters is that nothing
	// fails, nobody waits, and what is shared is shared again.
	for round, ill := range []struct {
		when       string
		fall, heal func()
	}{
		{"when Redis is full", func() { redis.must(t, "CONFIG", "SET", "maxmemory", "1") }, func() { redis.must(t, "CONFIG", "SET", "maxmemory", "0") }},
		{"when Redis is read-only", func() { redis.must(t, "REPLICAOF", "127.0.0.1", "1") }, func() { redis.must(t, "REPLICAOF", "NO", "ONE") }},
		{"when Redis stands still", func() { redis.signal(t, syscall.SIGSTOP) }, func() { redis.signal(t, syscall.SIGCONT) }},
	} {
		redis.must(t, "FLUSHALL")
		ill.fall()
		p.alone(ill.when, 0)
		p.healthy()
		ill.heal()
		p.again(2 * (round + 2))
		p.together("after that, " + ill.when)
	}
	if fell, back := p.said(fellSilent), p.said(cameBack); fell != back || fell > 40 {
		t.Errorf("Redis was said to be away %d times, and to be back %d times", fell, back)
	}
	for _, n := range p.nodes {
		n.leave(t)
	}
	h.soundLedger(t)
}

// machine gives the home of another machine that has the same database and key.
func (h home) machine(t testing.TB) home {
	t.Helper()
	other := h
	other.dir = t.TempDir()
	key, err := os.ReadFile(filepath.Join(h.dir, h.key))
	if err != nil {
		t.Fatal(err)
	}
	to := filepath.Join(other.dir, h.key)
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, key, 0o600); err != nil {
		t.Fatal(err)
	}
	return other
}

func (c *counters) signal(t testing.TB, s syscall.Signal) {
	t.Helper()
	if err := c.cmd.Process.Signal(s); err != nil {
		t.Fatal(err)
	}
}

// healthy checks that load balancers keep sending requests.
func (p pair) healthy() {
	p.Helper()
	for _, n := range p.nodes {
		if status, text := n.caller(p.home).get(p, n.URL+"/healthz"); status != http.StatusOK {
			p.Errorf("without its counters a node says that it is not well: %d %s", status, text)
		}
	}
}

// doctor waits until what is found about the counters is as it should be: it
// asks Redis once, which a busy machine may answer too late.
func (p pair) doctor(want string) {
	p.Helper()
	await(p, "doctor says of the counters "+want, func() bool {
		said := ask[struct {
			Checks []struct{ Check, Result, What string }
		}](p, p.home, "doctor")
		for _, c := range said.Checks {
			if c.Check == "rate counters" {
				return c.Result == want
			}
		}
		p.Fatalf("doctor says nothing of the counters: %+v", said)
		return false
	})
}
