package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"sallyport/web/admin"
)

// testAccount is an account of an earlier system.
type testAccount struct{ identifier, password string }

// maxAccounts bounds what one probe asks: an earlier system counts its tries.
const maxAccounts = 100

func newMigrateProbe(s streams) *cobra.Command {
	var f stateFlags
	var file string
	var right bool
	c := &cobra.Command{
		Use: "probe MIGRATION --account FILE", Short: "Ask a running earlier system about test accounts with known passwords", Args: takes("MIGRATION"),
		Long: `Probe asks the system that the migration is connected to, as sign-in will, whether the
passwords of test accounts are right, and what their records would become. It writes
nothing. Each account that matches is asked about once more with a wrong password,
since a system that says yes to everything lets everybody in; --right-only leaves that
out. A line of the file is the identifier, a tab, and the password up to the end of the
line; lines that begin with # are left out. Exit code 1: an account did not match, or
matched wrongly.`,
		Example: `  sallyport migrate probe old-id --account test-accounts.tsv
  printf 'ana@acme.example\ttractor' | sallyport migrate probe old-id --account -`,
		RunE: func(c *cobra.Command, args []string) error {
			accounts, err := readAccounts(c.InOrStdin(), file)
			if err != nil {
				return usage(c, err)
			}
			return f.within(c.Context(), s, "", func(talk *session) error { return talk.probe(args[0], accounts, !right) })
		},
	}
	f.bindEnv(c)
	c.Flags().StringVar(&file, "account", "", "file of identifiers and passwords; - for standard input")
	c.Flags().BoolVar(&right, "right-only", false, "do not try a wrong password of each account")
	return c
}

// readAccounts reads test accounts. Errors repeat no password.
func readAccounts(in io.Reader, file string) ([]testAccount, error) {
	if file == "" {
		return nil, errors.New("--account is missing: a file with test accounts")
	}
	if file != "-" {
		opened, err := os.Open(file)
		if err != nil {
			return nil, err
		}
		defer opened.Close()
		in = opened
	}
	var list []testAccount
	lines := bufio.NewScanner(io.LimitReader(in, 1<<20))
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSuffix(lines.Text(), "\r")
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		identifier, password, tab := strings.Cut(line, "\t")
		if !tab || identifier == "" || password == "" {
			return nil, fmt.Errorf("line %d is no identifier, a tab and a password", n)
		}
		if list = append(list, testAccount{identifier, password}); len(list) > maxAccounts {
			return nil, fmt.Errorf("there are more than %d accounts", maxAccounts)
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("reading accounts: %w", err)
	}
	if len(list) == 0 {
		return nil, errors.New("there is no account")
	}
	return list, nil
}

// probeLine is what came of one account.
type probeLine struct {
	Identifier string          `json:"identifier"`
	OK         bool            `json:"ok"`
	Right      admin.ProbedAs  `json:"right"`
	Wrong      *admin.ProbedAs `json:"wrong,omitempty"`
	What       string          `json:"what,omitempty"`
}

// notThePassword is put behind a password to make a wrong one.
const notThePassword = "-and-not-that"

func (s *session) probe(migration string, accounts []testAccount, wrong bool) error {
	failed := 0
	lines := make([]probeLine, 0, len(accounts))
	for _, a := range accounts {
		line := probeLine{Identifier: a.identifier}
		if err := s.probeOnce(migration, a, &line.Right); err != nil {
			return err
		}
		if wrong && line.Right.Verdict == "match" {
			line.Wrong = new(admin.ProbedAs)
			if err := s.probeOnce(migration, testAccount{a.identifier, a.password + notThePassword}, line.Wrong); err != nil {
				return err
			}
		}
		line.What, line.OK = line.judge()
		if !line.OK {
			failed++
		}
		lines = append(lines, line)
	}
	if err := s.showProbe(lines, failed); err != nil {
		return err
	}
	if failed > 0 {
		return fmt.Errorf("%s did not answer as expected", count(int64(failed), "account"))
	}
	return nil
}

func (s *session) probeOnce(migration string, a testAccount, into *admin.ProbedAs) error {
	path := s.here("/migrations/" + url.PathEscape(migration) + "/probe")
	return s.send(http.MethodPost, path, admin.ProbeOf{Identifier: a.identifier, Password: a.password}, into)
}

// judge tells whether an account answered as whoever signs in needs it.
func (l *probeLine) judge() (what string, ok bool) {
	switch {
	case l.Right.Verdict != "match":
		return "the right password is " + l.Right.Verdict + ": " + l.Right.Reason, false
	case l.Wrong != nil && l.Wrong.Verdict == "match":
		return "a wrong password matches, too", false
	case !l.Right.Record:
		return "the system does not tell who it is: sign-in needs lookup_client or lookup_secret", false
	case !l.Right.Owns:
		return "the record does not have this identifier by the migration's map", false
	case l.Right.Outcome != "accept":
		return "the record would be " + l.Right.Outcome + ": " + string(l.Right.Because), false
	case l.Right.SecondFactor && l.Right.Factors == 0:
		return "wants a second factor that does not come along: they enrol anew", true
	}
	return "", true
}

func (s *session) showProbe(lines []probeLine, failed int) error {
	if s.flags.json {
		return writeJSON(s.out, map[string]any{"version": 1, "environment": s.place, "ok": failed == 0, "accounts": lines})
	}
	rows := make([][]string, 0, len(lines))
	for _, l := range lines {
		result := checkOK
		if !l.OK {
			result = checkFailed
		}
		rows = append(rows, []string{result, plain(l.Identifier), l.Right.Verdict, fmt.Sprint(l.Right.Factors), fmt.Sprintf("%d ms", l.Right.Milliseconds), l.What})
	}
	return s.look.table(s.out, []string{"RESULT", "ACCOUNT", "SAID", "FACTORS", "TOOK", "WHAT"}, rows)
}

func newMigrateFind(s streams) *cobra.Command {
	var f stateFlags
	c := &cobra.Command{
		Use: "find MIGRATION IDENTIFIER", Short: "Look somebody up at a running earlier system, and bring their profile over", Args: takes("MIGRATION", "IDENTIFIER"),
		Long: `Find looks here first, then asks the system that the migration is connected to, without
a password. Whoever is found there becomes a customer with the profile alone; the
earlier system goes on checking their password until they sign in.`,
		Example: `  sallyport migrate find old-id ana@acme.example
  sallyport migrate find old-id ana --env production --json`,
		RunE: func(c *cobra.Command, args []string) error {
			return f.within(c.Context(), s, "", func(talk *session) error {
				var answer json.RawMessage
				path := talk.here("/migrations/" + url.PathEscape(args[0]) + "/find")
				if err := talk.send(http.MethodPost, path, admin.FindOf{Identifier: args[1]}, &answer); err != nil {
					return err
				}
				return show(talk, answer, talk.foundThere)
			})
		},
	}
	f.bindEnv(c)
	return c
}

func (s *session) foundThere(f admin.FoundAs) error {
	text := "nobody has it, here or there"
	switch {
	case f.Held != "":
		text = "known there, and held: " + f.Held
	case f.Came:
		text = f.Customer + "\tcame just now, " + f.State
	case f.Found:
		text = f.Customer + "\tis here already"
	}
	_, err := fmt.Fprintln(s.out, text)
	return err
}
