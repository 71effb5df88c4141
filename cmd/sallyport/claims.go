package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"sallyport/service/claim"
	"sallyport/service/environment"
	"sallyport/service/source"
	"sallyport/service/source/kinds"
	"sallyport/web/admin"
)

// newClaim wires who finds accounts where the business keeps them.
func (i *installation) newClaim(o installationOptions) *claim.Service {
	return claim.New(claim.Config{
		Store: i.store, Keys: i.ring, Audit: i.audit, Log: i.log, Now: now, Rand: rand.Reader, Region: defaultRegion, Notify: i.messages,
		Open: func(ctx context.Context, live *environment.Live, spec *source.Spec) (*source.System, error) {
			deps := i.sourceDeps(live)
			deps.Files = o.sourceFiles
			return kinds.Open(ctx, spec, deps)
		},
	})
}

func newClaims(s streams) *cobra.Command {
	c := group("claims", "Decide whose account is whose, where customers could not prove it", `  sallyport claims list
  sallyport claims grant clm_… --note "wrote to us from the billing address"`, newClaimsList(s), newClaimsShow(s), newClaimsDecide(s, true), newClaimsDecide(s, false))
	c.Long = `Customers who know the number of an account and facts about it have it linked by
themselves. What waits for a person is an account that somebody owns already, one that
is closed, and whoever tried too often. What was said is kept nowhere; which facts were
right is.`
	return c
}

func newClaimsList(s streams) *cobra.Command {
	var f stateFlags
	var state, customer, number, after string
	var limit int
	c := &cobra.Command{
		Use: "list", Short: "List claims, oldest first", Args: noArgs,
		Example: `  sallyport claims list --env production
  sallyport claims list --state refused --number HL-0001042 --json`,
		RunE: func(c *cobra.Command, _ []string) error {
			asked := url.Values{"limit": {strconv.Itoa(limit)}}
			for name, value := range map[string]string{"state": state, "customer": customer, "number": number, "after": after} {
				if value != "" && value != "any" {
					asked.Set(name, value)
				}
			}
			return f.within(c.Context(), s, "", func(talk *session) error {
				var answer json.RawMessage
				if err := talk.get(talk.here("/claims"), asked, &answer); err != nil {
					return err
				}
				return show(talk, answer, talk.accountClaims)
			})
		},
	}
	f.bindEnv(c)
	c.Flags().StringVar(&state, "state", "waits", "only those: waits, granted, refused, or any")
	c.Flags().StringVar(&customer, "customer", "", "only those of a customer, by id")
	c.Flags().StringVar(&number, "number", "", "only those to an account, by its number")
	c.Flags().StringVar(&after, "after", "", "those behind this id: the next page")
	c.Flags().IntVar(&limit, "limit", 50, "how many, up to 200")
	return c
}

func (s *session) accountClaims(page admin.AccountClaims) error {
	var rows [][]string
	for _, c := range page.Claims {
		rows = append(rows, []string{c.ID, c.Created.Format(time.RFC3339), c.State, c.Number, c.Reason, c.Customer, dash(c.By)})
	}
	s.note("%s: %s", page.Place, count(int64(len(rows)), "claim"))
	if err := s.look.table(s.out, []string{"ID", "CREATED", "STATE", "ACCOUNT", "REASON", "CUSTOMER", "DECIDED BY"}, rows); err != nil {
		return err
	}
	if page.Next != "" {
		s.note("more: --after %s", page.Next)
	}
	return nil
}

func (s *session) accountClaim(c admin.OneAccountClaim) error {
	rows := [][]string{
		{"claim", c.ID},
		{"state", c.State},
		{"account", c.Number},
		{"customer", c.Customer},
		{"reason", c.Reason},
		{"went by", dash(string(c.Evidence))},
		{"created", c.Created.Format(time.RFC3339)},
	}
	if c.By != "" {
		rows = append(rows, []string{"decided by", c.By}, []string{"because", c.Note}, []string{"decided", c.Updated.Format(time.RFC3339)})
	}
	for _, row := range rows {
		if _, err := fmt.Fprintf(s.out, "%s\t%s\n", row[0], row[1]); err != nil {
			return err
		}
	}
	return nil
}

func newClaimsShow(s streams) *cobra.Command {
	var f stateFlags
	c := &cobra.Command{
		Use: "show ID", Short: "Show a claim, and what it went by", Args: takes("ID"),
		Example: `  sallyport claims show clm_0198f2a1c3d47e6f8a9b0c1d2e3f4a5b`,
		RunE: func(c *cobra.Command, args []string) error {
			return f.within(c.Context(), s, "", func(talk *session) error {
				var answer json.RawMessage
				if err := talk.get(talk.here("/claims/"+url.PathEscape(args[0])), nil, &answer); err != nil {
					return err
				}
				return show(talk, answer, talk.accountClaim)
			})
		},
	}
	f.bindEnv(c)
	return c
}

func newClaimsDecide(s streams, grant bool) *cobra.Command {
	var f stateFlags
	asked := admin.ClaimDecision{Decision: "refuse"}
	c := &cobra.Command{
		Use: "refuse ID", Short: "Refuse a claim that waits", Args: takes("ID"),
		Example: `  sallyport claims refuse clm_0198f2a1c3d47e6f8a9b0c1d2e3f4a5b --note "could not name the meter"`,
	}
	if grant {
		asked.Decision = "grant"
		c.Use, c.Short = "grant ID", "Grant a claim that waits"
		c.Long = "Grant makes the customer a member of the account. Whoever owns it stays its owner beside them."
		c.Example = `  sallyport claims grant clm_0198f2a1c3d47e6f8a9b0c1d2e3f4a5b --role occupier --note "the owner confirmed by letter"`
		c.Flags().StringVar(&asked.Role, "role", "owner", "owner, occupier or agent")
	}
	c.RunE = func(c *cobra.Command, args []string) error {
		if asked.Note == "" {
			return usage(c, errors.New("say why, with --note"))
		}
		return f.within(c.Context(), s, "", func(talk *session) error {
			var answer json.RawMessage
			if err := talk.send(http.MethodPost, talk.here("/claims/"+url.PathEscape(args[0])+"/decision"), asked, &answer); err != nil {
				return err
			}
			return show(talk, answer, talk.accountClaim)
		})
	}
	f.bindEnv(c)
	c.Flags().StringVar(&asked.Note, "note", "", "why; kept with the decision")
	return c
}
