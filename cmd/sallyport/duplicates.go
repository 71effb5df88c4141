package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"sallyport/pure/migrate"
	"sallyport/pure/rival"
	"sallyport/web/admin"
)

func newMigrateDuplicates(s streams) *cobra.Command {
	return group("duplicates", "Decide who is who among records that claim one identifier", `  sallyport migrate duplicates list meterman
  sallyport migrate duplicates show meterman 5d41402abc4b2a76b9719d911017c592
  sallyport migrate duplicates decide meterman 5d41402abc4b2a76b9719d911017c592 --merge-into 1042
  sallyport migrate duplicates export meterman > decisions.json`,
		newDuplicatesList(s), newDuplicatesShow(s), newDuplicatesDecide(s), newDuplicatesExport(s), newDuplicatesImport(s))
}

func newDuplicatesList(s streams) *cobra.Command {
	var f stateFlags
	var all bool
	c := &cobra.Command{
		Use: "list MIGRATION", Short: "List the groups that wait for a decision, by class", Args: takes("MIGRATION"),
		Long: `List counts groups by class, which is the kind of identifier and who proved it, and
lists those that wait for a decision with what one might decide. Exit code 6: some wait.`,
		Example: `  sallyport migrate duplicates list meterman
  sallyport migrate duplicates list meterman --all --json`,
		RunE: func(c *cobra.Command, args []string) error {
			return f.within(c.Context(), s, "", func(talk *session) error { return talk.listDuplicates(args[0], all) })
		},
	}
	f.bindEnv(c)
	c.Flags().BoolVar(&all, "all", false, "list groups that are decided, too")
	return c
}

// duplicates reads every group, page by page.
func (s *session) duplicates(migration string) (all admin.Duplicates, err error) {
	path := s.here("/migrations/" + url.PathEscape(migration) + "/duplicates")
	for after := ""; ; after = all.Next {
		var page admin.Duplicates
		if err := s.get(path, url.Values{"after": {after}, "limit": {"200"}}, &page); err != nil {
			return all, err
		}
		page.Groups = append(all.Groups, page.Groups...)
		if all = page; all.Next == "" {
			return all, nil
		}
	}
}

func (s *session) listDuplicates(migration string, decided bool) error {
	all, err := s.duplicates(migration)
	if err != nil {
		return err
	}
	open := 0
	for _, g := range all.Groups {
		if g.Open {
			open++
		}
	}
	raw, err := json.Marshal(all)
	if err != nil {
		return err
	}
	if err := show(s, raw, func(all admin.Duplicates) error { return s.printDuplicates(all, decided) }); err != nil || open == 0 {
		return err
	}
	return &exitError{exitPartial, fmt.Errorf("error %s: %s for a decision\n  fix: sallyport migrate duplicates show %s GROUP, then decide", admin.RowsHeld, count(int64(open), "group waits", "groups wait"), migration)}
}

func (s *session) printDuplicates(all admin.Duplicates, decided bool) error {
	classes := map[string][2]int{}
	var rows [][]string
	for _, g := range all.Groups {
		n := classes[g.Class]
		n[0]++
		what := "suggested: " + told(g.Suggested)
		if g.Decision != nil {
			what = "decided: " + told(g.Decision.Decision)
		}
		if g.Open {
			n[1]++
		}
		classes[g.Class] = n
		if g.Open || decided {
			rows = append(rows, []string{g.ID, g.Class, fmt.Sprint(len(g.Claimants)), what})
		}
	}
	var counts [][]string
	for _, class := range sortedKeys(classes) {
		counts = append(counts, []string{class, fmt.Sprint(classes[class][0]), fmt.Sprint(classes[class][1])})
	}
	if len(counts) == 0 {
		s.note("%s: no records of %s claim what others claim", all.Place, all.Migration)
		return nil
	}
	if err := s.look.table(s.out, []string{"CLASS", "GROUPS", "OPEN"}, counts); err != nil || len(rows) == 0 {
		return err
	}
	fmt.Fprintln(s.out)
	return s.look.table(s.out, []string{"GROUP", "CLASS", "WHO", "DECISION"}, rows)
}

// told is a decision in few words.
func told(d rival.Decision) string {
	text := string(d.Do)
	switch {
	case d.Into != "":
		text += " into " + d.Into
	case d.Keeps != "":
		text += ", " + d.Keeps + " keeps it"
	}
	if d.Reason != "" {
		text += ": " + string(d.Reason)
	}
	if d.Rule > 0 {
		text += fmt.Sprintf(" (rule %d)", d.Rule)
	}
	return plain(text)
}

func newDuplicatesShow(s streams) *cobra.Command {
	var f stateFlags
	c := &cobra.Command{
		Use: "show MIGRATION GROUP", Short: "Show who claims one identifier, side by side", Args: takes("MIGRATION", "GROUP"),
		Example: `  sallyport migrate duplicates show meterman 5d41402abc4b2a76b9719d911017c592`,
		RunE: func(c *cobra.Command, args []string) error {
			return f.within(c.Context(), s, "", func(talk *session) error {
				var answer json.RawMessage
				if err := talk.get(talk.groupPath(args[0], args[1]), nil, &answer); err != nil {
					return err
				}
				return show(talk, answer, talk.printGroup)
			})
		},
	}
	f.bindEnv(c)
	return c
}

func (s *session) groupPath(migration, group string) string {
	return s.here("/migrations/" + url.PathEscape(migration) + "/duplicates/" + url.PathEscape(group))
}

func (s *session) printGroup(d admin.Duplicates) error {
	for _, g := range d.Groups {
		s.note("%s: %s of %s, %s", d.Place, g.ID, d.Migration, g.Class)
		var rows [][]string
		for _, c := range g.Claimants {
			who, state := c.Key, c.State
			if c.Key == "" {
				who, state = c.Customer, "here"
			}
			created := ""
			if c.Created != nil {
				created = when(*c.Created)
			}
			rows = append(rows, []string{
				who, state, c.Spelled, yes(c.Verified), dash(c.Name), dash(created), yes(c.Password), fmt.Sprint(c.Factors + c.Passkeys), fmt.Sprint(c.Links),
			})
		}
		if err := s.look.table(s.out, []string{"WHO", "STATE", "CLAIMS", "PROVED", "NAME", "CREATED", "PASSWORD", "FACTORS", "LINKS"}, rows); err != nil {
			return err
		}
		if g.Decision != nil {
			fmt.Fprintf(s.out, "\ndecided: %s, by %s, %s\n", told(g.Decision.Decision), g.Decision.By, when(g.Decision.At))
			continue
		}
		fmt.Fprintf(s.out, "\nsuggested: %s\n  %s\n", told(g.Suggested), g.Why)
	}
	return nil
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

// wish is a decision as flags say it.
type wish struct {
	into, keeps, suffix, drop string
	take                      []string
	split, ask, back          bool
	suggested                 bool
}

func newDuplicatesDecide(s streams) *cobra.Command {
	var f stateFlags
	var w wish
	var class string
	var confirmed bool
	c := &cobra.Command{
		Use: "decide MIGRATION [GROUP]", Short: "Decide who is who; the next import carries it out", Args: cobra.RangeArgs(1, 2),
		Long: `Decide keeps a decision on a group, or with --class on all of a class that are open.
Nobody is moved by it yet: the next run or retry of an export carries it out, once.
--merge-into makes one record the person and ends the others in it, with their
passwords and factors; --take says what else goes along. --split makes a person of
each, without the identifier but for --keep. --suffix puts a number behind contested
usernames. --ask makes a person of each, without the identifier. --drop leaves the
records out. Who proved nothing never gets what another proved.`,
		Example: `  sallyport migrate duplicates decide meterman 5d41402abc4b2a76b9719d911017c592 --merge-into 1042 --take identifiers
  sallyport migrate duplicates decide meterman 5d41402abc4b2a76b9719d911017c592 --split --keep 1042
  sallyport migrate duplicates decide meterman --class email-none-verified --ask --yes`,
		RunE: func(c *cobra.Command, args []string) error {
			d, err := w.decision(c.Flags().Changed("suffix"))
			switch {
			case err != nil:
				return usage(c, err)
			case (class == "") == (len(args) == 1):
				return usage(c, errors.New("name a GROUP, or a --class of groups"))
			case class != "" && (w.into != "" || w.keeps != ""):
				return usage(c, errors.New("--merge-into and --keep name one record, so they are for one GROUP"))
			}
			return f.within(c.Context(), s, "", func(talk *session) error {
				if class != "" {
					return talk.decideClass(args[0], class, d, confirmed)
				}
				return talk.decideOne(args[0], args[1], d, confirmed)
			})
		},
	}
	f.bindEnv(c)
	flags := c.Flags()
	flags.StringVar(&w.into, "merge-into", "", "key of the record that becomes the person")
	flags.StringSliceVar(&w.take, "take", nil, "of a merge: identifiers, links, profile of the others")
	flags.BoolVar(&w.split, "split", false, "each becomes a person")
	flags.BoolVar(&w.ask, "ask", false, "each becomes a person without the identifier, and is to be asked")
	flags.StringVar(&w.suffix, "suffix", "", "put this behind contested usernames; # stands for a number, as in -#")
	flags.StringVar(&w.drop, "drop", "", "leave the records out, for this reason")
	flags.StringVar(&w.keeps, "keep", "", "key of the record that stays as it is and keeps the identifier")
	flags.BoolVar(&w.suggested, "suggested", false, "decide what is suggested")
	flags.BoolVar(&w.back, "take-back", false, "take back a decision that was not carried out")
	flags.StringVar(&class, "class", "", "all open groups of this class")
	flags.BoolVar(&confirmed, "yes", false, "do not ask")
	return c
}

// decision reads the flags: nil takes back; without an action the suggested one.
func (w *wish) decision(suffix bool) (*rival.Decision, error) {
	d := &rival.Decision{Into: w.into, Keeps: w.keeps, Take: w.take, Suffix: w.suffix, Reason: migrate.Reason(w.drop)}
	n := 0
	for do, is := range map[rival.Action]bool{rival.Merge: w.into != "", rival.Split: w.split, rival.Ask: w.ask, rival.Suffix: suffix, rival.Drop: w.drop != ""} {
		if is {
			d.Do = do
			n++
		}
	}
	for _, is := range []bool{w.suggested, w.back} {
		if is {
			n++
		}
	}
	if n != 1 {
		return nil, errors.New("say one of --merge-into, --split, --suffix, --ask, --drop, --suggested, --take-back")
	}
	if w.back {
		return nil, nil
	}
	return d, nil
}

func (s *session) decideOne(migration, group string, d *rival.Decision, confirmed bool) error {
	var seen admin.Duplicates
	if err := s.get(s.groupPath(migration, group), nil, &seen); err != nil {
		return err
	}
	if len(seen.Groups) != 1 {
		return errors.New("the server gave no group")
	}
	g := seen.Groups[0]
	what := "take the decision back"
	if d != nil {
		what = told(chosen(*d, g))
	}
	if err := s.confirm(confirmed, fmt.Sprintf("%s: %s, %s: %s?", s.place, g.Class, count(int64(len(g.Claimants)), "claimant"), what)); err != nil {
		return err
	}
	var answer json.RawMessage
	if err := s.decide(migration, g, d, &answer); err != nil {
		return err
	}
	if err := show(s, answer, s.printGroup); err != nil {
		return err
	}
	s.next("sallyport migrate retry %s --file EXPORT --env %s carries it out", migration, s.place)
	return nil
}

// chosen is the decision that is meant for a group.
func chosen(d rival.Decision, g admin.DuplicateGroup) rival.Decision {
	if d.Do == "" {
		return g.Suggested
	}
	return d
}

func (s *session) decide(migration string, g admin.DuplicateGroup, d *rival.Decision, answer *json.RawMessage) error {
	body := admin.Deciding{}
	if g.Decision != nil {
		body.Seen = g.Decision.Number
	}
	if d != nil {
		meant := chosen(*d, g)
		meant.Kind, meant.Claimants = g.Suggested.Kind, g.Suggested.Claimants
		body.Decision = &meant
	}
	return s.send(http.MethodPost, s.groupPath(migration, g.ID)+"/decision", body, answer)
}

func (s *session) decideClass(migration, class string, d *rival.Decision, confirmed bool) error {
	all, err := s.duplicates(migration)
	if err != nil {
		return err
	}
	var open []admin.DuplicateGroup
	for _, g := range all.Groups {
		if g.Open && g.Class == class {
			open = append(open, g)
		}
	}
	what := "what is suggested for each"
	if d == nil {
		return &exitError{exitUsage, errors.New("--take-back is for one GROUP")}
	}
	if d.Do != "" {
		what = told(*d)
	}
	if len(open) == 0 {
		s.note("%s: no open group of %s is %s", s.place, migration, class)
		return nil
	}
	if err := s.confirm(confirmed, fmt.Sprintf("%s: %s of %s: %s?", s.place, count(int64(len(open)), "group"), class, what)); err != nil {
		return err
	}
	for i, g := range open {
		var answer json.RawMessage
		if err := s.decide(migration, g, d, &answer); err != nil {
			return fmt.Errorf("group %s, after %s: %w", g.ID, count(int64(i), "decision"), err)
		}
	}
	fmt.Fprintf(s.out, "%s on %s of %s\n", count(int64(len(open)), "decision"), class, migration)
	s.next("sallyport migrate retry %s --file EXPORT --env %s carries them out", migration, s.place)
	return nil
}

func newDuplicatesExport(s streams) *cobra.Command {
	var f stateFlags
	c := &cobra.Command{
		Use: "export MIGRATION", Short: "Print all decisions, for another installation", Args: takes("MIGRATION"),
		Long: `Export prints the decisions as JSON. They name records by their keys and hold nothing
else of them. Brought to a fresh installation before its first run, they lead to the
same people.`,
		Example: `  sallyport migrate duplicates export meterman > decisions.json`,
		RunE: func(c *cobra.Command, args []string) error {
			return f.within(c.Context(), s, "", func(talk *session) error {
				var all admin.Decisions
				if err := talk.get(talk.here("/migrations/"+url.PathEscape(args[0])+"/decisions"), nil, &all); err != nil {
					return err
				}
				encoder := json.NewEncoder(talk.out)
				encoder.SetIndent("", "  ")
				return encoder.Encode(all)
			})
		},
	}
	f.bindEnv(c)
	return c
}

func newDuplicatesImport(s streams) *cobra.Command {
	var f stateFlags
	var file string
	c := &cobra.Command{
		Use: "import MIGRATION --file DECISIONS", Short: "Bring decisions that were made elsewhere", Args: takes("MIGRATION"),
		Long:    `Import brings what export printed. What is decided here already stays as it is.`,
		Example: `  sallyport migrate duplicates import meterman --file decisions.json`,
		RunE: func(c *cobra.Command, args []string) error {
			all, err := readDecisions(file)
			if err != nil {
				return usage(c, err)
			}
			return f.within(c.Context(), s, "", func(talk *session) error {
				var answer json.RawMessage
				if err := talk.send(http.MethodPost, talk.here("/migrations/"+url.PathEscape(args[0])+"/decisions"), all, &answer); err != nil {
					return err
				}
				return show(talk, answer, func(b admin.DecisionsBrought) error {
					_, err := fmt.Fprintf(talk.out, "%s of %s are new\n", strconv.Itoa(b.Fresh), count(int64(len(all.Decisions)), "decision"))
					return err
				})
			})
		},
	}
	f.bindEnv(c)
	c.Flags().StringVar(&file, "file", "", "what export printed")
	return c
}

// readDecisions reads a file of decisions, within the server's limit.
func readDecisions(file string) (all admin.Decisions, err error) {
	if file == "" {
		return all, errors.New("--file is missing: the decisions to bring")
	}
	opened, err := os.Open(file)
	if err != nil {
		return all, err
	}
	defer opened.Close()
	decoder := json.NewDecoder(io.LimitReader(opened, 16<<20))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&all); err != nil {
		return all, fmt.Errorf("%s holds no decisions: %w", strings.TrimSpace(file), err)
	}
	return all, nil
}
