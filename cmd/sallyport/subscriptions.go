package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/spf13/cobra"

	"sallyport/web/admin"
)

func newSubscriptions(s streams) *cobra.Command {
	return group("subscriptions", "List, create and rotate subscriptions to products", `  sallyport subscriptions create billing-standard --app payright
  sallyport subscriptions list`, newSubscriptionsList(s), newSubscriptionsCreate(s), newSubscriptionsRotate(s))
}

func newSubscriptionsList(s streams) *cobra.Command {
	var f stateFlags
	var application string
	c := &cobra.Command{
		Use: "list", Short: "List subscriptions", Args: noArgs,
		Example: `  sallyport subscriptions list
  sallyport subscriptions list --app payright --json`,
		RunE: func(c *cobra.Command, _ []string) error {
			return f.within(c.Context(), s, "", func(talk *session) error {
				query := url.Values{}
				if application != "" {
					query.Set("application", application)
				}
				var answer json.RawMessage
				if err := talk.get(talk.here("/subscriptions"), query, &answer); err != nil {
					return err
				}
				return show(talk, answer, talk.subscriptions)
			})
		},
	}
	f.bindEnv(c)
	c.Flags().StringVar(&application, "app", "", "only those of this application")
	return c
}

func (s *session) subscriptions(list admin.Subscriptions) error {
	var rows [][]string
	for _, sub := range list.Subscriptions {
		rows = append(rows, []string{sub.ID, dash(sub.Application), sub.Product, sub.State, when(sub.Created), whenever(sub.Expires)})
	}
	s.note("%s: %s", list.Place, count(int64(len(rows)), "subscription"))
	if len(rows) == 0 {
		s.next("sallyport subscriptions create PRODUCT --app APPLICATION")
	}
	return s.look.table(s.out, []string{"SUBSCRIPTION", "APPLICATION", "PRODUCT", "STATE", "CREATED", "EXPIRES"}, rows)
}

func newSubscriptionsCreate(s streams) *cobra.Command {
	var f stateFlags
	var wish admin.NewSubscription
	c := &cobra.Command{
		Use: "create PRODUCT", Short: "Subscribe an application to a product; its keys are shown once", Args: takes("PRODUCT"),
		Long: `Create makes a subscription with two keys that work side by side. Without --app the
keys are standalone: they open only operations that need no token.`,
		Example: `  sallyport subscriptions create billing-standard --app payright`,
		RunE: func(c *cobra.Command, args []string) error {
			wish.Product = args[0]
			return f.within(c.Context(), s, "", func(talk *session) error {
				var answer json.RawMessage
				if err := talk.send(http.MethodPost, talk.here("/subscriptions"), wish, &answer); err != nil {
					return err
				}
				return show(talk, answer, talk.subscriptionKeys)
			})
		},
	}
	f.bindEnv(c)
	c.Flags().StringVar(&wish.Application, "app", "", "the application that calls")
	return c
}

func newSubscriptionsRotate(s streams) *cobra.Command {
	var f stateFlags
	var key string
	c := &cobra.Command{
		Use: "rotate SUBSCRIPTION", Short: "Replace one of the two keys; the old one is dead within a second", Args: takes("SUBSCRIPTION"),
		Example: `  sallyport subscriptions rotate sub_0a1b2c3d4e5f6g7h --key secondary`,
		RunE: func(c *cobra.Command, args []string) error {
			if key != "primary" && key != "secondary" {
				return usage(c, errors.New("--key is primary or secondary: replace the one that is not in use"))
			}
			return f.within(c.Context(), s, "", func(talk *session) error {
				var answer json.RawMessage
				path := talk.here("/subscriptions/" + url.PathEscape(args[0]))
				if err := talk.amend(path, http.MethodPost, path+"/keys/"+key, amendment{into: &answer}); err != nil {
					return err
				}
				return show(talk, answer, talk.subscriptionKeys)
			})
		},
	}
	f.bindEnv(c)
	c.Flags().StringVar(&key, "key", "", "primary or secondary")
	return c
}

// subscriptionKeys writes keys for once.
func (s *session) subscriptionKeys(keys admin.SubscriptionKeys) error {
	s.note("subscription %s in %s; keys are shown this once:", keys.ID, keys.Place)
	for _, k := range []struct{ name, key string }{{"primary", keys.Primary}, {"secondary", keys.Secondary}} {
		if k.key != "" {
			fmt.Fprintf(s.out, "%s\t%s\n", k.name, k.key)
		}
	}
	return nil
}
