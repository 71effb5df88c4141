package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"sallyport/web/admin"
)

func newRevision(s streams) *cobra.Command {
	return group("revision", "List and show the revisions of an environment", `  sallyport revision list --env production
  sallyport revision show 41 --env production`, newRevisionList(s), newRevisionShow(s))
}

func newRevisionList(s streams) *cobra.Command {
	var f stateFlags
	var limit int
	c := &cobra.Command{
		Use: "list", Short: "List revisions, newest first", Args: noArgs,
		Example: `  sallyport revision list --env production
  sallyport revision list --limit 5 --json`,
		RunE: func(c *cobra.Command, _ []string) error {
			return f.within(c.Context(), s, "", func(talk *session) error {
				var answer json.RawMessage
				if err := talk.get(talk.here("/revisions"), url.Values{"limit": {strconv.Itoa(limit)}}, &answer); err != nil {
					return err
				}
				return show(talk, answer, talk.revisions)
			})
		},
	}
	f.bindEnv(c)
	c.Flags().IntVar(&limit, "limit", 20, "how many, at most 200")
	return c
}

func (s *session) revisions(list admin.Revisions) error {
	var rows [][]string
	for _, r := range list.Revisions {
		live := "-"
		if r.Live {
			live = "live"
		}
		message := r.Message
		if r.BreakGlass != "" {
			message += " [break glass: " + r.BreakGlass + "]"
		}
		rows = append(rows, []string{fmt.Sprint(r.Number), live, when(r.Created), r.Author, dash(strings.TrimSpace(message))})
	}
	s.note("%s: %s", list.Place, count(int64(len(rows)), "revision"))
	return s.look.table(s.out, []string{"REVISION", "LIVE", "CREATED", "AUTHOR", "MESSAGE"}, rows)
}

func newRevisionShow(s streams) *cobra.Command {
	var f stateFlags
	c := &cobra.Command{
		Use: "show NUMBER", Short: "Show a revision: who made it, why, and what changed", Args: takes("NUMBER"),
		Example: `  sallyport revision show 41 --env production
  sallyport revision show 41 --json    # with its files, in base64`,
		RunE: func(c *cobra.Command, args []string) error {
			number, err := strconv.ParseInt(args[0], 10, 64)
			if err != nil || number < 1 {
				return usage(c, errors.New("NUMBER is a whole number from 1; sallyport revision list has them"))
			}
			return f.within(c.Context(), s, "", func(talk *session) error { return talk.revision(number) })
		},
	}
	f.bindEnv(c)
	return c
}

func (s *session) revision(number int64) error {
	var answer json.RawMessage
	if err := s.get(s.here(fmt.Sprintf("/revisions/%d", number)), nil, &answer); err != nil {
		return err
	}
	return show(s, answer, func(r admin.RevisionFiles) error {
		fmt.Fprintf(s.out, "revision %d of %s\n", r.Number, r.Place)
		fmt.Fprintf(s.out, "  created  %s by %s\n  digest   %s\n", when(r.Created), plain(r.Author), r.Digest)
		if r.Message != "" {
			fmt.Fprintf(s.out, "  message  %s\n", plain(r.Message))
		}
		if r.BreakGlass != "" {
			fmt.Fprintf(s.out, "  break glass: %s\n", plain(r.BreakGlass))
		}
		return s.sinceBase(r)
	})
}

// sinceBase tells what a revision changed, widening first.
func (s *session) sinceBase(r admin.RevisionFiles) error {
	if r.Base == 0 {
		return nil
	}
	query := url.Values{"from": {strconv.FormatInt(r.Base, 10)}, "to": {strconv.FormatInt(r.Number, 10)}}
	var d admin.Compared
	if err := s.get(s.here("/access/diff"), query, &d); err != nil {
		return err
	}
	fmt.Fprintf(s.out, "since revision %d:\n", r.Base)
	return s.compared(d)
}
