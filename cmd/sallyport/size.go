package main

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"sallyport/pure/govern"
	"sallyport/web/admin"
)

func newAccessSize(s streams) *cobra.Command {
	var f stateFlags
	var server string
	c := &cobra.Command{
		Use: "size", Short: "Say how long the tokens of each application can be, and were", Args: noArgs,
		Long: `Size tells the longest access and ID token, in bytes, that any request can be
issued: header, signature, what every token has, the longest set of scopes that can
be had at once, and the most that configured claims take. A nonce and what the claims
parameter asks for are the application's own, and not counted. Beside it stands what
the node that answers has issued since it began; medians and 95th percentiles are
exact to 64 bytes.`,
		Example: `  sallyport access size --env production
  sallyport access size --authserver enterprise --json`,
		RunE: func(c *cobra.Command, _ []string) error {
			return f.within(c.Context(), s, "", func(talk *session) error {
				query := url.Values{}
				set(query, "server", server)
				var answer json.RawMessage
				if err := talk.get(talk.here("/access/sizes"), query, &answer); err != nil {
					return err
				}
				return show(talk, answer, talk.sizes)
			})
		},
	}
	f.bindEnv(c)
	c.Flags().StringVar(&server, "authserver", "", "only this authorization server")
	return c
}

func (s *session) sizes(list admin.TokenSizes) error {
	s.note("%s, revision %d; aim at %d bytes; above %d is warned of, above %d looked at, above %d refused",
		list.Place, list.Revision, list.Bounds.Target, list.Bounds.Warn, list.Bounds.Review, list.Bounds.Refuse)
	var rows [][]string
	for _, size := range list.Sizes {
		row := []string{size.Server, size.Application, strconv.Itoa(size.Access), number(size.ID), string(size.Limit), "-", "-", "-", "-"}
		if m := size.Measured; m != nil {
			row = append(row[:5], fmt.Sprint(m.Access.Tokens), strconv.Itoa(m.Access.Median), strconv.Itoa(m.Access.P95), strconv.Itoa(m.Access.Most))
		}
		rows = append(rows, row)
	}
	err := s.look.table(s.out, []string{"SERVER", "APPLICATION", "ACCESS ≤", "ID ≤", "LIMIT", "ISSUED", "P50", "P95", "MAX"}, rows)
	for _, size := range list.Sizes {
		if slices.Contains([]govern.Limit{govern.NeedsWarning, govern.NeedsReview, govern.Refused}, size.Limit) {
			s.note("%s of %s: %s; shorten it: %s", size.Application, size.Server, madeOf(size.Parts), size.Remedy)
		}
	}
	return err
}

// number writes nothing as a dash.
func number(n int) string {
	if n == 0 {
		return "-"
	}
	return strconv.Itoa(n)
}

func madeOf(parts []govern.Part) string {
	var texts []string
	for _, p := range parts {
		texts = append(texts, fmt.Sprintf("%s %d", p.What, p.Bytes))
	}
	return strings.Join(texts, ", ")
}
