package crash

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"sallyport/interop/harness"
)

// smallDisk mounts a disk of a few megabytes, or skips t by name.
func smallDisk(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := mountSmall(dir); err != nil {
		t.Skip("a small disk cannot be mounted here: ", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// fill takes all the space that is left, and gives the file that has it.
func fill(t *testing.T, dir string) string {
	t.Helper()
	name := filepath.Join(dir, "ballast")
	file, err := os.OpenFile(name, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for size := 64 << 10; size > 0; {
		_, err := file.Write(bytes.Repeat([]byte{1}, size))
		if errors.Is(err, syscall.ENOSPC) {
			size /= 2
		} else if err != nil {
			t.Fatal(err)
		}
	}
	return name
}

func TestAFullDiskIsSaidPlainlyAndNothingIsLost(t *testing.T) {
	disk := smallDisk(t)
	h := furnishAt(t, home{dir: t.TempDir(), store: storeIn(disk)})
	n := h.start(t, newAddress(t))
	c := n.caller(h)
	received := []string{c.machine(t).jti(t)}
	ballast := fill(t, disk)

	var last answer
	await(t, "the full disk is felt", func() bool { // there is room within the files
		last = c.must(t, "enterprise", "payright", machineForm())
		if last.status == http.StatusOK {
			received = append(received, last.jti(t))
		}
		return last.status != http.StatusOK
	})
	unavailable(t, last)
	args := []string{"env", "create", "harbourlight/preview"}
	h.plainly(t, h.try(t, "", args...))
	importing := []string{"migrate", "run", migration, "--file", h.export(t, exported, true), "--env", place}
	if how := h.try(t, "", importing...); how.code != 1 || !strings.Contains(how.err, "no room for the export") || !strings.Contains(how.err, "fix:") {
		t.Errorf("an export for which there is no room ended with exit code %d\n%s%s", how.code, how.out, how.err)
	}

	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	await(t, "tokens are issued again", func() bool {
		last = c.must(t, "enterprise", "payright", machineForm())
		return last.status == http.StatusOK
	})
	received = append(received, last.jti(t))
	h.run(t, args...)
	h.ends(t, h.try(t, "", importing...), importing, 6)
	if s := ask[standing](t, h, "migrate", "status", migration, "--env", place); s.Run.State != "done" || s.sum() != exported {
		t.Errorf("the import that the full disk stopped left %+v of %v", *s.Run, s.Records)
	}
	n.leave(t)
	if lost := missing(received, h.issued(t)); len(lost) > 0 {
		t.Errorf("of %d tokens that were received, %d stand in no ledger", len(received), len(lost))
	}
	h.soundLedger(t)
}

// What a full disk keeps from being written is refused, and never said to be done: who
// revokes a token must not be told that it is dead, and nobody gets a session that is in
// no ledger. With room again, all of it works without a hand.
func TestAFullDiskIsNoSignInAndNoRevocation(t *testing.T) {
	disk := smallDisk(t)
	h := furnishAt(t, home{dir: t.TempDir(), store: storeIn(disk)})
	h.people(t, customers)
	n := h.start(t, newAddress(t))
	c := n.caller(h)
	held, err := c.redeem(t, c.signIn(t))
	if err != nil {
		t.Fatal(err)
	}
	granted(t, held)
	ballast := fill(t, disk)
	await(t, "the full disk is felt", func() bool {
		return c.must(t, "enterprise", "payright", machineForm()).status != http.StatusOK
	})

	if status, text := c.revoke(t, held.RefreshToken); status != http.StatusServiceUnavailable || internals.MatchString(text) {
		t.Errorf("a revocation that cannot be stored was answered %d %s", status, text)
	}
	if done, _ := attempt(t, func(t testing.TB) bool { c.signIn(t); return true }); done {
		t.Error("somebody signed in, and no ledger can tell of it")
	}
	if n.gone() {
		t.Fatal("the server ended: ", n.said())
	}

	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	await(t, "a token is revoked", func() bool {
		status, _ := c.revoke(t, held.RefreshToken)
		return status == http.StatusOK
	})
	again, err := c.refresh(t, held.RefreshToken)
	if err != nil {
		t.Fatal(err)
	}
	refused(t, "a refresh token that was revoked", again)
	c.signIn(t)
	n.leave(t)
	h.soundLedger(t)
}

// revoke has My Account revoke a token of its own.
func (c caller) revoke(t testing.TB, token string) (status int, text string) {
	t.Helper()
	form := url.Values{"token": {token}}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, c.node.Issuers[harness.ServerApps]+"/revoke", strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.SetBasicAuth(harness.MyAccount, c.home.secrets[harness.MyAccount])
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := c.http.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	said, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(said)
}
