package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"sallyport/service/replay"
	"sallyport/web/admin"
)

// replaying is the wish of access replay.
type replaying struct {
	since, until string
	revision     int64
	events       int
	tell         bool
}

func newAccessReplay(s streams) *cobra.Command {
	var f stateFlags
	var r replaying
	c := &cobra.Command{
		Use: "replay [DIR]", Short: "Ask past requests again of a tree or revision: who would have got more, who less", Args: takesUpTo(0, "DIR"),
		Long: `Replay reads the decisions of the audit ledger, which hold all that they were
decided by, and decides each again: by the tree in DIR, by a stored revision, or by
the live one. It counts scopes and lifetimes that applications would have gained or
lost, with an example of each to look up. It changes nothing, and names nobody.

What cannot be asked again is counted: events that are no decisions, whose personal
part was erased, or that cannot be read.`,
		Example: `  sallyport access replay ./tree --since 7d --env production
  sallyport access replay --since 24h --revision 41
  sallyport access replay ./tree --since 30d --exit-code   # 3 if anything differs`,
		RunE: func(c *cobra.Command, args []string) error {
			wish, err := r.wish(c, args)
			if err != nil {
				return err
			}
			return f.within(c.Context(), s, "", func(talk *session) error { return talk.replay(wish, r.tell) })
		},
	}
	f.bindEnv(c)
	flags := c.Flags()
	flags.StringVar(&r.since, "since", "7d", "requests since then: an age such as 7d or 12h, a date, or an instant")
	flags.StringVar(&r.until, "until", "", "and before then (default: now)")
	flags.Int64Var(&r.revision, "revision", 0, "the stored revision to ask (default: the live one)")
	flags.IntVar(&r.events, "events", replay.DefaultEvents, "most events to look at, up to 1000000")
	flags.BoolVar(&r.tell, "exit-code", false, "exit 3 if anything differs")
	return c
}

// wish reads the flags, and the tree if there is one.
func (r *replaying) wish(c *cobra.Command, args []string) (admin.NewReplay, error) {
	n := admin.NewReplay{Revision: r.revision, Events: r.events}
	var err error
	if n.Since, err = instantOrAge(r.since, now()); err != nil {
		return n, usage(c, fmt.Errorf("--since %w", err))
	}
	if r.until != "" {
		if n.Until, err = instantOrAge(r.until, now()); err != nil {
			return n, usage(c, fmt.Errorf("--until %w", err))
		}
	}
	if r.events < 1 || r.events > replay.MaxEvents {
		return n, usage(c, fmt.Errorf("--events %d is not between 1 and %d", r.events, replay.MaxEvents))
	}
	if len(args) == 0 {
		return n, nil
	}
	if r.revision != 0 {
		return n, usage(c, errors.New("a tree and --revision exclude each other"))
	}
	tree, err := loadTree(args[0])
	if err != nil {
		return n, err
	}
	n.Files = tree.Files()
	return n, nil
}

// instantOrAge reads an instant, a date, or an age before from.
func instantOrAge(text string, from time.Time) (time.Time, error) {
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if at, err := time.Parse(layout, text); err == nil {
			return at, nil
		}
	}
	if days, found := strings.CutSuffix(text, "d"); found {
		if n, err := strconv.ParseUint(days, 10, 12); err == nil {
			return from.Add(-time.Duration(n) * 24 * time.Hour), nil
		}
	}
	if age, err := time.ParseDuration(text); err == nil && age > 0 {
		return from.Add(-age), nil
	}
	return time.Time{}, fmt.Errorf("%q is no age such as 7d or 12h, no date and no instant", text)
}

// replay follows the stream to its end.
func (s *session) replay(wish admin.NewReplay, tell bool) error {
	encoded, err := json.Marshal(wish)
	if err != nil {
		return err
	}
	response, err := s.do(asking{method: http.MethodPost, path: s.here("/access/replay"), body: strings.NewReader(string(encoded)), contentType: "application/json"})
	if err != nil {
		return err
	}
	defer response.Body.Close()
	decoder := json.NewDecoder(io.LimitReader(response.Body, maxAnswer))
	for {
		var line json.RawMessage
		var r replay.Report
		if err := decoder.Decode(&line); err != nil || json.Unmarshal(line, &r) != nil {
			if s.ctx.Err() != nil {
				return errStopped
			}
			return errors.New("the server ended the replay before its end\n  fix: run the command again, with a shorter --since")
		}
		if !r.Complete {
			s.note("%s: %s looked at, %s differ so far, back to %s", s.place, count(int64(r.Events), "event"), count(int64(r.Replayed-r.Same), "decision"), r.Earliest.Format(time.RFC3339))
			continue
		}
		if err := show(s, line, s.printReplay); err != nil {
			return err
		}
		if tell && len(r.Changes) > 0 {
			return errDiffers
		}
		return nil
	}
}

func (s *session) printReplay(r replay.Report) error {
	candidate := "the tree"
	if r.Revision != 0 {
		candidate = "revision " + strconv.FormatInt(r.Revision, 10)
	}
	s.note("%s, %s, decisions from %s until %s", s.place, candidate, r.From.Format(time.RFC3339), r.To.Format(time.RFC3339))
	fmt.Fprintf(s.out, "%s asked again: %d the same, %d would have got more, %d less\n", count(int64(r.Replayed), "decision"), r.Same, r.More, r.Less)
	fmt.Fprintf(s.out, "not asked again: %d no decision, %d erased, %d unreadable\n", r.Undecided, r.Erased, r.Unreadable)
	if r.Cut {
		fmt.Fprintf(s.out, "cut: only the newest %s of each kind were looked at, back to %s; --events looks at more\n", count(int64(r.Events), "event"), r.Earliest.Format(time.RFC3339))
	}
	var rows [][]string
	for _, c := range r.Changes {
		example := c.Example.Trace
		if example == "" {
			example = fmt.Sprintf("%d/%d", c.Example.Chain, c.Example.Seq)
		}
		rows = append(rows, []string{replaySign(c.Kind), string(c.Kind), c.Server, string(c.Application), string(c.Scope), strconv.Itoa(c.Count), example, c.Why})
	}
	if len(rows) > 0 {
		if err := s.look.table(s.out, []string{"", "CHANGE", "SERVER", "APPLICATION", "SCOPE", "TIMES", "EXAMPLE", "WHY"}, rows); err != nil {
			return err
		}
	}
	if r.Untold > 0 {
		fmt.Fprintf(s.out, "and %d differences besides\n", r.Untold)
	}
	return nil
}

func replaySign(k replay.Kind) string {
	if k.Widens() {
		return "+"
	}
	return "-"
}
