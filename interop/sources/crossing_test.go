package sources

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestPeerSlapdLosesItsPeopleToUs(t *testing.T) { crossing(t, byDirectory, directory) }

func TestPeerPostgreSQLLosesItsPeopleToUs(t *testing.T) { crossing(t, byDjango, postgresql) }

func TestPeerMariaDBLosesItsPeopleToUs(t *testing.T) { crossing(t, byWordPress, mariadb) }

// crossing is the whole story of one system.
func crossing(t *testing.T, hashed hashing, start func(testing.TB, []person) *old) {
	t.Parallel()
	all := people(t, 0, crowd(t), hashed)
	o := start(t, all)
	h := newHere(t, o)
	h.keep(all)

	export := o.fetched(t, h, all)
	var first, second report
	h.RunJSON(t, &first, "migrate", "run", "old", "--file", export)
	if first.Imported != len(all) || first.Held+first.Dropped != 0 {
		t.Fatalf("of %d people: %+v", len(all), first)
	}
	h.RunJSON(t, &second, "migrate", "run", "old", "--from-source")
	if second.Imported+second.Held+second.Dropped != 0 || second.Known != len(all) {
		t.Errorf("the same again, from the source: %+v", second)
	}
	t.Run("with their passwords", func(t *testing.T) { h.everybody(t, all, 0, "", "") })
	t.Run("not with others", func(t *testing.T) { h.everybody(t, all[:6], 5000, "x", notTheirs) })

	o.stop()
	others := people(t, len(all), max(10, len(all)/5), hashed)
	h.keep(others)
	o.add(t, others)
	o.start(t)
	o.crossed(t, h, others)
	if now := h.standing(t); now["imported"] != len(all)+len(others) || now["pending"]+now["held"] != 0 {
		t.Errorf("of %d people and %d: %v", len(all), len(others), now)
	}
	o.atOnce(t, append(all, others...))
}

// fetched reads the system out as it should be, and again with the system dead midway:
// the file that is gone on with is the same, and nobody is here before.
func (o *old) fetched(t *testing.T, h *here, all []person) (export string) {
	t.Helper()
	whole, halved := filepath.Join(h.Dir, "whole.gz"), filepath.Join(h.Dir, "halved.gz")
	before, began := o.gate.total(), time.Now()
	h.Run(t, "migrate", "fetch", "old", "--to", whole)
	size := o.gate.total() - before
	t.Logf("%d people read in %v, %d bytes", len(all), time.Since(began).Round(10*time.Millisecond), size)

	stopped := o.gate.after(size*3/4, o.stop)
	command := h.begun(t, "migrate", "fetch", "old", "--to", halved)
	await(t, stopped)
	if o.page < len(all)*2/3 { // the server tells how far it came, and goes on trying
		await(t, appears(t, halved+".cursor"))
	}
	must(t, command.Process.Signal(os.Interrupt))
	if err := command.Wait(); err == nil {
		t.Error("a fetch that was interrupted went well")
	}
	if _, err := os.Stat(halved); err == nil {
		t.Error("half a file is taken for a whole one")
	}
	if o.complete(t, halved+".part", all) {
		t.Error("everybody was read of a system that died")
	}
	if now := h.standing(t); len(now) > 0 && now["imported"]+now["pending"] > 0 {
		t.Errorf("before anything was imported: %v", now)
	}
	o.start(t)
	h.Run(t, "migrate", "fetch", "old", "--to", halved, "--resume")
	if !bytes.Equal(unpacked(t, whole), unpacked(t, halved)) {
		t.Error("a fetch that was gone on with reads something else")
	}
	if !o.complete(t, halved, all) {
		t.Error("not everybody is in the file, once")
	}
	return halved
}

// complete tells whether a file has everybody, each once.
func (o *old) complete(t *testing.T, file string, all []person) bool {
	t.Helper()
	text := append([]byte("\n"), unpacked(t, file)...)
	for _, p := range all {
		if bytes.Count(text, []byte(o.person(p))) != 1 {
			return false
		}
	}
	return true
}

func unpacked(t *testing.T, file string) []byte {
	t.Helper()
	f, err := os.Open(file)
	must(t, err)
	defer f.Close()
	r, err := gzip.NewReader(f)
	if err == io.EOF {
		return nil // nothing was read yet
	}
	must(t, err)
	text, err := io.ReadAll(r)
	must(t, err)
	return text
}

// crossed takes others along as they sign in, until the system is gone.
func (o *old) crossed(t *testing.T, h *here, others []person) {
	t.Helper()
	late := others[len(others)-1:]
	others = others[:len(others)-1]
	t.Run("nobody crosses by another password", func(t *testing.T) { h.everybody(t, others[:4], 10_000, "x", notTheirs) })
	t.Run("as they sign in", func(t *testing.T) { h.everybody(t, others, 11_000, "", "") })
	o.stop()
	t.Run("again when the system is gone", func(t *testing.T) { h.everybody(t, others, 15_000, "", "") })
	t.Run("nobody by another password then", func(t *testing.T) { h.everybody(t, others[:4], 18_000, "x", notTheirs) })
	t.Run("who is not here yet cannot be checked", func(t *testing.T) { h.everybody(t, late, 19_000, "", unchecked) })
	t.Run("nor be told that a password is wrong", func(t *testing.T) { h.everybody(t, late, 19_001, "x", unchecked) })
	o.start(t)
	t.Run("and is let in when the system is back", func(t *testing.T) { h.everybody(t, late, 19_002, "", "") })
}

// atOnce has another server read and import everybody in one, while the system dies
// midway and comes back: nobody need do anything.
func (o *old) atOnce(t *testing.T, all []person) {
	t.Helper()
	h := newHere(t, o)
	h.keep(all)
	before := o.gate.total()
	h.Run(t, "migrate", "fetch", "old", "--to", filepath.Join(h.Dir, "whole.gz"))
	stopped := o.gate.after((o.gate.total()-before)*3/4, o.stop)
	began := time.Now()
	command := h.begun(t, "migrate", "run", "old", "--from-source")
	await(t, stopped)
	if now := h.standing(t); now["imported"]+now["pending"] > 0 {
		t.Errorf("of a system that died midway: %v", now)
	}
	o.start(t)
	must(t, command.Wait())
	if now := h.standing(t); now["imported"] != len(all) {
		t.Errorf("of %d people: %v", len(all), now)
	}
	t.Logf("%d people read and imported in %v, with the system dead in between", len(all), time.Since(began).Round(10*time.Millisecond))
	t.Run("read and imported in one", func(t *testing.T) { h.everybody(t, all[:6], 20_000, "", "") })
}

// await waits for what the test set in motion.
func await(t *testing.T, happened <-chan struct{}) {
	t.Helper()
	select {
	case <-happened:
	case <-time.After(time.Minute):
		t.Fatal("it does not come to that")
	}
}

// appears tells when a file is there.
func appears(t *testing.T, path string) <-chan struct{} {
	there := make(chan struct{})
	go func() {
		again := time.NewTicker(5 * time.Millisecond)
		defer again.Stop()
		for {
			if _, err := os.Stat(path); err == nil {
				close(there)
				return
			}
			select {
			case <-again.C:
			case <-t.Context().Done():
				return
			}
		}
	}()
	return there
}
