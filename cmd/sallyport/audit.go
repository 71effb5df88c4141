package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"sallyport/web/admin"
)

// auditWords is the help of queries.
const auditWords = `
A query is words of the form key:value, all of which must fit:
  type:token.        events whose type begins so; without the dot: exactly
  actor:operator/…   who did it
  application:… customer:…
  result:ok  'result:!ok'   the second in quotes: shells have a use for ! of their own
  trace:…            the reference that a caller was shown
  after:2h  before:2026-11-22T10:00:00Z`

func newAudit(s streams) *cobra.Command {
	return group("audit", "Query, follow and verify the audit ledger", `  sallyport audit query type:token. 'result:!ok' after:1h
  sallyport audit verify`, newAuditQuery(s), newAuditTail(s), newAuditVerify(s))
}

func newAuditQuery(s streams) *cobra.Command {
	var f stateFlags
	var limit int
	var cursor string
	var personal bool
	c := &cobra.Command{
		Use: "query [WORD...]", Short: "Find events, newest first",
		Long: "Query finds events, newest first. That you looked is recorded.\n" + auditWords,
		Example: `  sallyport audit query type:token. 'result:!ok' after:1h
  sallyport audit query trace:0h2k4m6p8r0t2v4x --personal --json`,
		RunE: func(c *cobra.Command, args []string) error {
			query := url.Values{"query": {strings.Join(args, " ")}, "limit": {strconv.Itoa(limit)}, "personal": {strconv.FormatBool(personal)}}
			if cursor != "" {
				query.Set("cursor", cursor)
			}
			return f.within(c.Context(), s, "", func(talk *session) error {
				var answer json.RawMessage
				if err := talk.get(talk.here("/audit/events"), query, &answer); err != nil {
					return err
				}
				return show(talk, answer, talk.events)
			})
		},
	}
	f.bindEnv(c)
	c.Flags().IntVar(&limit, "limit", 50, "how many, at most 1000")
	c.Flags().StringVar(&cursor, "cursor", "", "go on where another page ended")
	c.Flags().BoolVar(&personal, "personal", false, "with addresses and user agents")
	return c
}

func (s *session) events(page admin.Events) error {
	rows := make([][]string, len(page.Events))
	for i, e := range page.Events {
		rows[i] = eventRow(e)
	}
	s.note("%s: %s", page.Place, count(int64(len(rows)), "event"))
	if err := s.look.table(s.out, []string{"AT", "TYPE", "RESULT", "ACTOR", "ABOUT", "TRACE", "DETAIL"}, rows); err != nil {
		return err
	}
	if page.Next != "" {
		s.next("the same with --cursor %s", page.Next)
	}
	return nil
}

func eventRow(e admin.Event) []string {
	var about []string
	for _, name := range []string{e.Application, e.Customer} {
		if name != "" {
			about = append(about, name)
		}
	}
	detail := string(e.Detail)
	if len(e.Personal) > 0 {
		detail += " " + string(e.Personal)
	}
	if e.Erased {
		detail += " (personal part erased)"
	}
	return []string{when(e.At), e.Type, e.Result, e.Actor, dash(strings.Join(about, " ")), dash(e.Trace), dash(strings.TrimSpace(detail))}
}

func newAuditTail(s streams) *cobra.Command {
	var f stateFlags
	var last int
	var personal bool
	c := &cobra.Command{
		Use: "tail [WORD...]", Short: "Follow events as they happen, until Ctrl-C",
		Long: "Tail follows events as they are committed, until Ctrl-C. With --json, one object a\nline.\n" + auditWords,
		Example: `  sallyport audit tail
  sallyport audit tail 'result:!ok' --last 20 --json`,
		RunE: func(c *cobra.Command, args []string) error {
			query := url.Values{"query": {strings.Join(args, " ")}, "last": {strconv.Itoa(last)}, "personal": {strconv.FormatBool(personal)}}
			return f.within(c.Context(), s, "", func(talk *session) error { return talk.tail(query) })
		},
	}
	f.bindEnv(c)
	c.Flags().IntVarP(&last, "last", "n", 10, "begin with so many events of before")
	c.Flags().BoolVar(&personal, "personal", false, "with addresses and user agents")
	return c
}

// tail follows events, by one stream after the other: each ends with its token.
func (s *session) tail(query url.Values) error {
	s.note("%s: following, Ctrl-C ends", s.place)
	for {
		cursor, err := s.tailOnce(query)
		if err != nil {
			return err
		}
		query.Set("cursor", cursor)
	}
}

// tailOnce follows one stream, and tells where the next begins.
func (s *session) tailOnce(query url.Values) (cursor string, err error) {
	response, err := s.do(asking{method: http.MethodGet, path: s.here("/audit/tail"), query: query})
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	decoder := json.NewDecoder(response.Body)
	for {
		var raw json.RawMessage
		var end admin.Continuation
		err := decoder.Decode(&raw)
		switch {
		case s.ctx.Err() != nil:
			return "", &exitError{exitStopped, errors.New("")}
		case err != nil: // between two lines or, if it died, within one
			return "", errors.New("the server ended the stream\n  fix: run the command again when it is back")
		case json.Unmarshal(raw, &end) == nil && end.Continue != "":
			return end.Continue, nil
		}
		if err := s.tailed(raw); err != nil {
			return "", err
		}
	}
}

func (s *session) tailed(raw json.RawMessage) error {
	if s.flags.json {
		_, err := fmt.Fprintf(s.out, "%s\n", plainJSON(raw))
		return err
	}
	var e admin.Event
	if err := json.Unmarshal(raw, &e); err != nil {
		return err
	}
	_, err := fmt.Fprintln(s.out, strings.Join(each(eventRow(e), plain), "\t"))
	return err
}

func newAuditVerify(s streams) *cobra.Command {
	var f stateFlags
	c := &cobra.Command{
		Use: "verify", Short: "Prove that no event was changed, removed or added", Args: noArgs,
		Long: `Verify walks every chain link by link, compares personal parts with their
commitments, and holds the chains to the signed checkpoints. It exits 1 if anything
is not as it was written.`,
		Example: `  sallyport audit verify --env production
  sallyport audit verify --json`,
		RunE: func(c *cobra.Command, _ []string) error {
			return f.within(c.Context(), s, "", func(talk *session) error { return talk.verifyAudit() })
		},
	}
	f.bindEnv(c)
	return c
}

func (s *session) verifyAudit() error {
	var answer json.RawMessage
	if err := s.get(s.here("/audit/verification"), nil, &answer); err != nil {
		return err
	}
	var v admin.Verified
	if err := json.Unmarshal(answer, &v); err != nil {
		return err
	}
	err := show(s, answer, func(admin.Verified) error {
		for _, finding := range v.Findings {
			fmt.Fprintf(s.out, "chain %d, event %d: %s\n", finding.Writer, finding.Seq, finding.What)
		}
		_, err := fmt.Fprintf(s.out, "%s in %s, %s; %d not signed for yet, %d erased\n", count(v.Events, "event"),
			count(int64(v.Chains), "chain"), count(int64(v.Checkpoints), "signed checkpoint"), v.Unsigned, v.Erased)
		return err
	})
	if err != nil || v.OK {
		if err == nil && !s.flags.json {
			fmt.Fprintf(s.out, "the ledger of %s is what was written\n", s.place)
		}
		return err
	}
	return fmt.Errorf("the ledger of %s is not what was written: %s", s.place, count(int64(len(v.Findings)), "finding"))
}
