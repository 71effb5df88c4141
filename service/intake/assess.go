package intake

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"sallyport/pure/assess"
	"sallyport/pure/migrate"
)

// Assessing is the phase of an assessment, which reads an export three times.
const Assessing Phase = "assess"

// Examination asks what an export holds. Of Request, Actor and DryRun count for
// nothing: nothing is ever written.
type Examination struct {
	Request
	Environment string   // as people call it; empty: none is meant
	Hosts       []string // on which people will sign in
	LastSignIn  string   // field that says when somebody signed in last; empty: by its name
}

// Assess reads an export and tells what it holds, what each of its people will
// notice, and what is to be decided first. It writes nothing, neither to the store
// nor, of what it read, to the disk, and asks the store for nothing but the
// ledger's counts; a Service without a Store assesses all the same.
//
// Errors are those of reading: migrate.ErrHeader, migrate.ErrFormat,
// migrate.ErrInput, migrate.ErrSecret, [ErrPaused] when ctx ended, and those of
// the source.
func (s *Service) Assess(ctx context.Context, x Examination) (assess.Report, error) {
	for input := range x.Joined {
		if err := x.Plan.Joins(input); err != nil {
			return assess.Report{}, fmt.Errorf("assessing %s: %w", x.Plan.Name(), err)
		}
	}
	e := &examining{Service: s, Examination: x, survey: &survey{}}
	report, err := e.work(ctx)
	if err = errors.Join(err, e.survey.close()); err != nil {
		if ctx.Err() != nil {
			err = errors.Join(ErrPaused, err)
		}
		return assess.Report{}, fmt.Errorf("assessing %s: %w", x.Plan.Name(), err)
	}
	return report, nil
}

// examining is one call of Assess.
type examining struct {
	*Service
	Examination
	survey  *survey
	wide    *migrate.Plan // reads what nothing is made of, too
	digest  hash.Hash
	found   *assess.Assessment
	rivals  *migrate.Suspects
	crowded bool // too much is contested for a verdict on who has what
	rows    int64
}

func (x *examining) work(ctx context.Context) (report assess.Report, err error) {
	names, err := x.Plan.Names(x.Source.section(0))
	if err != nil {
		return report, err
	}
	x.wide = x.Plan.Wide(names)
	x.Request.Plan = x.wide
	if report := x.Progress; report != nil {
		x.Progress = func(p Progress) { p.Phase = Assessing; report(p) }
	}
	if x.survey.beside, err = x.newIndexes(ctx, x.Request); err != nil {
		return report, err
	}
	facts, err := x.facts(ctx, names)
	if err != nil {
		return report, err
	}
	x.found = assess.New(x.Plan.Name(), facts)
	x.rivals = x.wide.Suspects(x.Source.Size, x.joinedSize())
	if err = x.first(ctx); err != nil {
		return report, err
	}
	contest := x.rivals.Contest()
	x.rivals = nil
	if err = x.second(ctx, contest); err != nil {
		return report, err
	}
	if err = x.third(ctx, contest); err != nil {
		return report, err
	}
	report = x.found.Report()
	report.Source.Files[0].Digest = hex.EncodeToString(x.digest.Sum(nil))
	return report, nil
}

// first reads the file, and marks which rows of a joined one are asked for.
func (x *examining) first(ctx context.Context) (err error) {
	x.digest = sha256.New()
	if x.survey.rows, err = x.wide.Read(io.TeeReader(x.Source.section(0), x.digest)); err != nil {
		return err
	}
	x.survey.first = spot{Offset: x.survey.rows.Position().Offset}
	asking := x.survey.beside.cursors()
	err = x.each(ctx, x.Request, x.survey.rows, 0, func(record migrate.Record) error {
		if err := asking.mark(&record); err != nil {
			return err
		}
		return x.suspect(record)
	})
	if err != nil || x.survey.beside == nil {
		return err
	}
	return x.each(ctx, x.Request, x.survey.stream(x.Source, spot{Beside: true, Row: x.rows}), 0, x.suspect)
}

func (x *examining) suspect(record migrate.Record) error {
	x.rows++
	o := x.wide.Identify(record)
	x.found.Suspect(o)
	if !x.crowded {
		x.crowded = x.rivals.Add(o) != nil
	}
	return nil
}

// second counts what may occur several times.
func (x *examining) second(ctx context.Context, contest *migrate.Contest) error {
	return x.each(ctx, x.Request, x.survey.stream(x.Source, x.survey.first), x.rows, func(record migrate.Record) error {
		o := x.wide.Identify(record)
		x.found.Count(o)
		contest.Count(o)
		return nil
	})
}

// third maps every record as an import does, and counts what comes of it.
func (x *examining) third(ctx context.Context, contest *migrate.Contest) error {
	columns := x.open()
	all := x.survey.stream(x.Source, x.survey.first)
	return x.each(ctx, x.Request, all, x.rows, func(record migrate.Record) error {
		if err := all.join(&record); err != nil {
			return err
		}
		o := contest.Judge(migrate.Map(x.wide, record))
		x.found.Add(assess.Entry{Record: record, Columns: columns, Person: x.wide.Person(record), Outcome: o})
		return nil
	})
}

// open names the columns of records, but for those that hold secrets, which are
// nobody's to look at.
func (x *examining) open() []string {
	columns := x.wide.Columns()
	for _, use := range x.Plan.Uses() {
		if at := slices.Index(columns, use.Column); at >= 0 && (use.To == "password" || use.To == "salt") {
			columns[at] = ""
		}
	}
	return columns
}

func (x *examining) facts(ctx context.Context, names []string) (assess.Facts, error) {
	format, title := x.Plan.Format()
	f := assess.Facts{
		At: x.cfg.Now(), Environment: x.Environment, Hosts: x.Hosts, Bytes: x.Source.Size, LastSignIn: x.LastSignIn, Uses: map[string]assess.Use{},
		Source: assess.Source{Format: format, Title: title, Files: []assess.File{{Name: shown(x.Source.Name), Bytes: x.Source.Size}}},
	}
	for _, input := range x.Plan.Inputs() {
		if joined, is := x.Joined[input]; is {
			digest := hex.EncodeToString(x.survey.beside.digestOf(input))
			f.Source.Files = append(f.Source.Files, assess.File{Name: shown(joined.Name), Bytes: joined.Size, Digest: digest})
		}
	}
	secret := map[string]bool{"": true}
	for _, use := range x.Plan.Uses() {
		secret[use.Column] = secret[use.Column] || use.To == "password" || use.To == "salt"
		known := f.Uses[use.Column]
		if known.To != "" {
			known.To += ", "
		}
		known.To += use.To
		f.Uses[use.Column] = known
	}
	for _, kept := range x.Plan.Kept() {
		f.Uses[kept.From] = assess.Use{Keep: kept.Keep, Legal: kept.Reason}
		if !slices.Contains(names, kept.From) {
			names = append(slices.Clone(names), kept.From)
		}
	}
	for _, name := range names {
		if !secret[name] {
			f.Fields = append(f.Fields, name)
		}
	}
	if x.cfg.Store == nil {
		return f, nil
	}
	ledger, err := x.cfg.Store.RecordCounts(ctx, x.Env, x.Plan.Name())
	for state, n := range ledger {
		if n > 0 && f.Known == nil {
			f.Known = map[string]int64{}
		}
		if n > 0 {
			f.Known[string(state)] = n
		}
	}
	return f, err
}

// shown is a name that every terminal and page can show.
func shown(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return utf8.RuneError
		}
		return r
	}, strings.ToValidUTF8(name, string(utf8.RuneError)))
}

// Keep spools a file where the service keeps what it reads; see [Spool].
func (s *Service) Keep(from io.Reader) (*Spooled, error) { return Spool(s.scratchDir(), from) }
