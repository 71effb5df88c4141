package main

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/spf13/cobra"

	"sallyport/web/admin"
)

func newCustomersAgreements(s streams) *cobra.Command {
	var f stateFlags
	c := &cobra.Command{
		Use: "agreements CUSTOMER", Short: "List what a customer said yes or no to, and when", Args: takes("CUSTOMER"),
		Example: `  sallyport customers agreements dana@example.test`,
		RunE: func(c *cobra.Command, args []string) error {
			return f.within(c.Context(), s, "", func(talk *session) error {
				var answer json.RawMessage
				if err := talk.get(talk.here("/customers/"+url.PathEscape(args[0])+"/agreements"), nil, &answer); err != nil {
					return err
				}
				return show(talk, answer, talk.agreements)
			})
		},
	}
	f.bindEnv(c)
	return c
}

func newCustomersWithdraw(s streams) *cobra.Command {
	var f stateFlags
	var body admin.AgreementWithdrawal
	c := &cobra.Command{
		Use: "withdraw CUSTOMER PURPOSE --reason WHY", Short: "Take back what a customer said yes to, as they asked", Args: takes("CUSTOMER", "PURPOSE"),
		Long: `Withdraw takes a yes to a purpose back for a customer who asks for it by letter or phone.
Customers do it themselves at /account/agreements. From then on the purpose is not
allowed; who said so, when and why is kept, and hooks are told. What everybody agrees
to, such as terms of service, cannot be taken back: sallyport customers erase.`,
		Example: `  sallyport customers withdraw dana@example.test saving-tips --reason "asked by letter"`,
		RunE: func(c *cobra.Command, args []string) error {
			if body.Reason == "" {
				return usage(c, errors.New("--reason is missing"))
			}
			body.Document = args[1]
			return f.within(c.Context(), s, "", func(talk *session) error {
				var answer json.RawMessage
				if err := talk.send(http.MethodPost, talk.here("/customers/"+url.PathEscape(args[0])+"/agreements/withdraw"), body, &answer); err != nil {
					return err
				}
				return show(talk, answer, talk.agreements)
			})
		},
	}
	f.bindEnv(c)
	c.Flags().StringVar(&body.Reason, "reason", "", "how they said it, for the ledger")
	return c
}

// agreements is a table of what somebody said.
func (s *session) agreements(all admin.Agreements) error {
	var rows [][]string
	for _, a := range all.Agreements {
		said, ended := "yes", ""
		if a.Refused {
			said = "no"
		}
		switch {
		case a.Replaced:
			ended = "a newer answer"
		case a.Withdrawn != nil:
			ended = a.Withdrawn.Format(time.RFC3339)
		}
		rows = append(rows, []string{a.Kind, a.Document, a.Version, said, a.Given.Format(time.RFC3339), dash(ended)})
	}
	return s.look.table(s.out, []string{"KIND", "NAME", "VERSION", "SAID", "GIVEN", "ENDED"}, rows)
}
