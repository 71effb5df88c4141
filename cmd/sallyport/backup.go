package main

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"

	"filippo.io/age"
	"github.com/spf13/cobra"

	"sallyport/service/backup"
	"sallyport/store"
	"sallyport/web/admin"
)

func newBackup(s streams) *cobra.Command {
	return group("backup", "Copy the whole installation, and prove that the copy can be restored", `  sallyport backup keygen --to backup-key.txt
  sallyport backup create sallyport.backup --recipient age1…
  sallyport backup verify sallyport.backup --identity backup-key.txt`,
		newBackupKeygen(s), newBackupCreate(s), newBackupVerify(s), newBackupRestore(s), newBackupList(s))
}

func newBackupKeygen(s streams) *cobra.Command {
	var to string
	c := &cobra.Command{
		Use: "keygen --to FILE", Short: "Make the key pair that backups are encrypted for", Args: noArgs,
		Long: `Keygen writes a secret key into a new file that only you can read, and prints the
public half. Servers need the public half alone: whoever makes backups cannot open
them. Keep the file apart from them, and from the master key.`,
		Example: `  sallyport backup keygen --to backup-key.txt`,
		RunE: func(c *cobra.Command, _ []string) error {
			if to == "" {
				return usage(c, errors.New("--to is missing: the file to make"))
			}
			file, recipient, err := backup.Generate()
			if err != nil {
				return err
			}
			if err := writeNew(to, file); err != nil {
				return err
			}
			_, err = fmt.Fprintln(s.out, recipient)
			return err
		},
	}
	c.Flags().StringVar(&to, "to", "", "file to make; one that is there already is never overwritten")
	return c
}

func newBackupCreate(s streams) *cobra.Command {
	var f stateFlags
	var recipients []string
	c := &cobra.Command{
		Use: "create FILE --recipient KEY", Short: "Make an encrypted backup of everything", Args: takes("FILE"),
		Long: `Create copies every environment with its people, keys, ledgers and revisions as they
are at one instant, while the server goes on, and encrypts the copy before it leaves
the server. What is sealed stays sealed: keep the master key too, elsewhere.
The file is there when it is whole, and not before.`,
		Example: `  sallyport backup create sallyport.backup --recipient age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p`,
		RunE: func(c *cobra.Command, args []string) error {
			if len(recipients) == 0 {
				return usage(c, errors.New("--recipient is missing: the public key of whoever may open the backup\n  fix: sallyport backup keygen --to FILE makes one"))
			}
			return f.converse(c.Context(), s, func(talk *session) error { return talk.createBackup(args[0], recipients) })
		},
	}
	f.bind(c)
	c.Flags().StringArrayVarP(&recipients, "recipient", "r", nil, "public key that may open it, age1…; repeat it for several")
	return c
}

// createBackup keeps what the server answers, under its name once it is whole.
func (s *session) createBackup(path string, recipients []string) error {
	kept, err := s.keep("backup", path, "/backups", admin.BackupRequest{Recipients: recipients})
	if err != nil {
		return err
	}
	var all admin.Backups
	if err := s.get("/backups", nil, &all); err != nil {
		return err
	}
	made := admin.Backup{}
	if len(all.Backups) > 0 {
		made = all.Backups[0]
	}
	if err := show(s, mustEncode(made), func(b admin.Backup) error {
		_, err := fmt.Fprintf(s.out, "%s\t%s\t%d rows\t%d bytes\n", path, when(b.Created), b.Rows, kept.size)
		return err
	}); err != nil {
		return err
	}
	s.next("sallyport backup verify %s --identity KEYFILE", path)
	return nil
}

// keptFile is a file that a server answered with, and what it said of it.
type keptFile struct {
	size int64
	said http.Header
}

// keep asks for a file and keeps it under its name once it is whole, and not before.
func (s *session) keep(what, path, at string, request any) (kept keptFile, err error) {
	if _, err := os.Lstat(path); err == nil {
		return kept, fmt.Errorf("%s is there already\n  fix: choose another name; no %s is ever overwritten", path, what)
	}
	body, err := json.Marshal(request)
	if err != nil {
		return kept, err
	}
	answer, err := s.do(asking{method: http.MethodPost, path: at, body: bytes.NewReader(body), contentType: "application/json"})
	if err != nil {
		return kept, err
	}
	defer answer.Body.Close()
	part, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".part-*")
	if err != nil {
		return kept, err
	}
	defer os.Remove(part.Name())
	size, err := io.Copy(part, answer.Body)
	if err = errors.Join(err, part.Sync(), part.Close()); err != nil {
		return kept, fmt.Errorf("the %s is not whole, and was not kept: %w", what, err)
	}
	if err := os.Link(part.Name(), path); err != nil { // unlike a rename it replaces nothing
		return kept, err
	}
	return keptFile{size, answer.Header}, syncDir(filepath.Dir(path))
}

func mustEncode(v any) json.RawMessage {
	encoded, _ := json.Marshal(v) // plain values always marshal
	return encoded
}

func newBackupVerify(s streams) *cobra.Command {
	var f stateFlags
	var identity string
	c := &cobra.Command{
		Use: "verify FILE --identity KEYFILE", Short: "Restore a backup to the side, look through it, and tell the server", Args: takes("FILE"),
		Long: `Verify restores the file into a store of its own, which it removes again, and looks
through it: whether the master key is its own, every audit ledger holds together, and
people could sign in: of some of every environment passwords and factors are opened.
It runs where the master key is. The server is told of a backup that is good; imports
may ask for one. Exit code 1: it is not good.`,
		Example: `  sallyport backup verify sallyport.backup --identity backup-key.txt`,
		RunE: func(c *cobra.Command, args []string) error {
			if identity == "" {
				return usage(c, errors.New("--identity is missing: the file with the secret key that opens the backup"))
			}
			return f.converse(c.Context(), s, func(talk *session) error { return talk.verifyBackup(args[0], identity) })
		},
	}
	f.bind(c)
	c.Flags().StringVarP(&identity, "identity", "i", "", "file with the secret key, of sallyport backup keygen")
	return c
}

func (s *session) verifyBackup(path, identity string) error {
	dir, err := os.MkdirTemp("", "sallyport-verify-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	l, err := parseLocation(s.flags.store)
	if err != nil {
		return err
	}
	s.note("restoring %s to the side", path)
	aside := location{"sqlite", filepath.Join(dir, "restored.db")}
	sum, err := restoreBackup(s.ctx, path, identity, aside)
	if err != nil {
		return err
	}
	found, err := examine(s.ctx, l, aside)
	if err != nil {
		return err
	}
	if len(found.Problems) > 0 {
		for _, p := range found.Problems {
			fmt.Fprintln(s.out, p)
		}
		return fmt.Errorf("%s in the backup; it does not count as verified", count(int64(len(found.Problems)), "problem"))
	}
	var answer json.RawMessage
	told := admin.VerifiedBackup{
		SHA256: hex.EncodeToString(sum.Digest[:]), Created: sum.Created, Schema: sum.Schema, Rows: sum.Total(), Receipt: hex.EncodeToString(sum.Receipt),
	}
	told.Seen.Environments, told.Seen.Ledgers, told.Seen.Passwords, told.Seen.Factors = found.Environments, found.Chains, found.Passwords, found.Factors
	if err := s.send(http.MethodPost, "/backups/verified", told, &answer); err != nil {
		return err
	}
	return show(s, answer, func(admin.Backups) error {
		_, err := fmt.Fprintf(s.out, "good\t%s\t%d rows\t%s, %s that hold together, %s opened\n", when(sum.Created), sum.Total(),
			count(int64(found.Environments), "environment"), count(int64(found.Chains), "audit ledger"), count(int64(found.Passwords+found.Factors), "credential"))
		return err
	})
}

// restoreBackup makes a store of a file.
func restoreBackup(ctx context.Context, path, identity string, to location) (*backup.Sum, error) {
	keys, err := readIdentity(identity)
	if err != nil {
		return nil, err
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	sum, err := backup.Restore(file, keys, func(schema int64, replay func(store.Copied) error) error { return to.restore(ctx, schema, replay) })
	if err != nil {
		return nil, fmt.Errorf("restoring %s: %w", path, err)
	}
	return sum, nil
}

func readIdentity(path string) ([]age.Identity, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	keys, err := backup.Identities(file)
	if err != nil {
		return nil, fmt.Errorf("%s holds no secret key\n  fix: give the file that sallyport backup keygen made", path)
	}
	return keys, nil
}

// examine looks through a restored store with the master key of an installation.
func examine(ctx context.Context, of, restored location) (*backup.Finding, error) {
	master, made, err := openMaster(of)
	if err != nil {
		return nil, err
	}
	if made != "" {
		return nil, errors.Join(fmt.Errorf("there is no master key here: run this on the server's host, or set %s", masterKeyFileVariable), os.Remove(made))
	}
	return examineWith(ctx, master, restored)
}

func newBackupRestore(s streams) *cobra.Command {
	var identity, target string
	c := &cobra.Command{
		Use: "restore FILE --identity KEYFILE --store NEW", Short: "Make a new store of a backup", Args: takes("FILE"),
		Long: `Restore makes a store where there is none: a new file, or an empty database. It may
be of the other engine than the one that the backup was made of. Put the master key
beside it, or name it as the server does, and start the server.`,
		Example: `  sallyport backup restore sallyport.backup --identity backup-key.txt --store sqlite:./restored.db
  sallyport backup restore sallyport.backup --identity backup-key.txt --store postgres://localhost/sallyport`,
		RunE: func(c *cobra.Command, args []string) error {
			if identity == "" || target == "" {
				return usage(c, errors.New("--identity and --store are needed: the key file, and the store to make"))
			}
			l, err := parseLocation(target)
			if err != nil {
				return &exitError{exitUsage, err}
			}
			sum, err := restoreBackup(c.Context(), args[0], identity, l)
			if errors.Is(err, store.ErrExists) {
				return fmt.Errorf("there is a store already; a backup is restored beside it, never over it\n  fix: name another with --store")
			}
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(s.out, "restored\t%s\t%d rows\n", when(sum.Created), sum.Total())
			return err
		},
	}
	c.Flags().StringVarP(&identity, "identity", "i", "", "file with the secret key")
	c.Flags().StringVar(&target, "store", "", "the store to make: sqlite:PATH or postgres://…")
	return c
}

func newBackupList(s streams) *cobra.Command {
	var f stateFlags
	c := &cobra.Command{
		Use: "list", Short: "List the newest backups, and which were verified", Args: noArgs,
		Example: `  sallyport backup list
  sallyport backup list --json`,
		RunE: func(c *cobra.Command, _ []string) error {
			return f.converse(c.Context(), s, func(talk *session) error {
				var answer json.RawMessage
				if err := talk.get("/backups", nil, &answer); err != nil {
					return err
				}
				return show(talk, answer, talk.backups)
			})
		},
	}
	f.bind(c)
	return c
}

func (s *session) backups(all admin.Backups) error {
	var rows [][]string
	for _, b := range all.Backups {
		verified := "never"
		if b.Verified != nil {
			verified = when(*b.Verified)
		}
		rows = append(rows, []string{when(b.Created), verified, fmt.Sprint(b.Rows), b.SHA256[:12], b.By})
	}
	if len(rows) == 0 {
		s.note("no backup was ever made")
		s.next("sallyport backup keygen --to FILE")
		return nil
	}
	return s.look.table(s.out, []string{"CREATED", "VERIFIED", "ROWS", "CONTENT", "BY"}, rows)
}
