package harness

import (
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// TestMain lets the test binary play the demo when a test starts it as one.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "demo" {
		os.Exit(playDemo(os.Args))
	}
	os.Exit(m.Run())
}

// playDemo is a demo with nothing behind it. Its last argument says how it behaves.
func playDemo(args []string) int {
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, syscall.SIGTERM)
	behaviour := strings.TrimPrefix(args[len(args)-1], "--behaviour=")
	if behaviour == "talks" {
		fmt.Fprintln(os.Stderr, "connected with a-token-of-dana")
	}
	ready := args[slices.Index(args, "--ready-file")+1]
	if err := os.WriteFile(ready+"~", []byte(`{"gateway":"http://localhost:1"}`), 0o600); err != nil {
		return 1
	}
	if err := os.Rename(ready+"~", ready); err != nil {
		return 1
	}
	<-asked
	if behaviour == "stumbles" {
		return 3
	}
	return 0
}

// recorder keeps what would have failed a test. It ends nothing.
type recorder struct {
	testing.TB
	said []string
}

func (r *recorder) Errorf(format string, args ...any) {
	r.said = append(r.said, fmt.Sprintf(format, args...))
}
func (r *recorder) Cleanup(func()) {}
func (r *recorder) Failed() bool   { return false }

func TestAServerIsHeldToItsPromises(t *testing.T) {
	for behaviour, want := range map[string]string{
		"behaves":  "",
		"stumbles": "it left with exit status 3",
		"talks":    "the log holds a secret:\nconnected with a-token-of-dana",
	} {
		t.Run(behaviour, func(t *testing.T) {
			r := &recorder{TB: t}
			demo := newServer(r, os.Args[0], Launch{})
			demo.launch(r, []string{"demo", "--behaviour=" + behaviour})
			if demo.Gateway != "http://localhost:1" {
				t.Errorf("the gateway is %q", demo.Gateway)
			}
			demo.Keep("a-token-of-dana")
			demo.finish(r)
			if got := strings.Join(r.said, "\n"); !strings.HasPrefix(got, want) || (got == "") != (want == "") {
				t.Errorf("the harness said %q, want %q", got, want)
			}
		})
	}
}
