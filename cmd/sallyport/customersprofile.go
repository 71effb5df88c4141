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

	"sallyport/pure/customer"
	"sallyport/web/admin"
)

func newCustomersTag(s streams) *cobra.Command {
	var f stateFlags
	var patch admin.TagPatch
	c := &cobra.Command{
		Use: "tag CUSTOMER [TAG]...", Short: "Put tags on a customer, and take tags off", Args: cobra.MinimumNArgs(1),
		Example: `  sallyport customers tag dana@example.test hardship-2026
  sallyport customers tag dana@example.test --remove hardship-2026`,
		RunE: func(c *cobra.Command, args []string) error {
			patch.Add = args[1:]
			return f.within(c.Context(), s, "", func(talk *session) error {
				var answer json.RawMessage
				if err := talk.send(http.MethodPost, talk.here("/customers/"+url.PathEscape(args[0])+"/tags"), patch, &answer); err != nil {
					return err
				}
				return show(talk, answer, func(t admin.CustomerTags) error {
					_, err := fmt.Fprintln(s.out, dash(strings.Join(t.Tags, " ")))
					return err
				})
			})
		},
	}
	f.bindEnv(c)
	c.Flags().StringArrayVar(&patch.Remove, "remove", nil, "a tag to take off; repeat it for several")
	c.Flags().StringVar(&patch.Reason, "reason", "", "why, for the ledger")
	return c
}

func newCustomersFirst(s streams) *cobra.Command {
	var f stateFlags
	var body admin.NewIdentifier
	c := &cobra.Command{
		Use: "first-address CUSTOMER ADDRESS", Short: "Let an address that a customer proved come first", Args: takes("CUSTOMER", "ADDRESS"),
		Long: `First-address chooses among several mail addresses or phone numbers that a customer
proved: applications hear of the first one, and where no address is typed, codes go
there. Customers choose it themselves on their pages, at /account/addresses. All their
addresses are told.`,
		Example: `  sallyport customers first-address dana dana@work.example --reason "asked by phone"`,
		RunE: func(c *cobra.Command, args []string) error {
			body.Kind, body.Value = string(customer.Phone), args[1]
			if strings.Contains(args[1], "@") {
				body.Kind = string(customer.Email)
			}
			return f.within(c.Context(), s, "", func(talk *session) error {
				var answer json.RawMessage
				path := talk.here("/customers/" + url.PathEscape(args[0]))
				if err := talk.amend(path, http.MethodPost, path+"/identifiers/first", amendment{body: body, into: &answer}); err != nil {
					return err
				}
				return show(talk, answer, func(c admin.Customer) error {
					for _, i := range c.Identifiers {
						if i.First && i.Kind == body.Kind {
							_, err := fmt.Fprintf(s.out, "%s comes first for %s\n", i.Value, c.ID)
							return err
						}
					}
					_, err := fmt.Fprintf(s.out, "it came first for %s already\n", c.ID)
					return err
				})
			})
		},
	}
	f.bindEnv(c)
	c.Flags().StringVar(&body.Reason, "reason", "", "why, for the ledger")
	return c
}

func newCustomersTagged(s streams) *cobra.Command {
	var f stateFlags
	var after string
	var limit int
	c := &cobra.Command{
		Use: "tagged TAG", Short: "List the customers who wear a tag", Args: takes("TAG"),
		Long: `Tagged lists customers by a word that was put on them. Whoever wears no-identifier lost
the last name that they signed in with to somebody who proved that it is theirs: they
are disabled, and found by nothing else. Sallyport puts that tag on and takes it off.`,
		Example: `  sallyport customers tagged hardship-2026
  sallyport customers tagged no-identifier --env production`,
		RunE: func(c *cobra.Command, args []string) error {
			query := url.Values{"limit": {strconv.Itoa(limit)}}
			if after != "" {
				query.Set("cursor", after)
			}
			return f.within(c.Context(), s, "", func(talk *session) error {
				var answer json.RawMessage
				if err := talk.get(talk.here("/tags/"+url.PathEscape(args[0])+"/customers"), query, &answer); err != nil {
					return err
				}
				return show(talk, answer, func(page admin.TaggedCustomers) error {
					var rows [][]string
					for _, c := range page.Customers {
						rows = append(rows, []string{c.ID, c.State, dash(c.Name)})
					}
					if page.Next != "" {
						talk.note("more: --after %s", page.Next)
					}
					return talk.look.table(s.out, []string{"CUSTOMER", "STATE", "NAME"}, rows)
				})
			})
		},
	}
	f.bindEnv(c)
	c.Flags().StringVar(&after, "after", "", "those behind this id: the next page")
	c.Flags().IntVar(&limit, "limit", 50, "how many, at most 200")
	return c
}

func newCustomersDossier(s streams) *cobra.Command {
	var f stateFlags
	var reason string
	c := &cobra.Command{
		Use: "dossier CUSTOMER", Short: "Write down everything that is kept about a customer, for them to read", Args: takes("CUSTOMER"),
		Long: `Dossier is the answer to whoever asks what is kept about them: one JSON document with
their names, agreements, accounts, sessions, messages and every event, and without
hashes and keys, which nobody can read. That it was written is in the ledger. To move a
person to another system, use sallyport customers export.`,
		Example: `  sallyport customers dossier dana@example.test --reason "asked by letter" > dana.json`,
		RunE: func(c *cobra.Command, args []string) error {
			return f.within(c.Context(), s, "", func(talk *session) error {
				var answer json.RawMessage
				if err := talk.get(talk.here("/customers/"+url.PathEscape(args[0])+"/dossier"), url.Values{"reason": {reason}}, &answer); err != nil {
					return err
				}
				_, err := s.out.Write(append(answer, '\n'))
				return err
			})
		},
	}
	f.bindEnv(c)
	c.Flags().StringVar(&reason, "reason", "", "why, for the ledger")
	return c
}

func newCustomersErase(s streams) *cobra.Command {
	var f stateFlags
	var reason string
	var sure bool
	c := &cobra.Command{
		Use: "erase CUSTOMER --yes", Short: "Erase a customer with everything that is theirs, for good", Args: takes("CUSTOMER"),
		Long: `Erase removes a customer from every table in one transaction, personal parts of the
ledger included. The ledger's chain stays; of records of migrations tombstones stay, so
that no export brings them back. Accounts that nobody else is a member of go with them.
Within five seconds no node honours what was issued to them. There is no way back.`,
		Example: `  sallyport customers erase cus_0123456789abcdefghjkmnpqrs --yes --reason "asked by letter"`,
		RunE: func(c *cobra.Command, args []string) error {
			if !sure {
				return usage(c, errors.New("--yes is missing: nobody can bring them back"))
			}
			return f.within(c.Context(), s, "", func(talk *session) error {
				var answer json.RawMessage
				path := talk.here("/customers/" + url.PathEscape(args[0]))
				if err := talk.amend(path, http.MethodPost, path+"/erase", amendment{body: admin.Erasure{Reason: reason}, into: &answer}); err != nil {
					return err
				}
				return show(talk, answer, talk.erased)
			})
		},
	}
	f.bindEnv(c)
	c.Flags().BoolVar(&sure, "yes", false, "you are sure")
	c.Flags().StringVar(&reason, "reason", "", "why, for the ledger")
	return c
}

func (s *session) erased(e admin.Erased) error {
	if len(e.Ownerless) > 0 {
		s.note("nobody owns these accounts any more: %s", strings.Join(e.Ownerless, " "))
	}
	_, err := fmt.Fprintf(s.out, "%s is erased: %s forgotten, %s, %s\n", e.ID, count(int64(e.Events), "event"), count(int64(e.Records), "tombstone"), count(int64(len(e.Accounts)), "account"))
	return err
}
