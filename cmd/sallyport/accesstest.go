package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"time"

	"github.com/spf13/cobra"

	"sallyport/pure/config"
	"sallyport/pure/expect"
	"sallyport/web/admin"
)

// testFlags ask for a judgement.
type testFlags struct {
	stateFlags
	lists       []string
	application string
	untested    bool
	junit       string
	walk        bool
}

func newAccessTest(s streams) *cobra.Command {
	var f testFlags
	c := &cobra.Command{
		Use: "test [DIR]", Short: "Judge by proof what people expect of access; exit 5 if something fails", Args: takesUpTo(0, "DIR"),
		Long: `Test judges every statement of kind: expectations, and every cell of their sheets,
by trying every context that the rules tell apart. With DIR it judges a tree for
every environment, or the one of --env, and needs no store and no server; without,
the newest revision of an environment. It exits 5 if a statement fails, also where
it names what is not there.

With --live it makes the requests instead: it has customers invented with the groups of
each cell, walks the real sign-in pages and the token endpoint, and compares what it
gets with the proof. The server refuses that in protected environments and in
production, lends applications secrets for a quarter of an hour, and removes whom it
invented. What cannot be walked from here is told, and never counted as passed.`,
		Example: `  sallyport access test ./tree
  sallyport access test ./tree --env production --junit access.xml
  sallyport access test --env preview --client payright
  sallyport access test --env preview --live`,
		RunE: func(c *cobra.Command, args []string) error {
			switch {
			case len(args) > 0 && f.walk:
				return usage(c, errors.New("--live is about an environment, not about a tree"))
			case len(args) > 0:
				return f.tree(s, args[0])
			case f.walk:
				return f.within(c.Context(), s, "", f.walkLive)
			}
			return f.live(c.Context(), s)
		},
	}
	f.bindEnv(c)
	flags := c.Flags()
	flags.StringSliceVar(&f.lists, "list", nil, "only these lists of expectations")
	flags.StringVar(&f.application, "client", "", "only what is said of this application")
	flags.BoolVar(&f.untested, "untested", false, "name the cells that nobody speaks of")
	flags.BoolVar(&f.walk, "live", false, "make the requests at the real endpoints instead; never in production")
	flags.StringVar(&f.junit, "junit", "", "write a JUnit report to this file")
	return c
}

// live judges the newest revision of an environment.
func (f *testFlags) live(ctx context.Context, s streams) error {
	return f.within(ctx, s, "", func(talk *session) error {
		query := url.Values{"list": f.lists}
		for name, set := range map[string]bool{"all": f.junit != "" || f.json, "untested": f.untested} {
			if set {
				query.Set(name, "true")
			}
		}
		if f.application != "" {
			query.Set("application", f.application)
		}
		began := now()
		var answer json.RawMessage
		if err := talk.get(talk.here("/access/expectations"), query, &answer); err != nil {
			return err
		}
		var j admin.Judgement
		if err := json.Unmarshal(answer, &j); err != nil {
			return err
		}
		return f.tell(talk, []admin.Judgement{j}, now().Sub(began))
	})
}

// tree judges a tree that need not be applied anywhere.
func (f *testFlags) tree(s streams, dir string) error {
	tree, err := loadTree(dir)
	if err != nil {
		return err
	}
	environments := tree.Environments()
	if f.env != "" {
		_, name, err := whichEnvironment(tree, f.env)
		if err != nil {
			return &exitError{exitUsage, err}
		}
		environments = []string{name}
	}
	began := now()
	var all []admin.Judgement
	for _, environment := range environments {
		snapshot, problems := config.Compile(tree, environment, standInVariables())
		if snapshot == nil {
			return errors.New(config.Render(problems, tree.Files()))
		}
		j, err := admin.Judge(snapshot, tree.TenantName()+"/"+environment, admin.Judging{
			Lists: f.lists, Application: f.application, All: f.junit != "" || f.json, Untested: f.untested,
		})
		if errors.Is(err, expect.ErrUnknown) {
			return &exitError{exitUsage, err}
		} else if err != nil {
			return err
		}
		all = append(all, j)
	}
	if len(all) == 0 {
		return errors.New("the tree has no environment")
	}
	return f.tell(&session{streams: s, flags: &f.stateFlags, look: lookOf(s.out, f.noColor)}, all, now().Sub(began))
}

// tell writes what was judged, and gives the exit code.
func (f *testFlags) tell(talk *session, all []admin.Judgement, took time.Duration) error {
	if f.junit != "" {
		if err := writeJUnit(f.junit, all, took); err != nil {
			return err
		}
	}
	judged, failed := 0, 0
	for _, j := range all {
		judged, failed = judged+j.Judged, failed+j.Failed
	}
	var err error
	if f.json {
		err = writeJSON(talk.out, map[string]any{"version": 1, "judged": judged, "failed": failed, "environments": all})
	} else {
		err = talk.judgements(all, f.untested)
	}
	switch {
	case err != nil:
		return err
	case failed > 0:
		return &exitError{exitRefused, fmt.Errorf("%d of %s not met", failed, count(int64(judged), "expectation"))}
	case judged == 0:
		talk.note("nobody has said what is expected")
		talk.next("sallyport access export --authserver NAME > who.csv, and sallyport access import who.csv")
	default:
		talk.note("all %s met, in %s", count(int64(judged), "expectation"), took.Round(time.Millisecond))
	}
	return nil
}

// judgements writes a row for each failure: what, where, the witness or what is
// missing, and what to do.
func (s *session) judgements(all []admin.Judgement, untested bool) error {
	var rows [][]string
	for _, j := range all {
		for _, v := range j.Verdicts {
			for _, f := range v.Failures {
				rows = append(rows, []string{j.Place, v.Statement.String(), v.Statement.Place, f.Text, f.Fix})
			}
		}
	}
	if !s.look.person {
		if err := s.look.table(s.out, nil, rows); err != nil {
			return err
		}
	} else {
		for _, row := range rows {
			fmt.Fprintf(s.out, "%s %s\n  where    %s, %s\n  witness  %s\n  fix      %s\n", s.look.paint(red, "✗ FAILED"), plain(row[1]), row[0], plain(row[2]), plain(row[3]), plain(row[4]))
		}
	}
	for _, j := range all {
		for _, c := range j.Coverage {
			if c.Untested > 0 {
				s.note("%s: nobody speaks of %d of %s of %s", j.Place, c.Untested, count(int64(c.Cells), "cell"), c.Server)
			}
			for _, cell := range c.Which {
				fmt.Fprintf(s.out, "%s\n", plain(j.Place+"\t"+c.Server+"\t"+cell.Application+"\t"+string(cell.Scope)+"\tuntested"))
			}
		}
	}
	return nil
}

// writeJUnit writes what was judged for build servers.
func writeJUnit(file string, all []admin.Judgement, took time.Duration) error {
	suites := expect.NewSuites("sallyport access test", took)
	for _, j := range all {
		suites.Verdicts(j.Place, j.Verdicts)
	}
	return writeSuites(file, suites)
}

func writeSuites(file string, suites *expect.Suites) error {
	text, err := suites.Encode()
	if err != nil {
		return err
	}
	return os.WriteFile(file, text, 0o644)
}
