package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"sallyport/pure/access"
	"sallyport/web/admin"
)

func newHooks(s streams) *cobra.Command {
	c := group("hooks", "List the services that are asked before a token is made or told of journeys, test them, and tell them again", `  sallyport hooks list
  sallyport hooks test risk --attribute tariff=green`, newHooksList(s), newHooksTest(s), newHooksEvents(s), newHooksReplay(s))
	c.Long = `A hook is a service of yours that is asked each time before a token is made. It can
take scopes away and fill claims that are declared for it, and nothing else. At points
of journeys it can say no, or be told of what happened (points:, events:). Hooks
are declared in the tree (kind: hook) and named by authorization servers (hooks:).`
	return c
}

func newHooksList(s streams) *cobra.Command {
	var f stateFlags
	c := &cobra.Command{
		Use: "list", Short: "List the hooks of the live revision, and which servers ask them", Args: noArgs,
		Example: `  sallyport hooks list --env production
  sallyport hooks list --json`,
		RunE: func(c *cobra.Command, _ []string) error {
			return f.within(c.Context(), s, "", func(talk *session) error {
				var answer json.RawMessage
				if err := talk.get(talk.here("/hooks"), nil, &answer); err != nil {
					return err
				}
				return show(talk, answer, talk.hooks)
			})
		},
	}
	f.bindEnv(c)
	return c
}

func (s *session) hooks(list admin.HookList) error {
	var rows [][]string
	for _, h := range list.Hooks {
		servers := slices.Sorted(maps.Keys(h.Servers))
		var claims []string
		for _, server := range servers {
			claims = append(claims, h.Servers[server]...)
		}
		slices.Sort(claims)
		rows = append(rows, []string{
			h.Name, h.URL, fmt.Sprintf("%gs", h.Seconds), h.OnFailure, dash(strings.Join(h.Judges, " ")),
			dash(strings.Join(slices.Compact(claims), " ")), dash(strings.Join(h.Sends, " ")), dash(strings.Join(servers, " ")),
		})
	}
	s.note("%s, revision %d: %s", list.Place, list.Revision, count(int64(len(rows)), "hook"))
	return s.look.table(s.out, []string{"HOOK", "URL", "TIME", "ON FAILURE", "JUDGES", "FILLS", "IS SENT", "ASKED BY"}, rows)
}

func newHooksTest(s streams) *cobra.Command {
	var f stateFlags
	var asked hookFlags
	c := &cobra.Command{
		Use: "test HOOK", Short: "Ask a hook about an invented customer, and show question and answer", Args: takes("HOOK"),
		Long: `Test sends the hook the question that it would get before a token is made, about a
customer who does not exist. The question says "test": true, and no token comes of
it. Shown are the question, how its receiver verifies it, the answer as it came, and
what would be left of the token. An answer that does not count exits 1.

The server that runs sends it, from where it stands. Without a running server this
program does, which reaches no private address.`,
		Example: `  sallyport hooks test risk
  sallyport hooks test risk --application my-account --scope billing.read.bill --attribute tariff=green
  sallyport hooks test risk --env production --json`,
		RunE: func(c *cobra.Command, args []string) error {
			question, err := asked.question(c)
			if err != nil {
				return err
			}
			return f.within(c.Context(), s, "", func(talk *session) error { return talk.testHook(args[0], question) })
		},
	}
	f.bindEnv(c)
	asked.bind(c)
	return c
}

// hookFlags say about whom a hook is asked.
type hookFlags struct {
	asks, application string
	scopes            []string
	attributes        []string
}

func (o *hookFlags) bind(c *cobra.Command) {
	c.Flags().StringVar(&o.asks, "authserver", "", "authorization server that asks (default: the first that names the hook)")
	c.Flags().StringVar(&o.application, "application", "", "application that wants a token (default: the first that is assigned to the server)")
	c.Flags().StringSliceVar(&o.scopes, "scope", nil, "scopes that it would get (default: all that it may ask for)")
	c.Flags().StringArrayVar(&o.attributes, "attribute", nil, "NAME=VALUE of the invented customer; repeatable (default: made up)")
}

func (o *hookFlags) question(c *cobra.Command) (admin.HookTest, error) {
	q := admin.HookTest{Server: o.asks, Application: o.application, Attributes: map[string]string{}}
	for _, scope := range o.scopes {
		q.Scopes = append(q.Scopes, access.Scope(scope))
	}
	for _, text := range o.attributes {
		name, value, found := strings.Cut(text, "=")
		if !found || name == "" {
			return q, usage(c, fmt.Errorf("--attribute %q is not NAME=VALUE", text))
		}
		q.Attributes[name] = value
	}
	return q, nil
}

func (s *session) testHook(hook string, q admin.HookTest) error {
	var answer json.RawMessage
	if err := s.send(http.MethodPost, s.here("/hooks/"+url.PathEscape(hook)+"/test"), q, &answer); err != nil {
		return err
	}
	var t admin.HookTested
	if err := json.Unmarshal(answer, &t); err != nil {
		return err
	}
	if err := show(s, answer, s.printHookTest); err != nil {
		return err
	}
	if !t.Counts {
		return errors.New(plain(t.Detail))
	}
	return nil
}

func (s *session) printHookTest(t admin.HookTested) error {
	s.note("%s, server %s, application %s: a test, of which no token comes", t.Place, t.Server, t.Application)
	s.claims("question, to "+t.URL, t.Question)
	s.claims("header of its signature", t.Header)
	fmt.Fprintf(s.out, "the receiver verifies it by a key of\n  %s\nand checks typ, iss, aud, exp, and that it has not seen the jti before\n", t.Keys)
	if t.Status == 0 {
		fmt.Fprintf(s.out, "%s after %d ms\n", s.look.paint(bold, "no answer"), t.Took)
	} else {
		fmt.Fprintf(s.out, "%s, status %d, %s, after %d ms\n%s\n", s.look.paint(bold, "answer"), t.Status, dash(plain(t.ContentType)), t.Took, shownAnswer(t.Answer))
	}
	switch {
	case !t.Counts:
		fmt.Fprintf(s.out, "it does not count: %s\n  on_failure: %s\n", plain(t.Detail), t.OnFailure)
	case len(t.Removed)+len(t.Claims) == 0:
		fmt.Fprintln(s.out, "it counts, and changes nothing")
	default:
		fmt.Fprintln(s.out, "it counts")
	}
	if len(t.Removed) > 0 {
		fmt.Fprintf(s.out, "takes away %s\n", strings.Join(words(t.Removed), " "))
	}
	for _, name := range slices.Sorted(maps.Keys(t.Claims)) {
		value, _ := json.Marshal(t.Claims[name]) // it came as JSON
		fmt.Fprintf(s.out, "fills %s with %s\n", name, plainJSON(value))
	}
	if len(t.Left) == 0 {
		_, err := fmt.Fprintln(s.out, "there would be no token")
		return err
	}
	_, err := fmt.Fprintf(s.out, "a token would have %s\n", strings.Join(words(t.Left), " "))
	return err
}

// maxShown is how much of an answer a terminal is shown.
const maxShown = 2000

// shownAnswer makes an answer fit for a terminal, whatever is in it.
func shownAnswer(text string) string {
	var indented bytes.Buffer
	if json.Indent(&indented, []byte(text), "", "  ") == nil && indented.Len() <= maxShown {
		return string(plainJSON(indented.Bytes()))
	}
	if len(text) > maxShown {
		text = strings.ToValidUTF8(text[:maxShown], "") + " …"
	}
	return plain(text)
}
