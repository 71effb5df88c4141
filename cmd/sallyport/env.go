package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/spf13/cobra"

	"sallyport/web/admin"
)

func newEnv(s streams) *cobra.Command {
	return group("env", "List and create environments", `  sallyport env create harbourlight/preview
  sallyport env list`, newEnvList(s), newEnvCreate(s))
}

func newEnvList(s streams) *cobra.Command {
	var f stateFlags
	c := &cobra.Command{
		Use: "list", Short: "List the environments of the installation", Args: noArgs,
		Example: `  sallyport env list
  sallyport env list --json`,
		RunE: func(c *cobra.Command, _ []string) error {
			return f.converse(c.Context(), s, func(talk *session) error {
				var answer json.RawMessage
				if err := talk.get("/environments", nil, &answer); err != nil {
					return err
				}
				return show(talk, answer, talk.environments)
			})
		},
	}
	f.bind(c)
	return c
}

func (s *session) environments(list admin.Environments) error {
	var rows [][]string
	for _, e := range list.Environments {
		revision, protection := "none", "-"
		if e.Revision > 0 {
			revision = fmt.Sprint(e.Revision)
		}
		if e.Protected {
			protection = "protected"
		}
		if e.Tenant != systemTenant {
			rows = append(rows, []string{e.Tenant + "/" + e.Name, revision, protection, dash(e.URL), dash(e.Gateway)})
		}
	}
	if len(rows) == 0 {
		s.note("there is no environment yet")
		s.next("sallyport env create TENANT/NAME")
	}
	return s.look.table(s.out, []string{"ENVIRONMENT", "REVISION", "PROTECTION", "URL", "GATEWAY"}, rows)
}

func newEnvCreate(s streams) *cobra.Command {
	f := stateFlags{creates: true}
	var protected bool
	c := &cobra.Command{
		Use: "create TENANT/NAME", Short: "Create an empty environment, and the store if there is none", Args: takes("TENANT/NAME"),
		Example: `  sallyport env create harbourlight/preview
  sallyport env create harbourlight/production --protected`,
		RunE: func(c *cobra.Command, args []string) error {
			tenant, name, found := strings.Cut(args[0], "/")
			if !found || tenant == "" || name == "" {
				return usage(c, errors.New("an environment is named TENANT/NAME, such as harbourlight/preview"))
			}
			return f.converse(c.Context(), s, func(talk *session) error {
				return talk.createEnvironment(admin.NewEnvironment{Tenant: tenant, Name: name, Protected: protected})
			})
		},
	}
	f.bind(c)
	c.Flags().BoolVar(&protected, "protected", false, "takes revisions only through approval, or with a break-glass reason")
	return c
}

func (s *session) createEnvironment(e admin.NewEnvironment) error {
	var answer json.RawMessage
	if err := s.send(http.MethodPost, "/environments", e, &answer); err != nil {
		return err
	}
	return show(s, answer, func(admin.Environments) error {
		fmt.Fprintf(s.out, "created %s/%s\n", e.Tenant, e.Name)
		s.next("sallyport apply DIR --env %s/%s", e.Tenant, e.Name)
		return nil
	})
}
