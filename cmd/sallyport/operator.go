package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"

	"github.com/spf13/cobra"

	"sallyport/web/admin"
)

func newOperator(s streams) *cobra.Command {
	return group("operator", "Invite operators of the console, and say what they may do", `  sallyport operator link
  sallyport operator link --role desk --at harbourlight/preview
  sallyport operator link robin
  sallyport operator list`, newOperatorLink(s), newOperatorList(s), newOperatorGrant(s), newOperatorRevoke(s),
		newOperatorState(s, "disable"), newOperatorState(s, "enable"))
}

func newOperatorLink(s streams) *cobra.Command {
	var f stateFlags
	var wish admin.NewLink
	c := &cobra.Command{
		Use: "link [USERNAME]", Short: "Make a link that works once: for a new operator, or for a lost password",
		Long: `Link makes an address that works once and for 24 hours. Whoever opens it chooses
a username and a password, sets up an authenticator app, and is an operator with
the role. With USERNAME it sets a new password for that operator and ends their
sessions; --lost-authenticator also removes their app and recovery codes when it
is used, so that new ones are set up.

Who may run this command on the host may do everything: it needs no password.`,
		Example: `  sallyport operator link
  sallyport operator link --role auditor --at harbourlight
  sallyport operator link robin
  sallyport operator link robin --lost-authenticator`,
		Args: atMostOne("USERNAME"),
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 1 {
				wish.Username = args[0]
			}
			if wish.Username != "" && (wish.Role != "" || wish.Place != "") {
				return usage(c, fmt.Errorf("--role and --at are for new operators; see sallyport operator grant"))
			}
			if wish.Username == "" && wish.LostAuthenticator {
				return usage(c, fmt.Errorf("--lost-authenticator needs the USERNAME of who lost it"))
			}
			return f.converse(c.Context(), s, func(talk *session) error {
				var answer json.RawMessage
				if err := talk.send(http.MethodPost, "/operators/links", wish, &answer); err != nil {
					return err
				}
				return show(talk, answer, func(l admin.OperatorLink) error {
					fmt.Fprintln(talk.out, l.URL)
					talk.note("works once, until %s; whoever opens it first has it", when(l.Expires))
					return nil
				})
			})
		},
	}
	f.bind(c)
	c.Flags().StringVar(&wish.Role, "role", "", "of a new operator: owner (default), security, architect, developer, desk, auditor, privacy")
	c.Flags().StringVar(&wish.Place, "at", "", "where the role holds: TENANT, TENANT/ENVIRONMENT, TENANT/ENVIRONMENT/SERVER or, for developers, TENANT/ENVIRONMENT/application:NAME (default: everywhere)")
	c.Flags().BoolVar(&wish.LostAuthenticator, "lost-authenticator", false, "of USERNAME: replace the authenticator app and recovery codes too")
	return c
}

func newOperatorList(s streams) *cobra.Command {
	var f stateFlags
	c := &cobra.Command{
		Use: "list", Short: "List the operators with their roles", Args: noArgs,
		Example: `  sallyport operator list
  sallyport operator list --json`,
		RunE: func(c *cobra.Command, _ []string) error {
			return f.converse(c.Context(), s, func(talk *session) error {
				var answer json.RawMessage
				if err := talk.get("/operators", nil, &answer); err != nil {
					return err
				}
				return show(talk, answer, talk.operators)
			})
		},
	}
	f.bind(c)
	return c
}

func (s *session) operators(list admin.Operators) error {
	var rows [][]string
	for _, o := range list.Operators {
		for _, r := range o.Roles {
			place := r.Place
			if place == "" {
				place = "everywhere"
			}
			username := o.Username
			if o.Disabled {
				username += " (disabled)"
			}
			rows = append(rows, []string{username, dash(o.Name), r.Role, place, when(r.Since)})
		}
	}
	if len(rows) == 0 {
		s.note("there is no operator yet")
		s.next("sallyport operator link")
	}
	return s.look.table(s.out, []string{"OPERATOR", "NAME", "ROLE", "WHERE", "SINCE"}, rows)
}

func newOperatorGrant(s streams) *cobra.Command {
	return roleCommand(s, roleChange{
		use: "grant USERNAME ROLE", short: "Give an operator a role", example: "  sallyport operator grant robin security --at harbourlight/preview",
		method: http.MethodPut,
	})
}

func newOperatorRevoke(s streams) *cobra.Command {
	return roleCommand(s, roleChange{
		use: "revoke USERNAME ROLE", short: "Take a role from an operator, from their next request on", example: "  sallyport operator revoke robin security --at harbourlight/preview",
		method: http.MethodDelete,
	})
}

func newOperatorState(s streams, verb string) *cobra.Command {
	var f stateFlags
	state, short := "disabled", "Keep an operator out: sessions and tokens end at once, roles stay"
	if verb == "enable" {
		state, short = "active", "Let an operator sign in again"
	}
	c := &cobra.Command{
		Use: verb + " USERNAME", Short: short, Example: "  sallyport operator " + verb + " robin", Args: takes("USERNAME"),
		RunE: func(c *cobra.Command, args []string) error {
			return f.converse(c.Context(), s, func(talk *session) error {
				var answer json.RawMessage
				path := "/operators/" + url.PathEscape(args[0])
				if err := talk.amend(path, http.MethodPut, path+"/state", amendment{body: admin.NewState{State: state}, into: &answer}); err != nil {
					return err
				}
				return show(talk, answer, func(o admin.OneOperator) error {
					_, err := fmt.Fprintf(talk.out, "%s is %s\n", o.Username, state)
					return err
				})
			})
		},
	}
	f.bind(c)
	return c
}

// roleChange is one of the two commands that change roles.
type roleChange struct{ use, short, example, method string }

func roleCommand(s streams, how roleChange) *cobra.Command {
	var f stateFlags
	var role admin.Role
	c := &cobra.Command{
		Use: how.use, Short: how.short, Example: how.example, Args: takes("USERNAME", "ROLE"),
		RunE: func(c *cobra.Command, args []string) error {
			role.Role = args[1]
			return f.converse(c.Context(), s, func(talk *session) error {
				var answer json.RawMessage
				path := "/operators/" + url.PathEscape(args[0])
				if err := talk.amend(path, how.method, path+"/roles", amendment{body: role, into: &answer}); err != nil {
					return err
				}
				return show(talk, answer, func(o admin.OneOperator) error {
					if len(o.Roles) == 0 {
						talk.note("%s holds no role", o.Username)
					}
					return talk.operators(admin.Operators{Version: 1, Operators: []admin.Operator{o.Operator}})
				})
			})
		},
	}
	f.bind(c)
	c.Flags().StringVar(&role.Place, "at", "", "where the role holds: TENANT, TENANT/ENVIRONMENT, TENANT/ENVIRONMENT/SERVER or, for developers, TENANT/ENVIRONMENT/application:NAME (default: everywhere)")
	return c
}

// atMostOne wants no argument, or this one.
func atMostOne(name string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) > 1 {
			return usage(c, fmt.Errorf("%q is one argument too many besides %s", args[1], name))
		}
		return nil
	}
}
