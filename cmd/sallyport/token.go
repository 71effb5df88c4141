package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/spf13/cobra"

	"sallyport/pure/access"
	"sallyport/pure/config"
	"sallyport/service/issue"
	"sallyport/web/admin"
)

func newToken(s streams) *cobra.Command {
	return group("token", "Preview tokens, and inspect real ones", `  sallyport token preview payright --scope payments.write.posting
  sallyport token inspect < token.txt`, newTokenPreview(s), newTokenInspect(s))
}

func newTokenPreview(s streams) *cobra.Command {
	var f stateFlags
	var asked questionFlags
	var scopes []string
	c := &cobra.Command{
		Use: "preview APPLICATION", Short: "Show the token that an application would get, by the code that issues it", Args: takes("APPLICATION"),
		Long: `Preview walks the issuing code with a signer that cannot sign: what it shows is
what the token endpoint would give, and nobody can use it. A refusal shows why and
exits 1.`,
		Example: `  sallyport token preview payright --scope payments.write.posting
  sallyport token preview my-account --customer dana --scope openid,billing.read.bill --json`,
		RunE: func(c *cobra.Command, args []string) error {
			question, err := asked.question(c, args[0], scopes)
			if err != nil {
				return err
			}
			return f.within(c.Context(), s, "", func(talk *session) error { return talk.preview(question) })
		},
	}
	f.bindEnv(c)
	asked.bind(c)
	c.Flags().StringSliceVar(&scopes, "scope", nil, "scopes to ask for (default: the server's defaults)")
	return c
}

// previewed is what the command reads of a preview. Claims stay as they came.
type previewed struct {
	Place        string          `json:"environment"`
	Server       string          `json:"server"`
	Revision     int64           `json:"revision"`
	Decision     access.Decision `json:"decision"`
	AccessFormat string          `json:"access_format"`
	AccessClaims json.RawMessage `json:"access_claims"`
	IDClaims     json.RawMessage `json:"id_claims"`
	Userinfo     json.RawMessage `json:"userinfo"`
	Sizes        struct {
		AccessToken int `json:"access_token"`
		IDToken     int `json:"id_token"`
	} `json:"sizes"`
	Hooks []issue.Consulted `json:"hooks"`
	Text  string            `json:"text"`
}

func (s *session) preview(question admin.Question) error {
	var answer json.RawMessage
	if err := s.send(http.MethodPost, s.here("/tokens/preview"), question, &answer); err != nil {
		return err
	}
	var p previewed
	if err := json.Unmarshal(answer, &p); err != nil {
		return err
	}
	if err := show(s, answer, s.printPreview); err != nil {
		return err
	}
	if !p.Decision.Allowed {
		return fmt.Errorf("%s would get no token: %s", question.Application, p.Decision.Error.Description)
	}
	return nil
}

func (s *session) printPreview(p previewed) error {
	s.note("%s, server %s, revision %d: a preview, unsigned and unusable", p.Place, p.Server, p.Revision)
	if !p.Decision.Allowed {
		_, err := fmt.Fprintln(s.out, strings.TrimRight(p.Text, "\n"))
		return err
	}
	fmt.Fprintf(s.out, "granted %s\n  by policy %s, rule %s\n", strings.Join(words(p.Decision.Granted), " "), p.Decision.Policy, p.Decision.Rule)
	for _, refused := range p.Decision.Refused {
		fmt.Fprintf(s.out, "dropped %s: %s\n", refused.Scope, refused.Reason)
	}
	for _, h := range p.Hooks {
		fmt.Fprintf(s.out, "would ask the hook %s first, which may take away %s and fill %s\n", h.Hook, dash(strings.Join(words(h.Judges), " ")), dash(strings.Join(h.Claims, " ")))
	}
	access := fmt.Sprintf("access token, %d bytes", p.Sizes.AccessToken)
	if p.AccessFormat == config.TokensOpaque {
		access += ", opaque: what introspection and the gateway read in it"
	}
	s.claims(access, p.AccessClaims)
	s.claims(fmt.Sprintf("ID token, %d bytes", p.Sizes.IDToken), p.IDClaims)
	s.claims("userinfo", p.Userinfo)
	return nil
}

func (s *session) claims(title string, claims json.RawMessage) {
	if len(claims) == 0 || string(claims) == "null" {
		return
	}
	var indented bytes.Buffer
	if json.Indent(&indented, claims, "", "  ") != nil {
		return
	}
	fmt.Fprintf(s.out, "%s\n%s\n", s.look.paint(bold, title), plainJSON(indented.Bytes()))
}
