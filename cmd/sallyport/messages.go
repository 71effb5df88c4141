package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"sallyport/service/notify"
	"sallyport/web/admin"
)

func newMessages(s streams) *cobra.Command {
	c := group("messages", "See which messages to customers went out, and have them sent again", `  sallyport messages list --state failed
  sallyport messages test you@example.com`, newMessagesList(s), newMessagesRetry(s), newMessagesTest(s))
	c.Long = `Messages are mail, text messages, calls and letters to customers. They lie in an
outbox until whoever delivers them has taken them; the tree names who that is
(kind: sender). To whom they go and what they say is sealed, and shown to nobody.`
	return c
}

func newMessagesList(s streams) *cobra.Command {
	var f stateFlags
	var state, customer, before string
	var limit int
	c := &cobra.Command{
		Use: "list", Short: "List messages, newest first", Args: noArgs,
		Example: `  sallyport messages list --state failed --env production
  sallyport messages list --customer cus_… --json`,
		RunE: func(c *cobra.Command, _ []string) error {
			asked := url.Values{"limit": {strconv.Itoa(limit)}}
			for name, value := range map[string]string{"state": state, "customer": customer, "before": before} {
				if value != "" {
					asked.Set(name, value)
				}
			}
			return f.within(c.Context(), s, "", func(talk *session) error {
				var answer json.RawMessage
				if err := talk.get(talk.here("/messages"), asked, &answer); err != nil {
					return err
				}
				return show(talk, answer, talk.messages)
			})
		},
	}
	f.bindEnv(c)
	c.Flags().StringVar(&state, "state", "", "only those: "+strings.Join(notify.States(), ", "))
	c.Flags().StringVar(&customer, "customer", "", "only those to a customer, by id")
	c.Flags().StringVar(&before, "before", "", "those before this id: the next page")
	c.Flags().IntVar(&limit, "limit", 50, "how many, up to 1000")
	return c
}

func (s *session) messages(page admin.Messages) error {
	var rows [][]string
	for _, m := range page.Messages {
		next := ""
		if m.Due != nil {
			next = m.Due.Format(time.RFC3339)
		}
		rows = append(rows, []string{m.ID, m.Updated.Format(time.RFC3339), m.State, m.Channel, m.Template, dash(m.Reason), dash(m.Sender), strconv.Itoa(m.Attempts), dash(m.Customer), dash(next)})
	}
	s.note("%s: %s", page.Place, count(int64(len(rows)), "message"))
	if err := s.look.table(s.out, []string{"ID", "UPDATED", "STATE", "CHANNEL", "KIND", "REASON", "SENDER", "TRIES", "CUSTOMER", "NEXT"}, rows); err != nil {
		return err
	}
	if page.Next != "" {
		s.note("more: --before %s", page.Next)
	}
	return nil
}

func newMessagesRetry(s streams) *cobra.Command {
	var f stateFlags
	c := &cobra.Command{
		Use: "retry ID", Short: "Have a message sent again that failed", Args: takes("ID"),
		Example: `  sallyport messages retry 000660da8a5188000b989d087f73f613`,
		RunE: func(c *cobra.Command, args []string) error {
			return f.within(c.Context(), s, "", func(talk *session) error {
				var answer json.RawMessage
				if err := talk.send(http.MethodPost, talk.here("/messages/"+url.PathEscape(args[0])+"/retry"), nil, &answer); err != nil {
					return err
				}
				return show(talk, answer, func(m admin.OneMessage) error {
					_, err := fmt.Fprintf(talk.out, "%s\t%s\n", m.ID, m.State)
					return err
				})
			})
		},
	}
	f.bindEnv(c)
	return c
}

func newMessagesTest(s streams) *cobra.Command {
	var f stateFlags
	var asked admin.MessageTest
	c := &cobra.Command{
		Use: "test ADDRESS", Short: "Send a message that says that it is a test", Args: takes("ADDRESS"),
		Long: `Test puts a message into the outbox that says that it is a test, and shows its id:
"sallyport messages list" tells what became of it. The server that runs sends it. An
address with an @ gets mail, any other a text message; --channel says otherwise.`,
		Example: `  sallyport messages test you@example.com
  sallyport messages test +14155550132 --language es
  sallyport messages test --channel letter $'12 Wharf Lane\nPort Harbour'`,
		RunE: func(c *cobra.Command, args []string) error {
			if asked.Address = args[0]; asked.Address == "" {
				return usage(c, errors.New("the address is empty"))
			}
			if asked.Channel == "" {
				asked.Channel = "sms"
				if strings.Contains(asked.Address, "@") {
					asked.Channel = "email"
				}
			}
			return f.within(c.Context(), s, "", func(talk *session) error {
				var answer json.RawMessage
				if err := talk.send(http.MethodPost, talk.here("/messages/test"), asked, &answer); err != nil {
					return err
				}
				return show(talk, answer, func(m admin.TestedMessage) error {
					_, err := fmt.Fprintln(talk.out, m.ID)
					return err
				})
			})
		},
	}
	f.bindEnv(c)
	c.Flags().StringVar(&asked.Channel, "channel", "", "email, sms or letter (default: by the address)")
	c.Flags().StringVar(&asked.Language, "language", "", "in which it speaks, such as es")
	c.Flags().StringVar(&asked.Brand, "brand", "", "whose message it is (default: the default brand)")
	return c
}
