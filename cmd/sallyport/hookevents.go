package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"sallyport/web/admin"
)

func newHooksEvents(s streams) *cobra.Command {
	var f stateFlags
	var state, since, after string
	var limit int
	c := &cobra.Command{
		Use: "events [HOOK]", Short: "List what hooks are told of, and whether they took it, oldest first", Args: cobra.MaximumNArgs(1),
		Example: `  sallyport hooks events fraud --state dead
  sallyport hooks events --since 2026-11-22T08:00:00Z --json`,
		RunE: func(c *cobra.Command, args []string) error {
			asked := url.Values{"limit": {strconv.Itoa(limit)}}
			if len(args) > 0 {
				asked.Set("hook", args[0])
			}
			for name, value := range map[string]string{"state": state, "since": since, "after": after} {
				if value != "" {
					asked.Set(name, value)
				}
			}
			return f.within(c.Context(), s, "", func(talk *session) error {
				var answer json.RawMessage
				if err := talk.get(talk.here("/hook-events"), asked, &answer); err != nil {
					return err
				}
				return show(talk, answer, talk.hookEvents)
			})
		},
	}
	f.bindEnv(c)
	c.Flags().StringVar(&state, "state", "", "only those: queued, sending, sent, dead")
	c.Flags().StringVar(&since, "since", "", "only those of what happened since then, such as 2026-11-22T08:00:00Z")
	c.Flags().StringVar(&after, "after", "", "those after this id: the next page")
	c.Flags().IntVar(&limit, "limit", 50, "how many, up to 1000")
	return c
}

func (s *session) hookEvents(page admin.HookEventList) error {
	var rows [][]string
	for _, e := range page.Events {
		next := ""
		if e.Due != nil {
			next = e.Due.Format(time.RFC3339)
		}
		rows = append(rows, []string{e.ID, e.At.Format(time.RFC3339), e.Hook, e.Type, e.Customer, e.State, dash(e.Reason), strconv.Itoa(e.Attempts), dash(next)})
	}
	s.note("%s: %s", page.Place, count(int64(len(rows)), "event"))
	if err := s.look.table(s.out, []string{"ID", "AT", "HOOK", "TYPE", "CUSTOMER", "STATE", "REASON", "TRIES", "NEXT"}, rows); err != nil {
		return err
	}
	if page.Next != "" {
		s.note("more: --after %s", page.Next)
	}
	return nil
}

func newHooksReplay(s streams) *cobra.Command {
	var f stateFlags
	var since string
	var asked admin.HookReplay
	c := &cobra.Command{
		Use: "replay [HOOK]", Short: "Have events go out to hooks again, under the ids that they had", Args: cobra.MaximumNArgs(1),
		Long: `Replay has events go out again that hooks took, or that are dead: one by its id, or all
since an instant, of one hook or of all, in their order, up to 10 000 at once. Ids are
those that they had, so that a hook can tell what it has seen. Events are kept for eight
days.`,
		Example: `  sallyport hooks replay fraud --since 2026-11-22T08:00:00Z
  sallyport hooks replay --id 000652a1b2c3d4e50123456789abcdef`,
		RunE: func(c *cobra.Command, args []string) error {
			if (asked.ID == "") == (since == "") {
				return usage(c, errors.New("say either --id or --since"))
			}
			if since != "" {
				at, err := time.Parse(time.RFC3339, since)
				if err != nil {
					return usage(c, fmt.Errorf("--since %q is no time such as 2026-11-22T08:00:00Z", since))
				}
				asked.Since = &at
			}
			if len(args) > 0 {
				asked.Hook = args[0]
			}
			return f.within(c.Context(), s, "", func(talk *session) error {
				var answer json.RawMessage
				if err := talk.send(http.MethodPost, talk.here("/hook-events/replay"), asked, &answer); err != nil {
					return err
				}
				return show(talk, answer, func(r admin.HookReplayed) error {
					if r.More {
						talk.note("there are more: replay again once these are out")
					}
					_, err := fmt.Fprintf(talk.out, "%s to go out again\n", count(int64(r.Queued), "event"))
					return err
				})
			})
		},
	}
	f.bindEnv(c)
	c.Flags().StringVar(&asked.ID, "id", "", "one event")
	c.Flags().StringVar(&since, "since", "", "all of what happened since then, such as 2026-11-22T08:00:00Z")
	return c
}
