package main

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"github.com/spf13/cobra"

	"sallyport/pure/config"
	"sallyport/pure/migrate"
)

// sampleFlags say which records of an export are looked at, and by what.
type sampleFlags struct {
	stateFlags
	alone     assessAlone
	tree      string
	migration string
	accounts  string
	rows      int
	values    bool
}

// mostSampled bounds how many records are shown, and mostLooked how many are read for
// the accounts of a check.
const (
	mostSampled = 200
	mostLooked  = 100_000
)

func newMigrateMap(s streams) *cobra.Command {
	var f sampleFlags
	c := &cobra.Command{
		Use: "map EXPORT", Short: "Show what the first records of an export become, on this machine alone", Args: takes("EXPORT"),
		Long: `Map reads the beginning of an export and shows what each record becomes, without
configuration, store or server, and writes nothing. What its fields mean is said by a
migration of a tree (--config and --migration), or else by the format, or guessed from
the names of columns. Values are shown by their form, a for a letter and 9 for a digit,
unless --values is given.

With --account, a file of lines with the key of a record, a tab and the password up to
the end of the line, it checks that the hashes of these records open by their passwords:
nothing in an export itself shows that its key, pepper or scheme is the right one. What
a source hands out apart from its users is not joined here. Exit code 1: a password does
not open its record, or the record is not there.`,
		Example: `  sallyport migrate map export.csv
  sallyport migrate map export.csv --config tree --migration meterman --rows 20
  sallyport migrate map users.json --format firebase --secret signer_key=key.b64 --account known.tsv`,
		RunE: func(c *cobra.Command, args []string) error { return f.run(c, s, args[0]) },
	}
	jsonFlag(c, &f.json)
	c.Flags().StringVar(&f.tree, "config", "", "configuration tree that has the migration")
	c.Flags().StringVar(&f.migration, "migration", "", "the migration that says what the export means")
	c.Flags().StringVar(&f.env, "env", "", "environment of the tree (default: its first)")
	c.Flags().StringVar(&f.accounts, "account", "", "check the hashes of known accounts: file of keys and passwords; - for standard input")
	c.Flags().IntVar(&f.rows, "rows", 10, "how many records are shown, at most 200")
	c.Flags().BoolVar(&f.values, "values", false, "show values as they are")
	f.alone.bind(c)
	return c
}

func (f *sampleFlags) run(c *cobra.Command, s streams, path string) (err error) {
	switch {
	case (f.tree == "") != (f.migration == ""):
		return usage(c, errors.New("--config and --migration belong together: the tree, and the migration in it"))
	case f.tree != "" && f.alone.told(c) != "" && f.alone.told(c) != "secret":
		return usage(c, fmt.Errorf("--%s is for an export that no migration describes", f.alone.told(c)))
	case f.rows < 0 || f.rows > mostSampled:
		return usage(c, fmt.Errorf("--rows is 0 to %d", mostSampled))
	}
	accounts := map[string][]byte{}
	if f.accounts != "" {
		list, err := readAccounts(c.InOrStdin(), f.accounts)
		if err != nil {
			return usage(c, err)
		}
		for _, a := range list {
			accounts[a.identifier] = []byte(a.password)
		}
	}
	source, err := openExport(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, source.close()) }()
	plan, err := f.plan(c, source)
	if err != nil {
		return err
	}
	told, err := sampled(plan, io.NewSectionReader(source.Reader, 0, source.Size), f.rows, accounts)
	if err != nil {
		return err
	}
	talk := &session{streams: s, ctx: c.Context(), flags: &f.stateFlags, look: lookOf(s.out, f.noColor)}
	format, _ := plan.Format()
	talk.note("%s: read as %s, on this machine alone", filepath.Base(path), format)
	return talk.showSample(told, f.values)
}

// plan is the migration of the tree, or what can be told without one.
func (f *sampleFlags) plan(c *cobra.Command, source *export) (*migrate.Plan, error) {
	if f.tree == "" {
		return f.alone.plan(c, source.Source)
	}
	tree, err := loadTree(f.tree)
	if err != nil {
		return nil, err
	}
	environment := f.env
	if environment == "" && len(tree.Environments()) > 0 {
		environment = tree.Environments()[0]
	} else if _, environment, err = whichEnvironment(tree, f.env); err != nil {
		return nil, &exitError{exitUsage, err}
	}
	snapshot, problems := config.Compile(tree, environment, standInVariables())
	if snapshot == nil {
		return nil, errors.New(config.Render(problems, tree.Files()))
	}
	m := snapshot.Migrations[f.migration]
	if m == nil {
		return nil, &exitError{exitUsage, fmt.Errorf("the tree has no migration %q", f.migration)}
	}
	return f.alone.unlock(m.Plan)
}

// sample is what some records become.
type sample struct {
	Version  int            `json:"version"`
	Records  []sampleRecord `json:"records"`
	Accounts []sampleCheck  `json:"accounts,omitempty"`
	OK       bool           `json:"ok"` // every account opened
}

// sampleRecord is one of them.
type sampleRecord struct {
	Row     int64    `json:"row"`
	Verdict string   `json:"verdict"`
	Reason  string   `json:"reason,omitempty"`
	Detail  string   `json:"detail,omitempty"`
	Becomes []became `json:"becomes"`
	Notes   []string `json:"notes,omitempty"` // what is left out, or to be known
}

// became is one thing that a customer gets of a record.
type became struct {
	Target string `json:"target"`
	Value  string `json:"value"`
}

// sampleCheck tells of a known password.
type sampleCheck struct {
	Key    string `json:"key"`
	Opens  bool   `json:"opens"`
	Scheme string `json:"scheme,omitempty"`
	What   string `json:"what,omitempty"`
}

// sampled maps the first records, and looks for those of the accounts.
func sampled(plan *migrate.Plan, r io.Reader, show int, accounts map[string][]byte) (sample, error) {
	told := sample{Version: 1, Records: []sampleRecord{}, OK: true}
	rows, err := plan.Read(r)
	if err != nil {
		return told, err
	}
	var known []migrate.Record
	for n := 0; n < show || len(known) < len(accounts) && n < mostLooked; n++ {
		record, err := rows.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return told, err
		}
		o := migrate.Map(plan, record)
		if n < show {
			told.Records = append(told.Records, sampleOf(&o))
		}
		if _, wanted := accounts[o.Key]; wanted {
			known = append(known, record)
		}
	}
	for _, p := range plan.Probe(known, accounts) {
		check := checked(p)
		told.OK = told.OK && check.Opens
		told.Accounts = append(told.Accounts, check)
	}
	return told, nil
}

func checked(p migrate.Probe) sampleCheck {
	c := sampleCheck{Key: p.Key, Opens: p.Opens, Scheme: string(p.Scheme)}
	switch {
	case !p.Found:
		c.What = fmt.Sprintf("no such key among the first %d records", mostLooked)
	case p.Scheme == "":
		c.What = "the record has no hash: " + string(p.Reason)
	case !p.Opens:
		c.What = "the password does not open it: the key, the pepper, the scheme or its parameters may be others"
	}
	return c
}

// sampleOf lists what a customer gets. Secrets are told of, and not shown.
func sampleOf(o *migrate.Outcome) sampleRecord {
	r := sampleRecord{Row: o.Row, Verdict: string(o.Verdict()), Reason: string(o.Reason()), Becomes: []became{{"key", o.Key}}}
	if o.Rejection != nil {
		r.Detail = o.Rejection.Detail
	}
	add := func(target, value string) {
		if value != "" {
			r.Becomes = append(r.Becomes, became{target, value})
		}
	}
	for _, id := range o.Identifiers {
		target := string(id.Kind)
		if id.Verified {
			target += " (verified)"
		}
		add(target, id.Value)
	}
	add("name", o.Customer.Name)
	add("state", string(o.Customer.State))
	add("groups", strings.Join(o.Customer.Groups, " "))
	for _, name := range sortedKeys(o.Customer.Attributes) {
		add("attribute."+name, o.Customer.Attributes[name])
	}
	if o.Hash != nil {
		add("password", string(o.Hash.Scheme()))
	}
	for i := range o.Factors {
		add("factor", string(o.Factors[i].Kind))
	}
	for i := range o.Passkeys {
		add("passkey", o.Passkeys[i].RPID)
	}
	for _, link := range o.Links {
		add("link", link.Provider)
	}
	for _, w := range o.Warnings {
		r.Notes = append(r.Notes, strings.TrimSuffix(string(w.Reason)+" "+w.Column, " "))
	}
	return r
}

// shownAsTheyAre are targets whose values tell nothing of a person.
func shownAsTheyAre() []string {
	return []string{"state", "groups", "password", "factor", "passkey", "link"}
}

func (s *session) showSample(told sample, values bool) error {
	for i := range told.Records {
		for j := range told.Records[i].Becomes {
			if one := &told.Records[i].Becomes[j]; !values && !slices.Contains(shownAsTheyAre(), one.Target) {
				one.Value = formOf(one.Value)
			}
		}
	}
	if s.flags.json {
		if err := writeJSON(s.out, told); err != nil {
			return err
		}
	} else if err := s.printSample(told); err != nil {
		return err
	}
	if !told.OK {
		return errors.New("a known password does not open its record")
	}
	return nil
}

func (s *session) printSample(told sample) error {
	var rows [][]string
	for _, r := range told.Records {
		verdict := strings.TrimSuffix(r.Verdict+" "+r.Reason, " ")
		for _, b := range r.Becomes {
			rows = append(rows, []string{fmt.Sprint(r.Row), verdict, b.Target, plain(b.Value)})
			verdict = ""
		}
		for _, note := range append(slices.DeleteFunc([]string{r.Detail}, func(d string) bool { return d == "" }), r.Notes...) {
			rows = append(rows, []string{fmt.Sprint(r.Row), "", "note", plain(note)})
		}
	}
	if err := s.look.table(s.out, []string{"ROW", "VERDICT", "BECOMES", "VALUE"}, rows); err != nil || len(told.Accounts) == 0 {
		return err
	}
	fmt.Fprintln(s.out)
	rows = nil
	for _, a := range told.Accounts {
		result := checkOK
		if !a.Opens {
			result = checkFailed
		}
		rows = append(rows, []string{result, plain(a.Key), dash(a.Scheme), a.What})
	}
	return s.look.table(s.out, []string{"RESULT", "KEY", "SCHEME", "WHAT"}, rows)
}

// formOf shows what a value is made of, and not what it is.
func formOf(value string) string {
	const most = 40
	shown := []rune{}
	for _, r := range value {
		switch {
		case len(shown) == most:
			return string(shown) + "…"
		case unicode.IsUpper(r):
			r = 'A'
		case unicode.IsLetter(r):
			r = 'a'
		case unicode.IsDigit(r):
			r = '9'
		}
		shown = append(shown, r)
	}
	return string(shown)
}
