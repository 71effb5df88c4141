package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"time"

	"github.com/spf13/cobra"

	"sallyport/pure/config"
	"sallyport/web/admin"
)

func newGateway(s streams) *cobra.Command {
	return group("gateway", "Connect back ends with the API gateway", `  sallyport gateway authority > gateway-ca.pem
  sallyport gateway certificate --name billing.internal.example --out-cert billing.pem --out-key billing.key`,
		newGatewayAuthority(s), newGatewayCertificate(s), newGatewayRotate(s))
}

func newGatewayAuthority(s streams) *cobra.Command {
	var f stateFlags
	c := &cobra.Command{
		Use: "authority", Short: "Print the certificates by which back ends know the gateway, in PEM", Args: noArgs,
		Long: `A back end lets the gateway in, and nobody else, when it demands a client
certificate of this authority. The list has the next authority too, so that a
rotation breaks nothing; each environment has its own.`,
		Example: `  sallyport gateway authority --env production > gateway-ca.pem`,
		RunE: func(c *cobra.Command, _ []string) error {
			return f.within(c.Context(), s, "", func(talk *session) error {
				var answer json.RawMessage
				if err := talk.get(talk.here("/gateway/authority"), nil, &answer); err != nil {
					return err
				}
				return show(talk, answer, talk.authority)
			})
		},
	}
	f.bindEnv(c)
	return c
}

func (s *session) authority(a admin.GatewayAuthority) error {
	_, err := fmt.Fprint(s.out, a.PEM)
	return err
}

func newGatewayRotate(s streams) *cobra.Command {
	var f stateFlags
	var keep string
	c := &cobra.Command{
		Use: "rotate-authority --keep TIME", Short: "Make the gateway's next authority the current one, now", Args: noArgs,
		Long: `Rotate-authority signs with the next authority from now on and prints the new
list, which has another one ahead: give it to the back ends before the next
rotation. Until --keep is over the old one stays trusted, for certificates of
back ends that it signed. --keep 0 ends it at once, after a compromise; back
ends then need a new certificate and the new list.`,
		Example: `  sallyport gateway rotate-authority --keep 90d --env production > gateway-ca.pem
  sallyport gateway rotate-authority --keep 0`,
		RunE: func(c *cobra.Command, _ []string) error {
			wish, err := authorityRotation(keep)
			if err != nil {
				return usage(c, err)
			}
			return f.within(c.Context(), s, "", func(talk *session) error {
				var answer json.RawMessage
				path := talk.here("/gateway/authority")
				if err := talk.amend(path, http.MethodPost, path+"/rotate", amendment{body: wish, into: &answer}); err != nil {
					return err
				}
				talk.note("%s: the gateway's authority was rotated", talk.place)
				talk.next("give the back ends this list before the next rotation")
				return show(talk, answer, talk.authority)
			})
		},
	}
	f.bindEnv(c)
	c.Flags().StringVar(&keep, "keep", "", "how long the old one stays trusted, 0 to 90d")
	return c
}

// longestKeep is as long as a certificate lives that the old authority signed.
const longestKeep = 90 * 24 * time.Hour

func authorityRotation(keep string) (admin.AuthorityRotation, error) {
	if keep == "" {
		return admin.AuthorityRotation{}, errors.New("--keep is missing: 90d in peace, 0 after a compromise")
	}
	d, err := config.ParseDuration(keep)
	if err != nil {
		return admin.AuthorityRotation{}, fmt.Errorf("--keep: %w", err)
	}
	if d.Std() > longestKeep {
		return admin.AuthorityRotation{}, errors.New("--keep: at most 90d, which no certificate of a back end outlives")
	}
	return admin.AuthorityRotation{KeepSeconds: int64(d.Std() / time.Second)}, nil
}

// serverFiles are where a key and its certificate go; empty for stdout.
type serverFiles struct {
	cert, key string
	replace   bool
}

func newGatewayCertificate(s streams) *cobra.Command {
	var f stateFlags
	var wish admin.CertificateRequest
	var files serverFiles
	c := &cobra.Command{
		Use: "certificate --name HOST", Short: "Make a key and a certificate of 90 days for a back end", Args: noArgs,
		Long: `Certificate is for a back end that has no certificate of its own: the gateway
trusts its environment's authority. The key is shown this once and kept nowhere;
its file can be read by you alone. What is not written to a file goes to stdout.`,
		Example: `  sallyport gateway certificate --name billing.internal.example --out-cert billing.pem --out-key billing.key
  sallyport gateway certificate --name localhost --name 127.0.0.1 --env preview
  sallyport gateway certificate --name billing.internal.example --out-cert billing.pem --out-key billing.key --replace`,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := files.check(wish.Names); err != nil {
				return usage(c, err)
			}
			return f.within(c.Context(), s, "", func(talk *session) error {
				var made admin.ServerCertificate
				if err := talk.send(http.MethodPost, talk.here("/gateway/certificates"), wish, &made); err != nil {
					return err
				}
				return talk.certificate(made, files)
			})
		},
	}
	f.bindEnv(c)
	c.Flags().StringSliceVar(&wish.Names, "name", nil, "host name or IP address by which the gateway calls it; again for more")
	c.Flags().StringVar(&files.cert, "out-cert", "", "file for the certificate (default: stdout)")
	c.Flags().StringVar(&files.key, "out-key", "", "file for the key, readable by you alone (default: stdout)")
	c.Flags().BoolVar(&files.replace, "replace", false, "replace the files if they are there")
	return c
}

// check finds what would stop the command once the certificate is made.
func (f serverFiles) check(names []string) error {
	if len(names) == 0 {
		return errors.New("--name is missing: the host by which the gateway calls the back end")
	}
	if f.cert != "" && f.cert == f.key {
		return errors.New("--out-cert and --out-key are one file: back ends take them apart, and the key is private")
	}
	for _, path := range []string{f.cert, f.key} {
		if path == "" || f.replace {
			continue
		}
		if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("%s is there already; --replace replaces it", path)
		}
	}
	return nil
}

// certificate writes the key first: without it the certificate is worth nothing.
func (s *session) certificate(made admin.ServerCertificate, files serverFiles) error {
	if files.key != "" {
		if err := replaceFileAs(files.key, []byte(made.Key), 0o600); err != nil {
			return err
		}
		s.note("%s: the key is in %s and nowhere else", made.Place, files.key)
		made.Key = ""
	}
	if files.cert != "" {
		if err := replaceFile(files.cert, []byte(made.Certificate)); err != nil {
			return err
		}
		s.note("%s: the certificate is in %s; it lives for 90 days", made.Place, files.cert)
	}
	if s.flags.json {
		return writeJSON(s.out, made)
	}
	if files.cert == "" {
		fmt.Fprint(s.out, made.Certificate)
	}
	_, err := fmt.Fprint(s.out, made.Key)
	return err
}
