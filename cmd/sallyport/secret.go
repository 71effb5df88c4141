package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"sallyport/service/vault"
	"sallyport/web/admin"
)

func newSecret(s streams) *cobra.Command {
	return group("secret", "Keep the secrets that earlier systems want to be shown", `  sallyport secret put meterman-db --file password.txt
  sallyport secret list`, newSecretPut(s), newSecretList(s), newSecretDelete(s))
}

func newSecretPut(s streams) *cobra.Command {
	var f stateFlags
	var file string
	c := &cobra.Command{
		Use: "put NAME", Short: "Put a secret into the vault, or replace it; nobody reads it again", Args: takes("NAME"),
		Long: `Put reads the secret from standard input or from --file, seals it under the master
key, and never shows it again. Configuration names it, as in secret: meterman-db. The
line break behind a single line is not part of it; anything longer is kept as it is,
byte by byte. A secret in an argument would be seen by everybody on this machine, so
there is no such flag.`,
		Example: `  sallyport secret put meterman-db < password.txt
  sallyport secret put firebase-key --file signer-key.bin --env production`,
		RunE: func(c *cobra.Command, args []string) error {
			value, err := secretValue(c.InOrStdin(), file)
			if err != nil {
				return usage(c, err)
			}
			defer clear(value)
			return f.within(c.Context(), s, "", func(talk *session) error { return talk.putSecret(args[0], value) })
		},
	}
	f.bindEnv(c)
	c.Flags().StringVar(&file, "file", "", "file that holds the secret (default: standard input)")
	return c
}

// secretValue reads a secret, up to one byte more than the vault takes.
func secretValue(in io.Reader, file string) ([]byte, error) {
	if file != "" {
		opened, err := os.Open(file)
		if err != nil {
			return nil, err
		}
		defer opened.Close()
		in = opened
	}
	value, err := io.ReadAll(io.LimitReader(in, vault.MaxSize+3))
	if err != nil {
		return nil, fmt.Errorf("reading the secret: %w", err)
	}
	if line := bytes.TrimSuffix(bytes.TrimSuffix(value, []byte("\n")), []byte("\r")); !bytes.ContainsAny(line, "\r\n") {
		value = line
	}
	switch {
	case len(value) == 0:
		return nil, errors.New("the secret is empty: give it on standard input, or by --file")
	case len(value) > vault.MaxSize:
		return nil, vault.ErrSize
	}
	return value, nil
}

func (s *session) putSecret(name string, value []byte) error {
	var answer json.RawMessage
	there, err := s.hasSecret(name)
	switch {
	case err != nil:
		return err
	case there:
		path := s.here("/vault/" + url.PathEscape(name))
		err = s.amend(path, http.MethodPut, path, amendment{body: admin.VaultValue{Value: value}, into: &answer})
	default:
		err = s.send(http.MethodPost, s.here("/vault"), admin.NewVaultSecret{Name: name, VaultValue: admin.VaultValue{Value: value}}, &answer)
	}
	if err != nil {
		return err
	}
	return show(s, answer, func(kept admin.OneVaultSecret) error {
		_, err := fmt.Fprintf(s.out, "%s\tversion %d\n", kept.Name, kept.Number)
		return err
	})
}

func (s *session) hasSecret(name string) (bool, error) {
	var all admin.Vault
	err := s.get(s.here("/vault"), nil, &all)
	return slices.ContainsFunc(all.Secrets, func(k admin.VaultSecret) bool { return k.Name == name }), err
}

func newSecretList(s streams) *cobra.Command {
	var f stateFlags
	c := &cobra.Command{
		Use: "list", Short: "List the secrets of the vault, without what they hold", Args: noArgs,
		Example: `  sallyport secret list --env production
  sallyport secret list --json`,
		RunE: func(c *cobra.Command, _ []string) error {
			return f.within(c.Context(), s, "", func(talk *session) error {
				var answer json.RawMessage
				if err := talk.get(talk.here("/vault"), nil, &answer); err != nil {
					return err
				}
				return show(talk, answer, talk.secrets)
			})
		},
	}
	f.bindEnv(c)
	return c
}

func (s *session) secrets(all admin.Vault) error {
	var rows [][]string
	for _, kept := range all.Secrets {
		rows = append(rows, []string{kept.Name, fmt.Sprint(kept.Number), when(kept.Created), when(kept.Updated)})
	}
	s.note("%s: %s", all.Place, count(int64(len(rows)), "secret"))
	if len(rows) == 0 {
		s.next("sallyport secret put NAME < FILE")
	}
	return s.look.table(s.out, []string{"SECRET", "VERSION", "CREATED", "UPDATED"}, rows)
}

func newSecretDelete(s streams) *cobra.Command {
	var f stateFlags
	c := &cobra.Command{
		Use: "delete NAME", Short: "Delete a secret of the vault; what needs it fails from now on", Args: takes("NAME"),
		Example: `  sallyport secret delete meterman-db --env preview`,
		RunE: func(c *cobra.Command, args []string) error {
			return f.within(c.Context(), s, "", func(talk *session) error {
				var answer json.RawMessage
				path := talk.here("/vault/" + url.PathEscape(args[0]))
				if err := talk.amend(path, http.MethodDelete, path, amendment{into: &answer}); err != nil {
					return err
				}
				return show(talk, answer, talk.secrets)
			})
		},
	}
	f.bindEnv(c)
	return c
}
