package main

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"sallyport/protocol/oauth"
	"sallyport/web/admin"
)

// signingIn is the wish of login.
type signingIn struct {
	readOnly  bool
	noBrowser bool
}

func newLogin(s streams) *cobra.Command {
	var f stateFlags
	var wish signingIn
	c := &cobra.Command{
		Use: "login", Short: "Sign in at a server, to manage it from here", Args: noArgs,
		Long: `Login opens the server's sign-in page in your browser; on a machine without one,
open the address that is printed. Your password and codes go to that page alone.
What comes back to this machine is kept in a file that only you can read, below
$XDG_STATE_HOME/sallyport, until sallyport logout or eight hours have passed.

From then on every command takes --server, or SALLYPORT_SERVER, and does there
what your roles allow.`,
		Example: `  sallyport login --server https://id.example.com
  sallyport login --server https://id.example.com --read-only --no-browser
  sallyport env list --server https://id.example.com`,
		RunE: func(c *cobra.Command, _ []string) error {
			at, err := f.onlyServer()
			if err != nil {
				return err
			}
			return f.signIn(c.Context(), s, at, wish)
		},
	}
	f.bindServer(c)
	c.Flags().BoolVar(&wish.readOnly, "read-only", false, "ask for a token that can change nothing")
	c.Flags().BoolVar(&wish.noBrowser, "no-browser", false, "print the address, and open nothing")
	return c
}

// onlyServer is where for commands that know no store.
func (f *stateFlags) onlyServer() (server, error) {
	if f.server == "" {
		return "", &exitError{exitUsage, fmt.Errorf("--server is missing, and %s is not set\n  fix: --server https://HOST, the host on which the console is", serverVariable)}
	}
	at, err := parseServer(f.server)
	if err != nil {
		return "", &exitError{exitUsage, err}
	}
	return at, nil
}

// signIn takes an operator through the browser and keeps what comes of it.
func (f *stateFlags) signIn(ctx context.Context, s streams, at server, wish signingIn) error {
	file, err := loginFileOf(at)
	if err != nil {
		return err
	}
	issuer, err := discover(ctx, at)
	if err != nil {
		return err
	}
	back, err := listenBack(issuer.Issuer)
	if err != nil {
		return err
	}
	defer back.close()
	verifier := secretText()
	address := issuer.AuthorizationEndpoint + "?" + url.Values{
		"response_type": {"code"}, "client_id": {commandLine}, "redirect_uri": {back.address}, "scope": {strings.Join(scopesFor(wish), " ")},
		"state": {back.state}, "code_challenge": {challengeOf(verifier)}, "code_challenge_method": {"S256"}, "resource": {string(at) + admin.Prefix},
	}.Encode()
	fmt.Fprintf(s.err, "sign in at %s in your browser:\n  %s\n", at, plain(address))
	if !wish.noBrowser {
		openBrowser(address)
	}
	code, err := back.wait(ctx)
	if err != nil {
		return err
	}
	answer, err := postForm(ctx, http.DefaultTransport, issuer.TokenEndpoint, url.Values{
		"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {back.address}, "client_id": {commandLine}, "code_verifier": {verifier},
	})
	if err != nil {
		return fmt.Errorf("signing in: %w", err)
	}
	if answer.RefreshToken == "" {
		return errors.New("the server gave no refresh token")
	}
	l := keptLogin{Server: at, Issuer: issuer.Issuer, Token: issuer.TokenEndpoint, Revoke: issuer.RevocationEndpoint}.with(answer)
	err = file.alone(ctx, func() error {
		before, err := file.read()
		if err == nil { // the old sign-in would live on without anybody knowing
			before.end(ctx, at)
		}
		return file.write(l)
	})
	if err != nil {
		return err
	}
	return f.greet(ctx, s, at)
}

// greet tells who signed in, and proves that the server takes the token.
func (f *stateFlags) greet(ctx context.Context, s streams, at server) error {
	f.server = string(at)
	return f.converseWith(ctx, s, at, func(talk *session) error {
		var answer json.RawMessage
		if err := talk.get("/whoami", nil, &answer); err != nil {
			return err
		}
		return show(talk, answer, func(w admin.Whoami) error {
			fmt.Fprintf(s.out, "signed in at %s as %s\n", at, plain(w.Username))
			talk.next("export %s=%s, then sallyport env list", serverVariable, at)
			return nil
		})
	})
}

// scopesFor lists what to ask for.
func scopesFor(wish signingIn) []string {
	return slices.DeleteFunc(admin.Scopes(), func(scope string) bool {
		return wish.readOnly && !strings.HasPrefix(scope, "sallyport.read.")
	})
}

// secretText is 256 random bits.
func secretText() string {
	var raw [32]byte
	_, _ = rand.Read(raw[:]) // never fails
	return base64.RawURLEncoding.EncodeToString(raw[:])
}

// challengeOf is the challenge of a verifier (RFC 7636 §4.2).
func challengeOf(verifier string) string {
	sum := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// discover asks a server which authorization server it trusts (RFC 9728), and
// that one where its endpoints are (RFC 8414). Both must lie on the server that
// was named, so that no document sends a code or a token elsewhere.
func discover(ctx context.Context, at server) (oauth.Metadata, error) {
	var resource struct {
		Resource string   `json:"resource"`
		Servers  []string `json:"authorization_servers"`
	}
	var m oauth.Metadata
	content, err := request(ctx, http.DefaultTransport, http.MethodGet, string(at)+admin.ResourcePath, nil)
	if err != nil {
		return m, fmt.Errorf("asking %s where to sign in: %w\n  fix: is the server running? Name the host and port on which the console is, not the gateway's", at, err)
	}
	err = json.Unmarshal(content, &resource)
	if err != nil || resource.Resource != string(at)+admin.Prefix || len(resource.Servers) != 1 || !at.ours(resource.Servers[0]) {
		return m, fmt.Errorf("%s does not say that it manages an installation\n  fix: name the host on which the console is, as its own address says", at)
	}
	issuer := resource.Servers[0]
	content, err = request(ctx, http.DefaultTransport, http.MethodGet, issuer+"/.well-known/openid-configuration", nil)
	if err != nil {
		return m, fmt.Errorf("asking %s how to sign in: %w", issuer, err)
	}
	if err := json.Unmarshal(content, &m); err != nil || m.Issuer != issuer {
		return m, fmt.Errorf("%s describes another authorization server", issuer)
	}
	for _, endpoint := range []string{m.AuthorizationEndpoint, m.TokenEndpoint, m.RevocationEndpoint} {
		if !at.ours(endpoint) {
			return m, fmt.Errorf("%s names an endpoint on another host", issuer)
		}
	}
	return m, nil
}

func newLogout(s streams) *cobra.Command {
	var f stateFlags
	c := &cobra.Command{
		Use: "logout", Short: "End the sign-in at a server, there and here", Args: noArgs,
		Example: `  sallyport logout --server https://id.example.com`,
		RunE: func(c *cobra.Command, _ []string) error {
			at, err := f.onlyServer()
			if err != nil {
				return err
			}
			return logout(c.Context(), s, at)
		},
	}
	f.bindServer(c)
	return c
}

// logout forgets the login whatever the server says: on this machine it is over.
func logout(ctx context.Context, s streams, at server) error {
	file, err := loginFileOf(at)
	if err != nil {
		return err
	}
	return file.alone(ctx, func() error {
		l, err := file.read()
		if errors.Is(err, fs.ErrNotExist) {
			fmt.Fprintf(s.err, "you were not signed in at %s\n", at)
			return nil
		}
		var ended error
		if err == nil {
			ended = l.end(ctx, at)
		}
		if err := file.forget(); err != nil {
			return err
		}
		if ended != nil {
			return fmt.Errorf("signed out on this machine, but %s could not be told: %w\n  it ends the sign-in by itself when nobody used it for two hours", at, ended)
		}
		fmt.Fprintf(s.out, "signed out at %s\n", at)
		return nil
	})
}

// end revokes the refresh token, and with it every access token that came of it
// (RFC 7009).
func (l keptLogin) end(ctx context.Context, at server) error {
	if l.Server != at || !at.ours(l.Revoke) {
		return errors.New("the login that is kept is another server's")
	}
	_, err := request(ctx, http.DefaultTransport, http.MethodPost, l.Revoke, url.Values{"token": {l.Refresh}, "client_id": {commandLine}})
	return err
}

func newWhoami(s streams) *cobra.Command {
	var f stateFlags
	c := &cobra.Command{
		Use: "whoami", Short: "Show who you are to a server, and what you may do", Args: noArgs,
		Example: `  sallyport whoami --server https://id.example.com
  sallyport whoami --json`,
		RunE: func(c *cobra.Command, _ []string) error {
			return f.converse(c.Context(), s, func(talk *session) error {
				var answer json.RawMessage
				if err := talk.get("/whoami", nil, &answer); err != nil {
					return err
				}
				return show(talk, answer, talk.whoami)
			})
		},
	}
	f.bind(c)
	return c
}

func (s *session) whoami(w admin.Whoami) error {
	rows := [][]string{{"operator", w.Username}, {"name", dash(w.Name)}}
	if w.Everyone {
		rows = append(rows, []string{"may", "everything: this host holds the store"})
		return s.look.table(s.out, []string{"FIELD", "VALUE"}, rows)
	}
	for _, r := range w.Roles {
		place := "everywhere"
		if r.Place != "" {
			place = "at " + r.Place
		}
		rows = append(rows, []string{"role", r.Role + " " + place})
	}
	writes := slices.ContainsFunc(w.Scopes, func(scope string) bool { return strings.HasPrefix(scope, "sallyport.write.") })
	token := "read and write"
	if !writes {
		token = "read only"
	}
	rows = append(rows, []string{"token", fmt.Sprintf("%s, %s; renews itself at %s", token, count(int64(len(w.Scopes)), "scope"), whenever(w.Expires))})
	return s.look.table(s.out, []string{"FIELD", "VALUE"}, rows)
}
