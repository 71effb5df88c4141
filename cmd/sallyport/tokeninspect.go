package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"sallyport/service/keyring"
	"sallyport/web/admin"
)

// maxToken bounds what is read of a token, in bytes: four times the longest that
// is taken anywhere.
const maxToken = 64 << 10

func newTokenInspect(s streams) *cobra.Command {
	var f stateFlags
	var unverified bool
	c := &cobra.Command{
		Use: "inspect [TOKEN|-]", Short: "Verify an access token, and say which check it fails", Args: takesUpTo(0, "TOKEN"),
		Long: `Inspect reads a token from standard input, or from the command line, where others
on this machine can see it. It asks the environment whether the token is good:
signature, issuer, audience, expiry, revocation, application. One that is not exits
1 and says which check failed. The token is neither kept nor logged.

With --unverified nothing leaves this machine: the token is only taken apart, and
what it says may have been written by anybody.`,
		Example: `  pbpaste | sallyport token inspect --env production
  sallyport token inspect --unverified < token.txt`,
		RunE: func(c *cobra.Command, args []string) error {
			token, err := tokenText(c, s, args)
			if err != nil {
				return err
			}
			if unverified {
				return takeApart(s, token, f.json)
			}
			return f.within(c.Context(), s, "", func(talk *session) error { return talk.inspect(token) })
		},
	}
	f.bindEnv(c)
	c.Flags().BoolVar(&unverified, "unverified", false, "only take it apart, here")
	return c
}

// tokenText reads a token, with or without the word that stands before it in a
// header.
func tokenText(c *cobra.Command, s streams, args []string) (string, error) {
	var text string
	if len(args) == 1 && args[0] != "-" {
		text = args[0]
	} else {
		if file, is := s.in.(*os.File); is {
			if info, err := file.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
				fmt.Fprintln(s.err, "paste the token, then Ctrl-D")
			}
		}
		read, err := io.ReadAll(io.LimitReader(s.in, maxToken+1))
		if err != nil {
			return "", err
		}
		text = string(read)
	}
	text = strings.TrimSpace(text)
	if word, rest, found := strings.Cut(text, " "); found && strings.EqualFold(word, "Bearer") {
		text = strings.TrimSpace(rest)
	}
	switch {
	case text == "":
		return "", usage(c, errors.New("there is no token: give it on standard input"))
	case len(text) > maxToken:
		return "", usage(c, fmt.Errorf("that is longer than %d bytes, and no token", maxToken))
	}
	return text, nil
}

// inspect asks the environment.
func (s *session) inspect(token string) error {
	var answer json.RawMessage
	if err := s.send(http.MethodPost, s.here("/tokens/inspect"), admin.TokenText{Token: token}, &answer); err != nil {
		return err
	}
	var found admin.Inspected
	if err := json.Unmarshal(answer, &found); err != nil {
		return err
	}
	if err := show(s, answer, s.printInspected); err != nil {
		return err
	}
	if !found.Good {
		return fmt.Errorf("the token is not good: %s", found.Check)
	}
	return nil
}

func (s *session) printInspected(i admin.Inspected) error {
	word := s.look.paint(green, "● good")
	if !i.Good {
		word = s.look.paint(red, "■ not good: "+string(i.Check))
	}
	fmt.Fprintf(s.out, "%s  %s\n", word, i.Text)
	if !i.Known {
		return nil
	}
	fmt.Fprintf(s.out, "of %s, for %s, under revision %d\n", plain(i.Server), plain(i.Application), i.Revision)
	fmt.Fprintf(s.out, "scopes %s\n", plain(strings.Join(i.Scopes, " ")))
	fmt.Fprintf(s.out, "issued %s, %s\n", i.Issued.Format(time.RFC3339), ends(i.Expires, now()))
	s.claims("claims", i.Claims)
	return nil
}

// ends says when something ends, or ended.
func ends(at, from time.Time) string {
	if left := at.Sub(from).Round(time.Second); left > 0 {
		return fmt.Sprintf("expires %s, in %s", at.Format(time.RFC3339), left)
	}
	return fmt.Sprintf("expired %s, %s ago", at.Format(time.RFC3339), from.Sub(at).Round(time.Second))
}

// takeApart shows what a token says, which nobody verified.
func takeApart(s streams, token string, asJSON bool) error {
	if strings.HasPrefix(token, keyring.OpaquePrefix) {
		return errors.New("the token is opaque: only its environment can read it\n  fix: sallyport token inspect without --unverified")
	}
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return errors.New("this is no JSON Web Token: it has not three parts")
	}
	var members [2]json.RawMessage
	for i, name := range []string{"header", "claims"} {
		read, err := base64.RawURLEncoding.DecodeString(parts[i])
		var object map[string]json.RawMessage
		if err != nil || json.Unmarshal(read, &object) != nil || object == nil {
			return fmt.Errorf("this is no JSON Web Token: its %s cannot be read", name)
		}
		members[i] = read
	}
	if asJSON {
		return writeJSON(s.out, struct {
			Version  int             `json:"version"`
			Verified bool            `json:"verified"`
			Header   json.RawMessage `json:"header"`
			Claims   json.RawMessage `json:"claims"`
		}{1, false, members[0], members[1]})
	}
	fmt.Fprintln(s.out, "not verified: anybody could have written it")
	var said struct {
		Expires int64 `json:"exp"`
	}
	if json.Unmarshal(members[1], &said) == nil && said.Expires > 0 && said.Expires < 1<<38 {
		fmt.Fprintln(s.out, ends(time.Unix(said.Expires, 0).UTC(), now()))
	}
	for i, title := range []string{"header", "claims"} {
		var indented bytes.Buffer
		if err := json.Indent(&indented, members[i], "", "  "); err != nil {
			return err
		}
		fmt.Fprintf(s.out, "%s\n%s\n", title, plainJSON(indented.Bytes()))
	}
	return nil
}
