package interop

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/oauth2"

	"sallyport/interop/harness"
)

// clockVariable moves the clock of a test build: by an offset, or by one in a file.
const clockVariable = "SALLYPORT_TEST_CLOCK"

func TestATokenRunsOutWhenTheClockIsMovedUnderARunningServer(t *testing.T) {
	clock := filepath.Join(t.TempDir(), "clock")
	setClock(t, clock, "0s")
	demo := harness.StartDemo(t, harness.Launch{Build: harness.TestHooks, Env: []string{clockVariable + "=" + clock}})
	rp := newRelyingParty(t, demo)
	verifier := oauth2.GenerateVerifier()
	token := rp.redeem(t, rp.code(t, verifier, "n"), verifier)
	bill := func(status int, check string) {
		t.Helper()
		// A jump makes the feed seem silent until the node polls it again, each second.
		await(t, offWithin, fmt.Sprintf("the bill is answered with %d", status), func() bool {
			got := call(t, demo, http.MethodGet, harness.PathBill, nil, rp.app.SubscriptionKey, token.AccessToken)
			if got.status != status && got.status != http.StatusServiceUnavailable {
				t.Fatalf("the bill was answered with %+v, want %d", got, status)
			}
			return got.status == status && got.check == check
		})
	}
	bill(http.StatusOK, "")
	setClock(t, clock, "9m") // it lives for ten minutes
	bill(http.StatusOK, "")
	setClock(t, clock, "11m")
	bill(http.StatusUnauthorized, harness.CheckToken)
	token = rp.refresh(t, token.RefreshToken)
	bill(http.StatusOK, "")
}

func TestAnOffsetMovesTheClockFromTheStart(t *testing.T) {
	demo := harness.StartDemo(t, harness.Launch{Build: harness.TestHooks, Env: []string{clockVariable + "=+36h"}})
	token := newMachine(demo, harness.PayRight).mustToken(t, harness.ScopeWritePosting)
	issued := claim[int64](t, token, "iat")
	if moved := time.Until(time.Unix(issued, 0)); moved < 35*time.Hour || moved > 37*time.Hour {
		t.Errorf("a token was issued %v from now, want 36h", moved)
	}
}

func setClock(t *testing.T, name, offset string) {
	t.Helper()
	replaceFile(t, name, []byte(offset+"\n"))
}

func TestWhatPeopleGetHasNoTestHooks(t *testing.T) {
	for build, want := range map[harness.Build]bool{harness.Plain: false, harness.TestHooks: true} {
		program, err := os.ReadFile(harness.Binary(t, build))
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(program, []byte("SALLYPORT_TEST_")) != want {
			t.Errorf("the %s build: holds test hooks is %v, want %v", build, !want, want)
		}
	}
}
