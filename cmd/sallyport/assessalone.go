package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"sallyport/pure/assess"
	"sallyport/pure/legacy"
	"sallyport/pure/migrate"
	"sallyport/service/intake"
	"sallyport/web/admin"
)

// aloneName is what the migration is called that nobody configured.
const aloneName = "assessment"

// assessAlone says what an export means that no migration describes.
type assessAlone struct {
	format, key string
	hosts       []string
	options     map[string]string
	secrets     map[string]string // files by setting
}

func (a *assessAlone) bind(c *cobra.Command) {
	c.Flags().StringVar(&a.format, "format", "", "format of the export (default: recognised by its beginning)")
	c.Flags().StringVar(&a.key, "key", "", "field that names a record for ever (default: the format's, or guessed)")
	c.Flags().StringSliceVar(&a.hosts, "host", nil, "host on which people will sign in, to judge passkeys by; several with commas")
	c.Flags().StringToStringVar(&a.options, "option", nil, "something that the format must be told, NAME=VALUE")
	c.Flags().StringToStringVar(&a.secrets, "secret", nil, "the same for a secret, NAME=FILE")
}

// told names the first of these flags that was written; empty for none.
func (a *assessAlone) told(c *cobra.Command) string {
	for _, name := range []string{"format", "key", "host", "option", "secret"} {
		if c.Flags().Changed(name) {
			return name
		}
	}
	return ""
}

// read assesses a file of this machine. Nothing but its scratch is written, for a
// file that is packed or joined, and that has no name.
func (a *assessAlone) read(c *cobra.Command, s streams, f *assessFlags) (report assess.Report, err error) {
	source, err := openExport(f.files.file)
	if err != nil {
		return report, err
	}
	defer func() { err = errors.Join(err, source.close()) }()
	plan, err := a.plan(c, source.Source)
	if err != nil {
		return report, err
	}
	x := intake.Examination{Hosts: a.hosts, LastSignIn: f.lastSignIn, Request: intake.Request{Plan: plan, Source: source.Source}}
	x.Joined = map[migrate.Input]intake.Source{}
	for _, a := range f.files.apart() {
		joined, err := openExport(a.path)
		if err != nil {
			return report, err
		}
		defer func() { _ = joined.close() }() // it was only read
		x.Joined[a.input] = joined.Source
	}
	talk := &session{streams: s, ctx: c.Context(), flags: &f.stateFlags}
	format, _ := plan.Format()
	talk.note("%s: read as %s, on this machine alone", filepath.Base(f.files.file), format)
	progress, began := newProgress(talk, aloneName), time.Now()
	defer progress.end()
	x.Progress = func(p intake.Progress) {
		rate := float64(p.Rows) / max(time.Since(began).Seconds(), 0.001)
		progress.show(admin.ImportProgress{Phase: string(p.Phase), Rows: p.Rows, Of: p.Of, Rate: rate})
	}
	report, err = intake.New(intake.Config{Now: now, Rand: rand.Reader}).Assess(c.Context(), x)
	if errors.Is(err, context.Canceled) {
		return report, errStopped
	}
	report.Migration = ""
	return report, err
}

// export is a file to read, perhaps unpacked.
type export struct {
	intake.Source
	close func() error
}

func openExport(path string) (*export, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err == nil && info.IsDir() {
		err = fmt.Errorf("%s is a directory\n  fix: name one file; those of a directory can be put one behind the other: cat DIR/*users*.json > users.json", path)
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	name := filepath.Base(path)
	var mark [2]byte
	if _, err := file.ReadAt(mark[:], 0); err == nil && info.Mode().IsRegular() && !bytes.Equal(mark[:], []byte{0x1f, 0x8b}) {
		return &export{intake.Source{Name: name, Reader: file, Size: info.Size()}, file.Close}, nil
	}
	kept, err := intake.Spool("", bufio.NewReader(file)) // packed, or a pipe
	if err = errors.Join(err, file.Close()); err != nil {
		return nil, err
	}
	return &export{kept.Source(name), kept.Close}, nil
}

// plan makes a migration of what is known without one.
func (a *assessAlone) plan(c *cobra.Command, source intake.Source) (*migrate.Plan, error) {
	beginning := make([]byte, min(source.Size, assess.MaxBeginning))
	if _, err := source.Reader.ReadAt(beginning, 0); err != nil && err != io.EOF {
		return nil, err
	}
	known := knownFormats()
	if a.format == "" {
		a.format = assess.Recognise(beginning, known)
	}
	if a.format == "" {
		return nil, &exitError{exitUsage, fmt.Errorf("what the export is cannot be told by its beginning, which looks like %s\n  fix: --format, one of %s", migrate.Looks(beginning), strings.Join(known, ", "))}
	}
	if !slices.Contains(known, a.format) {
		return nil, usage(c, fmt.Errorf("--format %q is none of %s", a.format, strings.Join(known, ", ")))
	}
	spec, err := a.spec(source, beginning)
	if err != nil {
		return nil, err
	}
	plan, problems := migrate.Compile(spec)
	if len(problems) > 0 {
		text := make([]string, len(problems))
		for i, p := range problems {
			text[i] = "  " + p.String()
		}
		return nil, &exitError{exitUsage, fmt.Errorf("the export cannot be read by what is known of it:\n%s\n  fix: --key, --option NAME=VALUE or --secret NAME=FILE, or describe it by a migration", strings.Join(text, "\n"))}
	}
	return a.unlock(plan)
}

// unlock gives a plan the secrets that its format wants.
func (a *assessAlone) unlock(plan *migrate.Plan) (*migrate.Plan, error) {
	secrets := map[string][]byte{}
	for name, path := range a.secrets {
		content, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		secrets[name] = bytes.TrimSpace(content)
	}
	return plan.With(secrets)
}

func knownFormats() []string {
	known := []string{"auth0", "csv"}
	for _, f := range migrate.Formats() {
		known = append(known, f.Name)
	}
	slices.Sort(known)
	return known
}

// auth0Means is what the fields of Auth0's export mean if nobody says otherwise.
var auth0Means = []legacy.Mapping{
	{From: "email", To: "email", Verified: "email_verified"},
	{From: "username", To: "username"},
	{From: "phone_number", To: "phone", Verified: "phone_verified"},
	{From: "name", To: "name"},
	{From: "created_at", To: "created"},
}

// spec says what the fields mean: by the format, or by their names.
func (a *assessAlone) spec(source intake.Source, beginning []byte) (migrate.Spec, error) {
	spec := migrate.Spec{Name: aloneName, Source: migrate.Source{Format: a.format}, Key: a.key, Options: a.options, Secrets: map[string]string{}}
	for _, name := range slices.Sorted(maps.Keys(a.secrets)) {
		spec.Secrets[name] = name
	}
	switch {
	case a.format == "auth0":
		spec.Fields = fieldsOf(auth0Means)
		return spec, nil
	case a.format == "csv":
		header, _, _ := bytes.Cut(beginning, []byte("\n"))
		if d := assess.Delimiter(header); d == '\t' {
			spec.Source.Delimiter = `\t`
		} else {
			spec.Source.Delimiter = string(d)
		}
	case !generic(a.format):
		return spec, nil
	}
	return guessed(spec, source)
}

func generic(format string) bool {
	for _, f := range migrate.Formats() {
		if f.Name == format {
			return f.Generic
		}
	}
	return false
}

// guessed reads the names of the columns, and guesses.
func guessed(spec migrate.Spec, source intake.Source) (migrate.Spec, error) {
	first := spec
	first.Key, first.Fields = "id", []migrate.Field{{From: "id", To: "username"}} // to be able to ask for the names
	plan, problems := migrate.Compile(first)
	if len(problems) > 0 {
		return spec, nil // they are told of the whole
	}
	names, err := plan.Names(io.NewSectionReader(source.Reader, 0, source.Size))
	if err != nil {
		return spec, err
	}
	g := assess.Guess(names)
	if spec.Key == "" {
		spec.Key = g.Key
	}
	spec.Fields, spec.Hash.From = fieldsOf(g.Map), g.Hash
	return spec, nil
}

func fieldsOf(means []legacy.Mapping) (fields []migrate.Field) {
	for _, m := range means {
		fields = append(fields, migrate.Field{From: m.From, To: m.To, Verified: m.Verified, Format: m.Format})
	}
	return fields
}
