package interop

import (
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base32"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"sallyport/interop/harness"
)

// newPassword is what operators of these tests choose.
const newPassword = "heron over copper water"

// Selectors of the pages that operators pass.
const (
	codeField     = "#" + harness.FieldCode
	recoveryField = "#" + harness.FieldRecovery
	consoleHome   = `a[href$="/signout"]` // what only whoever is signed in is shown
)

// totp gives the code of an authenticator app (RFC 6238) for a key as a page
// shows it. It is written here so that the product is not its own witness.
func totp(t *testing.T, key string, at time.Time) string {
	t.Helper()
	secret, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.ReplaceAll(key, " ", ""))
	if err != nil {
		t.Fatalf("the key %q: %v", key, err)
	}
	mac := hmac.New(sha1.New, secret)
	_ = binary.Write(mac, binary.BigEndian, at.Unix()/30) // a hash takes everything
	sum := mac.Sum(nil)
	offset := sum[len(sum)-1] & 15
	return fmt.Sprintf("%06d", binary.BigEndian.Uint32(sum[offset:])&0x7fffffff%1_000_000)
}

// firstLink is what a server wrote for its first operator.
func firstLink(t *testing.T, s *harness.Server) (file, link string) {
	t.Helper()
	file = strings.TrimPrefix(s.StoreFlag, "sqlite:") + ".operator-link"
	info, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode() != 0o600 {
		t.Errorf("the link lies in a file of mode %v, want 0600", info.Mode())
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	link = strings.TrimSpace(string(text))
	at, err := url.Parse(link)
	if err != nil || len(at.Query().Get("t")) < 40 {
		t.Fatalf("the file holds %q", link)
	}
	s.Keep(at.Query().Get("t")) // it is printed to a terminal alone
	return file, link
}

// Robin is nobody yet, has a keyboard and no mouse, and their browser runs no script.
func TestTheFirstOperatorComesInByTheLinkWithAKeyboardAlone(t *testing.T) {
	t.Parallel()
	clock := filepath.Join(t.TempDir(), "clock")
	setClock(t, clock, "0s")
	server := harness.StartServer(t, harness.Launch{Build: harness.TestHooks, Env: []string{clockVariable + "=" + clock}})
	file, link := firstLink(t, server)
	if !strings.Contains(server.Log(t), filepath.Base(file)) {
		t.Error("the log does not say where the link is")
	}
	server.Keep(newPassword)
	tab := harness.Browser(t)
	run(t, tab, emulation.SetScriptExecutionDisabled(true))

	open(t, tab, link, "#username")
	steps(t, tab, "Step 1 of 3")
	keys(t, tab, "robin", kb.Tab, "Robin Reyes", kb.Tab, newPassword, kb.Enter)
	run(t, tab, chromedp.WaitVisible("#totp-key"))
	steps(t, tab, "Step 2 of 3")
	if present(t, tab, password) {
		t.Error("they have to type their password again")
	}
	key := text(t, tab, "#totp-key")
	server.Keep(key, strings.ReplaceAll(key, " ", ""))
	keys(t, tab, "000 000", kb.Enter)
	run(t, tab, chromedp.WaitVisible(harness.Problem))
	if got := text(t, tab, "#totp-key"); got != key {
		t.Errorf("after a mistake another key is shown")
	}
	tabTo(t, tab, codeField)
	keys(t, tab, totp(t, key, time.Now()), kb.Enter)
	run(t, tab, chromedp.WaitVisible("#recovery-codes"))
	steps(t, tab, "Step 3 of 3")
	codes := strings.Fields(text(t, tab, "#recovery-codes"))
	if len(codes) != 10 {
		t.Fatalf("they are shown %q", codes)
	}
	server.Keep(codes...)
	press(t, tab, "#"+harness.ButtonSubmit, consoleHome)
	if got := location(t, tab); got != server.URL+"/console/" {
		t.Errorf("they are at %s", got)
	}

	open(t, tab, link, harness.Problem)
	await(t, 10*time.Second, "the link's file is gone", func() bool {
		_, err := os.Stat(file)
		return errors.Is(err, fs.ErrNotExist)
	})

	signOut(t, tab, server)
	setClock(t, clock, "1m") // the code that enrolled is spent
	toCodePage(t, tab, server)
	keys(t, tab, totp(t, key, time.Now().Add(time.Minute)), kb.Enter)
	run(t, tab, chromedp.WaitVisible(consoleHome))

	signOut(t, tab, server)
	for i, want := range []string{consoleHome, harness.Problem} { // a recovery code is good once
		toCodePage(t, tab, server)
		press(t, tab, "#use-recovery-code", recoveryField)
		keys(t, tab, codes[3], kb.Enter)
		run(t, tab, chromedp.WaitVisible(want))
		if i == 0 {
			signOut(t, tab, server)
		}
	}
}

// toCodePage gives name and password where the console asks for them.
func toCodePage(t *testing.T, tab context.Context, server *harness.Server) {
	t.Helper()
	open(t, tab, server.URL+"/console/", username)
	keys(t, tab, "robin", kb.Enter)
	run(t, tab, chromedp.WaitVisible(password))
	keys(t, tab, newPassword, kb.Enter)
	run(t, tab, chromedp.WaitVisible(codeField))
}

func signOut(t *testing.T, tab context.Context, server *harness.Server) {
	t.Helper()
	open(t, tab, server.URL+"/console/", consoleHome)
	press(t, tab, consoleHome, "#logout-confirm")
	run(t, tab, chromedp.Evaluate(`document.querySelector("h1").id = "before"`, nil))
	tabTo(t, tab, "#logout-confirm")
	keys(t, tab, kb.Enter)
	run(t, tab, chromedp.WaitVisible("h1:not(#before)"))
	open(t, tab, server.URL+"/console/", username)
}

// steps looks at where the page says that they are.
func steps(t *testing.T, tab context.Context, want string) {
	t.Helper()
	if got := text(t, tab, "header p"); got != want {
		t.Errorf("the page says %q, want %q", got, want)
	}
}

// keys types, where the page put the cursor.
func keys(t *testing.T, tab context.Context, typed ...string) {
	t.Helper()
	for _, text := range typed {
		run(t, tab, chromedp.KeyEvent(text))
	}
}

// press goes to an element by the tabulator and presses Enter there.
func press(t *testing.T, tab context.Context, selector, arrived string) {
	t.Helper()
	tabTo(t, tab, selector)
	keys(t, tab, kb.Enter)
	run(t, tab, chromedp.WaitVisible(arrived))
}

// tabTo goes to an element by the tabulator.
func tabTo(t *testing.T, tab context.Context, selector string) {
	t.Helper()
	for range 60 {
		var there bool
		run(t, tab, chromedp.Evaluate(fmt.Sprintf("document.activeElement.matches(%q)", selector), &there))
		if there {
			return
		}
		keys(t, tab, kb.Tab)
	}
	t.Fatalf("the keyboard does not lead to %s", selector)
}
