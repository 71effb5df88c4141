package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"sallyport/web/admin"
)

func newCustomers(s streams) *cobra.Command {
	return group("customers", "Find, show, tag, sign out, disable, enable and erase customers, and export them all", `  sallyport customers find dana
  sallyport customers sign-out dana@example.test`,
		newCustomersFind(s), newCustomersShow(s), newCustomersSignOut(s),
		newCustomersState(s, "disable"), newCustomersState(s, "enable"), newCustomersExport(s), newCustomersOpen(s),
		newCustomersTag(s), newCustomersFirst(s), newCustomersAgreements(s), newCustomersWithdraw(s), newCustomersTagged(s), newCustomersCard(s), newCustomersDossier(s), newCustomersErase(s))
}

func newCustomersFind(s streams) *cobra.Command {
	var f stateFlags
	var kind string
	var limit int
	c := &cobra.Command{
		Use: "find PREFIX", Short: "Find customers by the beginning of a name they sign in with", Args: takes("PREFIX"),
		Example: `  sallyport customers find dana
  sallyport customers find +44 --kind phone --limit 10`,
		RunE: func(c *cobra.Command, args []string) error {
			query := url.Values{"prefix": {args[0]}, "limit": {strconv.Itoa(limit)}}
			if kind != "" {
				query.Set("kind", kind)
			}
			return f.within(c.Context(), s, "", func(talk *session) error {
				var answer json.RawMessage
				if err := talk.get(talk.here("/customers"), query, &answer); err != nil {
					return err
				}
				return show(talk, answer, talk.found)
			})
		},
	}
	f.bindEnv(c)
	c.Flags().StringVar(&kind, "kind", "", "username, email or phone (default: any)")
	c.Flags().IntVar(&limit, "limit", 50, "how many, at most 200")
	return c
}

func (s *session) found(page admin.Customers) error {
	var rows [][]string
	for _, row := range page.Customers {
		rows = append(rows, []string{row.ID, row.Kind, row.Identifier, row.State, dash(row.Name), dash(strings.Join(row.Groups, " "))})
	}
	s.note("%s: %s", page.Place, count(int64(len(rows)), "match", "matches"))
	if page.Next != "" {
		s.note("there are more: write more of the name")
	}
	return s.look.table(s.out, []string{"CUSTOMER", "KIND", "IDENTIFIER", "STATE", "NAME", "GROUPS"}, rows)
}

func newCustomersShow(s streams) *cobra.Command {
	var f stateFlags
	c := &cobra.Command{
		Use: "show CUSTOMER", Short: "Show a customer, by id or by a name they sign in with", Args: takes("CUSTOMER"),
		Example: `  sallyport customers show dana@example.test
  sallyport customers show cus_0123456789abcdefghjkmnpqrs --json`,
		RunE: func(c *cobra.Command, args []string) error {
			return f.within(c.Context(), s, "", func(talk *session) error {
				var answer json.RawMessage
				if err := talk.get(talk.here("/customers/"+url.PathEscape(args[0])), nil, &answer); err != nil {
					return err
				}
				return show(talk, answer, talk.customer)
			})
		},
	}
	f.bindEnv(c)
	return c
}

func (s *session) customer(c admin.Customer) error {
	rows := [][]string{{"id", c.ID}, {"state", c.State}, {"name", dash(c.Name)}, {"groups", dash(strings.Join(c.Groups, " "))}}
	rows = append(rows, []string{"tags", dash(strings.Join(c.Tags, " "))})
	for _, i := range c.Identifiers {
		proven := "unverified"
		if i.Verified {
			proven = "verified"
		}
		rows = append(rows, []string{i.Kind, fmt.Sprintf("%s (%s, by %s)", i.Value, proven, dash(i.Source))})
	}
	for _, name := range sortedKeys(c.Attributes) {
		rows = append(rows, []string{name, c.Attributes[name]})
	}
	rows = append(rows, []string{"password", dash(c.Password)})
	for _, p := range c.Proofs {
		rows = append(rows, []string{p.Kind, proofLine(p)})
	}
	rows = append(rows, []string{"signed out", whenever(c.NotBefore)}, []string{"created", when(c.Created)}, []string{"updated", when(c.Updated)})
	s.note("%s", c.Place)
	return s.look.table(s.out, []string{"FIELD", "VALUE"}, rows)
}

// proofLine tells a factor or a passkey in one line.
func proofLine(p admin.Proof) string {
	said := []string{"since " + when(p.Since)}
	if p.Used != nil {
		said = append(said, "last used "+when(*p.Used))
	}
	if p.Source != "" {
		said = append(said, "by "+p.Source)
	}
	return strings.TrimSpace(strings.TrimSpace(p.Label+" "+p.For) + " (" + strings.Join(said, ", ") + ")")
}

func newCustomersSignOut(s streams) *cobra.Command {
	var f stateFlags
	c := &cobra.Command{
		Use: "sign-out CUSTOMER", Short: "End every session of a customer and everything issued to them", Args: takes("CUSTOMER"),
		Long: `Sign-out is for a lost phone or a stolen session: within five seconds no session,
refresh token or access token from before is honoured, on any server. The
customer is not disabled: whoever knows the password may sign in again.`,
		Example: `  sallyport customers sign-out dana@example.test --env production
  sallyport customers sign-out cus_0123456789abcdefghjkmnpqrs`,
		RunE: func(c *cobra.Command, args []string) error {
			return f.within(c.Context(), s, "", func(talk *session) error {
				var answer json.RawMessage
				path := talk.here("/customers/" + url.PathEscape(args[0]))
				if err := talk.amend(path, http.MethodPost, path+"/sign-out", amendment{into: &answer}); err != nil {
					return err
				}
				return show(talk, answer, func(c admin.Customer) error {
					_, err := fmt.Fprintf(s.out, "%s is signed out everywhere in %s\n", c.ID, c.Place)
					return err
				})
			})
		},
	}
	f.bindEnv(c)
	return c
}

func newCustomersState(s streams, verb string) *cobra.Command {
	var f stateFlags
	state, short := "disabled", "Disable a customer: no sign-in, and no token honoured, within five seconds"
	if verb == "enable" {
		state, short = "active", "Let a customer sign in again"
	}
	c := &cobra.Command{
		Use: verb + " CUSTOMER", Short: short, Args: takes("CUSTOMER"),
		Example: "  sallyport customers " + verb + " dana@example.test --env production",
		RunE: func(c *cobra.Command, args []string) error {
			return f.within(c.Context(), s, "", func(talk *session) error {
				var answer json.RawMessage
				path := talk.here("/customers/" + url.PathEscape(args[0]))
				if err := talk.amend(path, http.MethodPut, path+"/state", amendment{body: admin.NewState{State: state}, into: &answer}); err != nil {
					return err
				}
				return show(talk, answer, func(c admin.Customer) error {
					_, err := fmt.Fprintf(s.out, "%s is %s in %s\n", c.ID, c.State, c.Place)
					return err
				})
			})
		},
	}
	f.bindEnv(c)
	return c
}
