package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"sallyport/service/keyring"
	"sallyport/store"
	"sallyport/web/admin"
)

// finding is the outcome of one check of doctor.
type finding struct {
	Check  string `json:"check"`
	Result string `json:"result"` // ok, warning or failed
	What   string `json:"what"`
	Fix    string `json:"fix,omitempty"`
}

const (
	checkOK      = "ok"
	checkWarning = "warning"
	checkFailed  = "failed"

	listenerTime = 3 * time.Second
	clockSlack   = 2 * time.Second
)

func newDoctor(s streams) *cobra.Command {
	var f stateFlags
	c := &cobra.Command{
		Use: "doctor", Short: "Check store, schema, master key, socket, clock, earlier systems and listeners", Args: noArgs,
		Long: `Doctor looks at everything an installation needs and says what to do about what is
wrong. It changes nothing, and exits 1 if a check failed.`,
		Example: `  sallyport doctor --store sqlite:./sallyport.db
  sallyport doctor --json`,
		RunE: func(c *cobra.Command, _ []string) error { return doctor(c.Context(), s, &f) },
	}
	storeFlag(c, &f.store)
	f.bindLocal(c)
	return c
}

func doctor(ctx context.Context, s streams, f *stateFlags) error {
	l, err := parseLocation(f.store)
	if err != nil {
		return &exitError{exitUsage, err}
	}
	findings := []finding{checkKeyFile(l), checkSocket(l)}
	findings = append(findings, checkStore(ctx, s, f)...)
	failed := 0
	var rows [][]string
	for _, found := range findings {
		if found.Result == checkFailed {
			failed++
		}
		what := found.What
		if found.Fix != "" {
			what += "; fix: " + found.Fix
		}
		rows = append(rows, []string{found.Result, found.Check, what})
	}
	if f.json {
		err = writeJSON(s.out, map[string]any{"version": 1, "ok": failed == 0, "checks": findings})
	} else {
		err = lookOf(s.out, f.noColor).table(s.out, []string{"RESULT", "CHECK", "WHAT"}, rows)
	}
	if err == nil && failed > 0 {
		return fmt.Errorf("%s failed", count(int64(failed), "check"))
	}
	return err
}

// checkKeyFile looks for the master key without reading it.
func checkKeyFile(l location) finding {
	found := finding{Check: "master key file", Result: checkOK}
	path := os.Getenv(masterKeyFileVariable)
	switch {
	case os.Getenv(masterKeyVariable) != "":
		found.What = "given by " + masterKeyVariable
		return found
	case path == "":
		var err error
		if path, err = l.beside(".key"); err != nil {
			return finding{found.Check, checkFailed, err.Error(), "set " + masterKeyFileVariable}
		}
	}
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return finding{found.Check, checkWarning, "there is none at " + path, "it is made with the first store; an existing store needs the key it was made with"}
	case err != nil:
		return finding{found.Check, checkFailed, err.Error(), "let the operator read it"}
	case info.Mode().Perm()&0o077 != 0:
		return finding{found.Check, checkFailed, path + " can be read by others", "chmod 600 " + path}
	}
	found.What = path
	return found
}

// checkSocket tells whether a server answers for the store.
func checkSocket(l location) finding {
	path, err := l.socketPath()
	switch {
	case err != nil:
		return finding{"control socket", checkFailed, err.Error(), "set XDG_STATE_HOME"}
	case live(path):
		return finding{"control socket", checkOK, "a server answers on " + path, ""}
	}
	return finding{"control socket", checkWarning, "no server answers on " + path, "start one: sallyport serve"}
}

// checkStore opens the store, or asks the server that has it.
func checkStore(ctx context.Context, s streams, f *stateFlags) []finding {
	var status admin.Status
	var systems []finding
	began := now()
	err := f.converse(ctx, s, func(talk *session) error {
		err := talk.get("/status", nil, &status)
		if err == nil {
			systems = checkSystems(talk, status)
		}
		return err
	})
	switch {
	case errors.Is(err, store.ErrSchema):
		return []finding{{"schema", checkFailed, err.Error(), "use the release that made it, or a newer one"}}
	case errors.Is(err, keyring.ErrMaster):
		return []finding{{"store", checkOK, redactDSN(f.store), ""}, {"master key", checkFailed, err.Error(), "give the key that this store was made with"}}
	case err != nil:
		what, fix, told := strings.Cut(err.Error(), "\n  fix: ")
		if !told {
			fix = "name the store with --store"
		}
		return []finding{{"store", checkFailed, what, fix}}
	}
	findings := []finding{
		{"store", checkOK, redactDSN(f.store) + " opens", ""},
		{"schema", checkOK, "as this release needs it", ""},
		{"master key", checkOK, "opens what it sealed", ""},
		checkClock(began, status.Now),
	}
	if !status.Fresh {
		findings = append(findings, finding{"change feed", checkFailed, "not heard for five seconds", "see whether the server reaches its database"})
	}
	switch status.Counters {
	case admin.CountersShared:
		findings = append(findings, finding{"rate counters", checkOK, "shared by all nodes", ""})
	case admin.CountersSilent:
		findings = append(findings, finding{"rate counters", checkWarning, "Redis does not answer: limits hold on each node by itself", "see whether Redis runs, takes writes, and can be reached"})
	}
	return append(append(findings, systems...), checkListeners(ctx, status)...)
}

// checkClock compares the server's clock with ours, and ours with reason.
func checkClock(began, server time.Time) finding {
	ended := now()
	switch {
	case server.Before(began.Add(-clockSlack)) || server.After(ended.Add(clockSlack)):
		return finding{"clock", checkFailed, fmt.Sprintf("the server says %s, this program %s", when(server), when(ended)), "let both follow the same time source"}
	case ended.Year() < 2025:
		return finding{"clock", checkFailed, "it is not " + when(ended), "set the clock: tokens depend on it"}
	}
	return finding{"clock", checkOK, when(ended), ""}
}

// checkListeners asks each environment's address whether it is served.
func checkListeners(ctx context.Context, status admin.Status) []finding {
	var findings []finding
	for _, e := range status.Environments {
		if e.URL == "" {
			continue
		}
		check := "listener of " + e.Tenant + "/" + e.Name
		if err := healthy(ctx, e.URL); err != nil {
			findings = append(findings, finding{check, checkWarning, err.Error(), "start sallyport serve, or check the environment's url and the proxy before it"})
			continue
		}
		findings = append(findings, finding{check, checkOK, e.URL + " answers", ""})
	}
	return findings
}

// healthy asks for the health of the host of an environment's URL, and judges its
// certificate as a browser of this machine would.
func healthy(ctx context.Context, base string) error {
	u, err := url.Parse(base)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, listenerTime)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, u.Scheme+"://"+u.Host+"/healthz", nil)
	if err != nil {
		return err
	}
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{}, DisableKeepAlives: true}}
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", request.URL, response.Status)
	}
	return nil
}
