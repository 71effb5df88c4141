package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	"filippo.io/age"
	"github.com/spf13/cobra"

	"sallyport/service/leave"
	"sallyport/web/admin"
)

func newCustomersExport(s streams) *cobra.Command {
	var f stateFlags
	var recipients []string
	var only string
	c := &cobra.Command{
		Use: "export FILE --recipient KEY", Short: "Export the customers of an environment, or one, encrypted, to take them elsewhere", Args: takes("FILE"),
		Long: `Export writes everybody as they are at one instant, with password hashes, keys of
authenticator apps, passkeys, links and consents, and every account with its premises
and members, in an open format. The server
encrypts it for the recipients; who asked, and for whom, is in the audit ledger. The
file is there when it is whole, and not before. Everybody in it is signed by the key
that is printed last, which whoever imports it names: tell them by another way than
the file. Open it with sallyport customers open,
or bring it into another Sallyport with sallyport migrate run --identity. With
--customer the file holds one person, as whoever asks to take their data along gets.`,
		Example: `  sallyport customers export people.sallyport --env production --recipient age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p
  sallyport customers export dana.sallyport --customer dana@example.test --recipient age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p`,
		RunE: func(c *cobra.Command, args []string) error {
			if len(recipients) == 0 {
				return usage(c, errors.New("--recipient is missing: the public key of whoever may open the export\n  fix: sallyport backup keygen --to FILE makes one"))
			}
			return f.within(c.Context(), s, "", func(talk *session) error {
				kept, err := talk.keep("export", args[0], talk.here("/exports"), admin.ExportRequest{Recipients: recipients, Customer: only})
				if err != nil {
					return err
				}
				_, err = fmt.Fprintf(s.out, "%s\t%s\t%d bytes\t%s\n", args[0], talk.place, kept.size, plain(kept.said.Get(admin.SignerHeader)))
				talk.next("sallyport customers open %s --identity KEYFILE --check", args[0])
				return err
			})
		},
	}
	f.bindEnv(c)
	c.Flags().StringVar(&only, "customer", "", "one customer alone, by id or by a name they sign in with")
	c.Flags().StringArrayVarP(&recipients, "recipient", "r", nil, "public key that may open it, age1…; repeat it for several")
	return c
}

func newCustomersOpen(s streams) *cobra.Command {
	var identity string
	var check bool
	c := &cobra.Command{
		Use: "open FILE --identity KEYFILE", Short: "Decrypt an export, or check that it is whole", Args: takes("FILE"),
		Long: `Open writes the lines of an export in clear: password hashes, secrets and all. Whoever
reads them can try passwords, and make codes of authenticator apps. It reads the file
through first, so that nothing is written of one that is not whole. The check prints
by whom everybody is signed: compare it with what the export printed where it was made.`,
		Example: `  sallyport customers open people.sallyport --identity key.txt --check
  sallyport customers open people.sallyport --identity key.txt | other-system import`,
		RunE: func(c *cobra.Command, args []string) error {
			if identity == "" {
				return usage(c, errors.New("--identity is missing: the file with the secret key that opens the export"))
			}
			file, err := os.Open(args[0])
			if err != nil {
				return err
			}
			defer file.Close()
			sum, keys, err := wholeExport(file, identity)
			if err != nil {
				return err
			}
			if check {
				_, err := fmt.Fprintf(s.out, "whole\t%s/%s\t%s\t%s\t%s\n", plain(sum.Tenant), plain(sum.Environment), when(sum.Created), holds(sum), signedBy(sum))
				return err
			}
			fmt.Fprintf(s.err, "what follows is in clear: the secrets of %s\n", count(sum.People, "customer"))
			_, err = leave.Open(file, keys, s.out)
			return err
		},
	}
	c.Flags().StringVarP(&identity, "identity", "i", "", "file with the secret key, of sallyport backup keygen")
	c.Flags().BoolVar(&check, "check", false, "write nothing of it, and say what it holds")
	return c
}

// holds says how many people and accounts there are.
func holds(sum leave.Sum) string {
	if sum.Counts.Accounts == 0 {
		return count(sum.People, "customer")
	}
	return count(sum.People, "customer") + ", " + count(sum.Counts.Accounts, "account")
}

// signedBy is the signer that an export names, by whom everybody in it is signed. Who
// that is, only the place that it is from can tell.
func signedBy(sum leave.Sum) string {
	if sum.Signer == "" {
		return "unsigned"
	}
	return plain(string(sum.Signer))
}

// wholeExport reads an export through to its end, and stands at its beginning again.
func wholeExport(file *os.File, identity string) (sum leave.Sum, keys []age.Identity, err error) {
	if keys, err = readIdentity(identity); err != nil {
		return sum, nil, err
	}
	if sum, err = leave.Open(file, keys, io.Discard); err != nil {
		return sum, nil, fmt.Errorf("opening %s: %w\n  fix: %s", file.Name(), err, mend(err))
	}
	_, err = file.Seek(0, io.SeekStart)
	return sum, keys, err
}

// mend says what to do about a file that does not open.
func mend(err error) string {
	switch {
	case errors.Is(err, leave.ErrKey):
		return "give by --identity the key whose public half it was exported for"
	case errors.Is(err, leave.ErrNewer):
		return "open it with the release that made it, or a newer one"
	}
	return "fetch it again, or export it again with sallyport customers export; nothing of it was taken"
}

// decrypted is the content of an export that only its lines leave, once it proved to be
// whole. It is decrypted again as it is sent, so that it lies nowhere in clear.
func (f exportFiles) decrypted(file *os.File) (*exportContent, error) {
	_, keys, err := wholeExport(file, f.identity)
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	read, write := io.Pipe()
	go func() {
		_, err := leave.Open(file, keys, write)
		_ = write.CloseWithError(err) // nil is the end
	}()
	return &exportContent{read, "application/octet-stream", func() error {
		return errors.Join(read.Close(), file.Close()) // and the goroutine ends
	}}, nil
}

// inClear refuses a file that is encrypted, of which a server could only say that no
// row of it is readable.
func inClear(file *os.File) error {
	begin := []byte("age-encryption.org/v1")
	found := make([]byte, len(begin))
	if _, err := file.ReadAt(found, 0); err == nil && bytes.Equal(found, begin) {
		return fmt.Errorf("%s is encrypted\n  fix: give the file with the secret key by --identity", file.Name())
	}
	return nil
}
