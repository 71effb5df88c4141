package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"sallyport/pure/customer"
	"sallyport/web/admin"
)

func newAccounts(s streams) *cobra.Command {
	return group("accounts", "List, show and add accounts, their premises, their members and who is invited", `  sallyport accounts list HL-00
  sallyport accounts member add HL-0001 dana@example.test --role owner`,
		newAccountsList(s), newAccountsShow(s), newAccountsAdd(s), newAccountsState(s, "close"), newAccountsState(s, "reopen"), newAccountsPlace(s),
		group("member", "Make customers members of an account, and end that", `  sallyport accounts member add HL-0001 dana@example.test --role owner
  sallyport accounts member remove HL-0001 dana@example.test`, newMemberAdd(s), newMemberRemove(s)),
		newAccountsInvite(s), newAccountsInvitations(s), newAccountsRevoke(s))
}

func newAccountsList(s streams) *cobra.Command {
	var f stateFlags
	var limit int
	c := &cobra.Command{
		Use: "list [PREFIX]", Short: "List accounts by the beginning of their number", Args: cobra.MaximumNArgs(1),
		Example: `  sallyport accounts list
  sallyport accounts list HL-00 --limit 200`,
		RunE: func(c *cobra.Command, args []string) error {
			return f.within(c.Context(), s, "", func(talk *session) error {
				var answer json.RawMessage
				query := url.Values{"prefix": {strings.Join(args, "")}, "limit": {strconv.Itoa(limit)}}
				if err := talk.get(talk.here("/accounts"), query, &answer); err != nil {
					return err
				}
				return show(talk, answer, func(page admin.Accounts) error {
					var rows [][]string
					for _, a := range page.Accounts {
						rows = append(rows, []string{a.Number, a.ID, a.State, dash(a.Name)})
					}
					if page.Next != "" {
						talk.note("there are more: write more of the number")
					}
					return talk.look.table(s.out, []string{"NUMBER", "ACCOUNT", "STATE", "NAME"}, rows)
				})
			})
		},
	}
	f.bindEnv(c)
	c.Flags().IntVar(&limit, "limit", 50, "how many, at most 200")
	return c
}

func newAccountsShow(s streams) *cobra.Command {
	var f stateFlags
	c := &cobra.Command{
		Use: "show ACCOUNT", Short: "Show an account with premises and members, by number or id", Args: takes("ACCOUNT"),
		Example: `  sallyport accounts show HL-0001
  sallyport accounts show HL-0001 --json`,
		RunE: func(c *cobra.Command, args []string) error {
			return f.within(c.Context(), s, "", func(talk *session) error {
				var answer json.RawMessage
				if err := talk.get(talk.here("/accounts/"+url.PathEscape(args[0])), nil, &answer); err != nil {
					return err
				}
				return show(talk, answer, talk.account)
			})
		},
	}
	f.bindEnv(c)
	return c
}

func (s *session) account(a admin.Account) error {
	rows := [][]string{{"number", a.Number}, {"id", a.ID}, {"state", a.State}, {"name", dash(a.Name)}}
	for _, name := range sortedKeys(a.Attributes) {
		rows = append(rows, []string{name, a.Attributes[name]})
	}
	for _, p := range a.Premises {
		rows = append(rows, []string{"premises", strings.TrimSpace(p.Reference + " " + p.Address.String())})
	}
	for _, m := range a.Members {
		rows = append(rows, []string{m.Role, fmt.Sprintf("%s %s (since %s, by %s)", m.Customer, dash(m.Name), when(m.Since), m.By)})
	}
	if a.More {
		s.note("there are more premises or members than these")
	}
	s.note("%s", a.Place)
	return s.look.table(s.out, []string{"FIELD", "VALUE"}, rows)
}

// changed sends what changes an account, and shows what it is then.
func (s *session) changed(method, path string, body any) error {
	var answer json.RawMessage
	if err := s.send(method, path, body, &answer); err != nil {
		return err
	}
	return show(s, answer, s.account)
}

func newAccountsAdd(s streams) *cobra.Command {
	var f stateFlags
	var name, reason string
	var attributes map[string]string
	c := &cobra.Command{
		Use: "add NUMBER", Short: "Make an account", Args: takes("NUMBER"),
		Example: `  sallyport accounts add HL-0001 --name "Wharf Lane" --attribute tariff=tide`,
		RunE: func(c *cobra.Command, args []string) error {
			patch := admin.AccountPatch{Number: &args[0], Name: &name, Attributes: map[string]*string{}, Reason: reason}
			for key, value := range attributes {
				patch.Attributes[key] = &value
			}
			return f.within(c.Context(), s, "", func(talk *session) error { return talk.changed(http.MethodPost, talk.here("/accounts"), patch) })
		},
	}
	f.bindEnv(c)
	c.Flags().StringVar(&name, "name", "", "how its members tell it from others")
	c.Flags().StringToStringVar(&attributes, "attribute", nil, "a registered attribute, NAME=VALUE; repeat it for several")
	c.Flags().StringVar(&reason, "reason", "", "why, for the ledger")
	return c
}

func newAccountsState(s streams, verb string) *cobra.Command {
	var f stateFlags
	var reason string
	state, short := "closed", "Close an account: its members still see it, and nobody joins it"
	if verb == "reopen" {
		state, short = "open", "Open an account again"
	}
	c := &cobra.Command{
		Use: verb + " ACCOUNT", Short: short, Args: takes("ACCOUNT"),
		Example: "  sallyport accounts " + verb + " HL-0001",
		RunE: func(c *cobra.Command, args []string) error {
			return f.within(c.Context(), s, "", func(talk *session) error {
				var answer json.RawMessage
				path := talk.here("/accounts/" + url.PathEscape(args[0]))
				if err := talk.amend(path, http.MethodPatch, path, amendment{body: admin.AccountPatch{State: &state, Reason: reason}, into: &answer}); err != nil {
					return err
				}
				return show(talk, answer, talk.account)
			})
		},
	}
	f.bindEnv(c)
	c.Flags().StringVar(&reason, "reason", "", "why, for the ledger")
	return c
}

func newAccountsPlace(s streams) *cobra.Command {
	var f stateFlags
	var place admin.NewPremises
	var address customer.Address
	c := &cobra.Command{
		Use: "place ACCOUNT --line LINE", Short: "Add premises to an account", Args: takes("ACCOUNT"),
		Example: `  sallyport accounts place HL-0001 --line "12 Wharf Lane" --town Harbour --country NZ --reference MP-7`,
		RunE: func(c *cobra.Command, args []string) error {
			place.Address = address
			return f.within(c.Context(), s, "", func(talk *session) error {
				return talk.changed(http.MethodPost, talk.here("/accounts/"+url.PathEscape(args[0])+"/premises"), place)
			})
		},
	}
	f.bindEnv(c)
	c.Flags().StringArrayVar(&address.Lines, "line", nil, "house and street; repeat it for more lines")
	c.Flags().StringVar(&address.Town, "town", "", "town")
	c.Flags().StringVar(&address.Region, "region", "", "state or province")
	c.Flags().StringVar(&address.Postcode, "postcode", "", "postcode")
	c.Flags().StringVar(&address.Country, "country", "", "two letters, such as NZ")
	c.Flags().StringVar(&place.Reference, "reference", "", "the business's own number of it, such as a meter point's")
	return c
}
