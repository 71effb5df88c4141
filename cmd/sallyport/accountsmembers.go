package main

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"

	"github.com/spf13/cobra"

	"sallyport/web/admin"
)

func newMemberAdd(s streams) *cobra.Command {
	var f stateFlags
	var member admin.NewMember
	c := &cobra.Command{
		Use: "add ACCOUNT CUSTOMER --role ROLE", Short: "Make a customer a member of an account, or change what they are to it", Args: cobra.ExactArgs(2),
		Example: `  sallyport accounts member add HL-0001 dana@example.test --role owner --reason "letter of 3 March"`,
		RunE: func(c *cobra.Command, args []string) error {
			return f.within(c.Context(), s, "", func(talk *session) error {
				return talk.changed(http.MethodPut, talk.here("/accounts/"+url.PathEscape(args[0])+"/members/"+url.PathEscape(args[1])), member)
			})
		},
	}
	f.bindEnv(c)
	c.Flags().StringVar(&member.Role, "role", "occupier", "owner, occupier or agent")
	c.Flags().StringArrayVar(&member.Premises, "premises", nil, "id of premises that they are shown; repeat it for several (default: all)")
	c.Flags().StringVar(&member.Reason, "reason", "", "why, kept with the membership and in the ledger")
	return c
}

func newMemberRemove(s streams) *cobra.Command {
	var f stateFlags
	var part admin.Parting
	c := &cobra.Command{
		Use: "remove ACCOUNT CUSTOMER", Short: "End a customer's membership of an account", Args: cobra.ExactArgs(2),
		Example: `  sallyport accounts member remove HL-0001 dana@example.test
  sallyport accounts member remove HL-0001 dana@example.test --orphan --reason "moved out"`,
		RunE: func(c *cobra.Command, args []string) error {
			return f.within(c.Context(), s, "", func(talk *session) error {
				return talk.changed(http.MethodPost, talk.here("/accounts/"+url.PathEscape(args[0])+"/members/"+url.PathEscape(args[1])+"/remove"), part)
			})
		},
	}
	f.bindEnv(c)
	c.Flags().BoolVar(&part.Orphan, "orphan", false, "leave the account without an owner")
	c.Flags().StringVar(&part.Reason, "reason", "", "why, for the ledger")
	return c
}

func newAccountsInvite(s streams) *cobra.Command {
	var f stateFlags
	var invitation admin.NewInvitation
	c := &cobra.Command{
		Use: "invite ACCOUNT ADDRESS --role ROLE", Short: "Send somebody a link by which they join an account, once, within seven days", Args: cobra.ExactArgs(2),
		Long: `Invite writes to an e-mail address, or to a phone by text. Who has the link must also have
proved that the address is theirs. Whether anybody is known by it is told to nobody.`,
		Example: `  sallyport accounts invite HL-0001 sam@example.test --role occupier --reason "asked for at the counter"`,
		RunE: func(c *cobra.Command, args []string) error {
			if invitation.Role == "" {
				return usage(c, errors.New("say what they will be, with --role"))
			}
			invitation.Address = args[1]
			return f.within(c.Context(), s, "", func(talk *session) error {
				var answer json.RawMessage
				if err := talk.send(http.MethodPost, talk.here("/accounts/"+url.PathEscape(args[0])+"/invitations"), invitation, &answer); err != nil {
					return err
				}
				return show(talk, answer, talk.invitations)
			})
		},
	}
	f.bindEnv(c)
	c.Flags().StringVar(&invitation.Role, "role", "", "owner, occupier or agent")
	c.Flags().StringArrayVar(&invitation.Premises, "premises", nil, "id of premises that they are shown; repeat it for several (default: all)")
	c.Flags().StringVar(&invitation.Language, "language", "", "of the message, such as es (default: the default)")
	c.Flags().StringVar(&invitation.Reason, "reason", "", "why, for the ledger")
	return c
}

func (s *session) invitations(page admin.AccountInvitations) error {
	var rows [][]string
	for _, i := range page.Invitations {
		rows = append(rows, []string{i.ID, i.Role, i.Address, i.By, when(i.Expires)})
	}
	s.note("%s, account %s: %s", page.Place, page.Number, count(int64(len(rows)), "open invitation"))
	return s.look.table(s.out, []string{"ID", "ROLE", "ADDRESS", "BY", "GOOD UNTIL"}, rows)
}

func newAccountsInvitations(s streams) *cobra.Command {
	var f stateFlags
	c := &cobra.Command{
		Use: "invitations ACCOUNT", Short: "List the open invitations to an account", Args: takes("ACCOUNT"),
		Example: `  sallyport accounts invitations HL-0001`,
		RunE: func(c *cobra.Command, args []string) error {
			return f.within(c.Context(), s, "", func(talk *session) error {
				var answer json.RawMessage
				if err := talk.get(talk.here("/accounts/"+url.PathEscape(args[0])+"/invitations"), nil, &answer); err != nil {
					return err
				}
				return show(talk, answer, talk.invitations)
			})
		},
	}
	f.bindEnv(c)
	return c
}

func newAccountsRevoke(s streams) *cobra.Command {
	var f stateFlags
	var why admin.Revocation
	c := &cobra.Command{
		Use: "revoke ACCOUNT INVITATION", Short: "Take an invitation back", Args: cobra.ExactArgs(2),
		Example: `  sallyport accounts revoke HL-0001 0f1e…9a --reason "sent to the wrong address"`,
		RunE: func(c *cobra.Command, args []string) error {
			return f.within(c.Context(), s, "", func(talk *session) error {
				var answer json.RawMessage
				path := talk.here("/accounts/" + url.PathEscape(args[0]) + "/invitations/" + url.PathEscape(args[1]) + "/revoke")
				if err := talk.send(http.MethodPost, path, why, &answer); err != nil {
					return err
				}
				return show(talk, answer, talk.invitations)
			})
		},
	}
	f.bindEnv(c)
	c.Flags().StringVar(&why.Reason, "reason", "", "why, for the ledger")
	return c
}
