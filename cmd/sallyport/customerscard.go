package main

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"github.com/spf13/cobra"

	"sallyport/web/admin"
)

func newCustomersCard(s streams) *cobra.Command {
	c := group("card", "Post a card of codes to a customer without a phone, and end it", `  sallyport customers card show otis@example.test
  sallyport customers card post otis@example.test --account HL-0001 --reason "has no phone"`, newCardShow(s), newCardPost(s), newCardWithdraw(s))
	c.Long = `A card has thirty codes, each good once, as a second factor. It goes to premises of an
account of which the customer is owner or occupier, and to no address that somebody at a
desk says. What an operator wrote within the last seven days is not posted to.`
	return c
}

// card asks about cards, and shows what the customer has then.
func (s *session) card(method, who string, body any) error {
	var answer json.RawMessage
	path := s.here("/customers/" + url.PathEscape(who) + "/card")
	var err error
	if method == http.MethodGet {
		err = s.get(path, nil, &answer)
	} else {
		err = s.send(method, path, body, &answer)
	}
	if err != nil {
		return err
	}
	return show(s, answer, func(c admin.CardState) error {
		return s.look.table(s.out, []string{"FIELD", "VALUE"}, [][]string{
			{"customer", c.ID}, {"in use", yes(c.InUse)}, {"codes left", strconv.Itoa(c.Left)}, {"used first", whenever(c.Since)}, {"posted, not used yet", whenever(c.Waiting)},
		})
	})
}

func newCardShow(s streams) *cobra.Command {
	var f stateFlags
	c := &cobra.Command{
		Use: "show CUSTOMER", Short: "Tell whether a customer has a card, and how many codes are left", Args: takes("CUSTOMER"),
		Example: `  sallyport customers card show otis@example.test`,
		RunE: func(c *cobra.Command, args []string) error {
			return f.within(c.Context(), s, "", func(talk *session) error { return talk.card(http.MethodGet, args[0], nil) })
		},
	}
	f.bindEnv(c)
	return c
}

func newCardPost(s streams) *cobra.Command {
	var f stateFlags
	var order admin.CardOrder
	c := &cobra.Command{
		Use: "post CUSTOMER --account ACCOUNT --reason WHY", Short: "Post a card to premises of a customer's own account", Args: takes("CUSTOMER"),
		Example: `  sallyport customers card post otis@example.test --account HL-0001 --reason "has no phone"`,
		RunE: func(c *cobra.Command, args []string) error {
			if order.Account == "" || order.Reason == "" {
				return usage(c, errors.New("say where to with --account, and why with --reason"))
			}
			return f.within(c.Context(), s, "", func(talk *session) error { return talk.card(http.MethodPost, args[0], order) })
		},
	}
	f.bindEnv(c)
	c.Flags().StringVar(&order.Account, "account", "", "number or id of an account of theirs")
	c.Flags().StringVar(&order.Premises, "premises", "", "id of premises of it (default: the only ones)")
	c.Flags().StringVar(&order.Brand, "brand", "", "whose letter it is (default: the default brand's)")
	c.Flags().StringVar(&order.Reason, "reason", "", "why, for the ledger")
	return c
}

func newCardWithdraw(s streams) *cobra.Command {
	var f stateFlags
	c := &cobra.Command{
		Use: "withdraw CUSTOMER", Short: "End every card of a customer, also one on its way", Args: takes("CUSTOMER"),
		Example: `  sallyport customers card withdraw otis@example.test`,
		RunE: func(c *cobra.Command, args []string) error {
			return f.within(c.Context(), s, "", func(talk *session) error { return talk.card(http.MethodDelete, args[0], nil) })
		},
	}
	f.bindEnv(c)
	return c
}
