package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"sallyport/pure/config"
	"sallyport/web/admin"
)

func newApps(s streams) *cobra.Command {
	return group("apps", "List applications and rotate their secrets", `  sallyport apps list
  sallyport apps rotate payright`, newAppsList(s), newAppsRotate(s))
}

func newAppsList(s streams) *cobra.Command {
	var f stateFlags
	var tag string
	c := &cobra.Command{
		Use: "list", Short: "List the applications of the live revision", Args: noArgs,
		Example: `  sallyport apps list --env production
  sallyport apps list --tag tier=partner
  sallyport apps list --json`,
		RunE: func(c *cobra.Command, _ []string) error {
			return f.within(c.Context(), s, "", func(talk *session) error {
				query := url.Values{}
				set(query, "tag", strings.TrimPrefix(tag, config.TagPrefix))
				var answer json.RawMessage
				if err := talk.get(talk.here("/applications"), query, &answer); err != nil {
					return err
				}
				return show(talk, answer, talk.applications)
			})
		},
	}
	f.bindEnv(c)
	c.Flags().StringVar(&tag, "tag", "", "only those with this tag: key or key=value")
	return c
}

func (s *session) applications(list admin.Applications) error {
	var rows [][]string
	for _, a := range list.Applications {
		var secrets []string
		for _, secret := range a.Secrets {
			secrets = append(secrets, secret.ID)
		}
		servers := slices.Sorted(maps.Keys(a.Assigned))
		rows = append(rows, []string{a.Name, a.Type, dash(strings.Join(servers, " ")), dash(strings.Join(secrets, " ")), dash(a.Owner), dash(strings.Join(config.TagList(a.Tags), " "))})
	}
	s.note("%s, revision %d: %s", list.Place, list.Revision, count(int64(len(rows)), "application"))
	return s.look.table(s.out, []string{"APPLICATION", "TYPE", "SERVERS", "SECRETS", "OWNER", "TAGS"}, rows)
}

func newAppsRotate(s streams) *cobra.Command {
	var f stateFlags
	var remove string
	c := &cobra.Command{
		Use: "rotate APPLICATION", Short: "Make a new client secret, shown once; or end an old one", Args: takes("APPLICATION"),
		Long: `Rotate makes a second secret; both work, so that the application can be moved over
without a break. Then end the old one with --remove. The new secret alone is
written to stdout, so that it can be piped to where secrets are kept.`,
		Example: `  sallyport apps rotate payright
  sallyport apps rotate payright --remove 9f0c1b2a3d4e`,
		RunE: func(c *cobra.Command, args []string) error {
			return f.within(c.Context(), s, "", func(talk *session) error {
				if remove != "" {
					return talk.removeSecret(args[0], remove)
				}
				return talk.newSecret(args[0])
			})
		},
	}
	f.bindEnv(c)
	c.Flags().StringVar(&remove, "remove", "", "end the secret of this id instead")
	return c
}

func (s *session) newSecret(application string) error {
	var answer json.RawMessage
	if err := s.send(http.MethodPost, s.here("/applications/"+url.PathEscape(application)+"/secrets"), nil, &answer); err != nil {
		return err
	}
	return show(s, answer, func(made admin.NewSecret) error {
		s.note("secret %s of %s in %s; it is shown this once:", made.ID, made.Application, made.Place)
		fmt.Fprintln(s.out, made.Secret)
		s.next("give it to the application, then end the old one: sallyport apps rotate %s --remove ID (see sallyport apps list)", application)
		return nil
	})
}

func (s *session) removeSecret(application, id string) error {
	var answer json.RawMessage
	path := s.here("/applications/" + url.PathEscape(application) + "/secrets")
	if err := s.amend(path, http.MethodDelete, path+"/"+url.PathEscape(id), amendment{into: &answer}); err != nil {
		return err
	}
	return show(s, answer, func(admin.SecretList) error {
		_, err := fmt.Fprintf(s.out, "ended secret %s of %s: no server takes it within five seconds\n", id, application)
		return err
	})
}
