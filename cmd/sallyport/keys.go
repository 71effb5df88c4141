package main

import (
	"encoding/json"
	"net/http"
	"net/url"

	"github.com/spf13/cobra"

	"sallyport/web/admin"
)

func newKeys(s streams) *cobra.Command {
	return group("keys", "List and rotate signing keys", `  sallyport keys list
  sallyport keys rotate enterprise`, newKeysList(s), newKeysRotate(s))
}

func newKeysList(s streams) *cobra.Command {
	var f stateFlags
	c := &cobra.Command{
		Use: "list", Short: "List signing keys and where each is in its life", Args: noArgs,
		Example: `  sallyport keys list --env production
  sallyport keys list --json`,
		RunE: func(c *cobra.Command, _ []string) error {
			return f.within(c.Context(), s, "", func(talk *session) error {
				var answer json.RawMessage
				if err := talk.get(talk.here("/keys"), nil, &answer); err != nil {
					return err
				}
				return show(talk, answer, talk.keys)
			})
		},
	}
	f.bindEnv(c)
	return c
}

func (s *session) keys(list admin.KeyList) error {
	var rows [][]string
	for _, k := range list.Keys {
		rows = append(rows, []string{k.Owner, k.Algorithm, k.State, k.ID, when(k.Created), whenever(k.Activated), whenever(k.Expires)})
	}
	s.note("%s: %s", list.Place, count(int64(len(rows)), "key"))
	return s.look.table(s.out, []string{"OWNER", "ALGORITHM", "STATE", "KID", "CREATED", "ACTIVATED", "EXPIRES"}, rows)
}

func newKeysRotate(s streams) *cobra.Command {
	var f stateFlags
	var algorithm string
	c := &cobra.Command{
		Use: "rotate SERVER", Short: "Make the next key of an authorization server the current one, now", Args: takes("SERVER"),
		Long: `Rotate signs with the next key from now on. The old one stays published until the
last token it signed is dead, so nothing that was issued breaks.`,
		Example: `  sallyport keys rotate enterprise --env production
  sallyport keys rotate enterprise --algorithm RS256`,
		RunE: func(c *cobra.Command, args []string) error {
			return f.within(c.Context(), s, "", func(talk *session) error {
				var answer json.RawMessage
				path, query := talk.here("/keys/"+url.PathEscape(args[0])), url.Values{}
				if algorithm != "" {
					query.Set("algorithm", algorithm)
				}
				if err := talk.amend(path, http.MethodPost, path+"/rotate", amendment{query: query, into: &answer}); err != nil {
					return err
				}
				return show(talk, answer, func(k admin.ServerKeys) error {
					return talk.keys(admin.KeyList{Version: k.Version, Place: k.Place, Keys: k.Keys})
				})
			})
		},
	}
	f.bindEnv(c)
	c.Flags().StringVar(&algorithm, "algorithm", "", "ES256, RS256, PS256, EdDSA, or XC20P for opaque access tokens (default: the server's own)")
	return c
}
