package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/text/unicode/norm"

	"sallyport/pure/breach"
	"sallyport/pure/password"
	"sallyport/service/passwords"
)

func newPasswords(s streams) *cobra.Command {
	return group("passwords", "Build filters of breached passwords, and try what is refused",
		`  sallyport passwords build pwned-passwords-sha1-ordered-by-hash.txt --out filters/stolen.filter
  sallyport passwords verify filters/stolen.filter`,
		newPasswordsBuild(s), newPasswordsCheck(s), newPasswordsVerify(s))
}

func newPasswordsBuild(s streams) *cobra.Command {
	var b passwords.Building
	var form string
	var asJSON bool
	c := &cobra.Command{
		Use: "build LIST...", Short: "Make a filter of lists of breached passwords", Args: takesMore("LIST"),
		Long: `Build reads lists of passwords, or of their SHA-1 in hexadecimal with or without a
colon and how often each was seen, and writes a filter that serve compares new
passwords with. It needs no store, and the same memory however long the
lists are. A single list of digests in order is read once; others are sorted in a
scratch file beside the result.`,
		Example: `  sallyport passwords build pwned-passwords-sha1-ordered-by-hash.txt --out filters/stolen.filter
  sallyport passwords build words.txt names.txt --form plain --out filters/ours.filter`,
		RunE: func(c *cobra.Command, args []string) error {
			b.Lists, b.Form = args, breach.Form(form)
			if b.Form != "" && b.Form != breach.Plain && b.Form != breach.Digests {
				return usage(c, fmt.Errorf("--form is %s or %s", breach.Plain, breach.Digests))
			}
			return buildPasswords(c.Context(), s, b, asJSON)
		},
	}
	c.Flags().StringVar(&b.Out, "out", "", "file to write; its name ends in "+passwords.Suffix)
	c.Flags().StringVar(&form, "form", "", "plain or sha1 (default: as the first line of each list is)")
	c.Flags().Uint64Var(&b.Seen, "seen", 0, "leave out digests that were seen less often, where the list says so")
	jsonFlag(c, &asJSON)
	_ = c.MarkFlagRequired("out")
	return c
}

func buildPasswords(ctx context.Context, s streams, b passwords.Building, asJSON bool) error {
	if !strings.HasSuffix(b.Out, passwords.Suffix) {
		return &exitError{exitUsage, fmt.Errorf("--out %s does not end in %s, so serve would not find it", b.Out, passwords.Suffix)}
	}
	if terminal(s.err) {
		b.Tell = func(lines int64) { fmt.Fprintf(s.err, "\r\x1b[K%s read", count(lines, "line")) }
		defer fmt.Fprint(s.err, "\r\x1b[K")
	}
	built, err := passwords.Build(ctx, b)
	if err != nil {
		return err
	}
	if asJSON {
		return writeJSON(s.out, struct {
			Version int `json:"version"`
			passwords.Built
		}{1, built})
	}
	fmt.Fprintf(s.out, "%s: %s, %d bytes\n", b.Out, count(int64(built.Keys), "password"), built.Bytes)
	if built.Rare > 0 {
		fmt.Fprintf(s.out, "  left out: %s seen less than %d times\n", count(built.Rare, "digest"), b.Seen)
	}
	if built.Passed > 0 {
		fmt.Fprintf(s.out, "  left out: %s of more than %d bytes\n", count(built.Passed, "line"), breach.MaxLine)
	}
	return nil
}

func newPasswordsVerify(s streams) *cobra.Command {
	return &cobra.Command{
		Use: "verify FILE", Short: "Read a whole filter and compare it with its digests", Args: takes("FILE"),
		Example: `  sallyport passwords verify filters/stolen.filter`,
		RunE: func(_ *cobra.Command, args []string) error {
			var keys uint64
			err := passwords.Open(args[0], func(f *breach.Filter) error {
				keys = f.Keys()
				return f.Verify()
			})
			if err != nil {
				return fmt.Errorf("%s: %w", args[0], err)
			}
			fmt.Fprintf(s.out, "%s: %s, as they were written\n", args[0], count(int64(keys), "password"))
			return nil
		},
	}
}

// checking is what passwords check is asked.
type checking struct {
	filter string
	least  int
	names  []string
}

func newPasswordsCheck(s streams) *cobra.Command {
	var o checking
	c := &cobra.Command{
		Use: "check", Short: "Say whether a new password would be taken", Args: noArgs,
		Long: `Check reads a password from the first line of its input, so that it stands in no
history, and exits 1 if it would be refused.`,
		Example: `  printf 'a tractor in the rain\n' | sallyport passwords check --filter filters/stolen.filter`,
		RunE:    func(*cobra.Command, []string) error { return checkPassword(s, o) },
	}
	c.Flags().StringVar(&o.filter, "filter", "", "filter to compare it with (default: none)")
	c.Flags().IntVar(&o.least, "least", password.Alone, "characters that it has at least")
	c.Flags().StringSliceVar(&o.names, "name", nil, "name of the person, brand or trade; repeatable")
	return c
}

func checkPassword(s streams, o checking) error {
	line, err := bufio.NewReader(io.LimitReader(s.in, 2*password.MaxBytes)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	text := norm.NFKC.String(strings.TrimRight(line, "\r\n")) // as it is when it is set
	if err := password.Check(text, o.least, o.names...); err != nil {
		return err
	}
	if o.filter == "" {
		fmt.Fprintln(s.out, "it would be taken")
		return nil
	}
	return o.compare(s, text)
}

func (o checking) compare(s streams, text string) error {
	var keys uint64
	var found bool
	err := passwords.Open(o.filter, func(f *breach.Filter) (err error) {
		keys = f.Keys()
		found, err = f.Has(breach.KeyOf([]byte(text)))
		return err
	})
	switch {
	case err != nil:
		return fmt.Errorf("%s: %w", o.filter, err)
	case found:
		return password.ErrBreached
	}
	fmt.Fprintf(s.out, "it would be taken: it is none of the %s of %s\n", count(int64(keys), "password"), filepath.Base(o.filter))
	return nil
}
