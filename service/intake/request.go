package intake

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"sallyport/pure/migrate"
	"sallyport/pure/rival"
	"sallyport/service/audit"
	"sallyport/store"
)

// Source is an export. It is read several times, and must not change.
type Source struct {
	Name   string // as a person would recognise it
	Reader io.ReaderAt
	Size   int64 // in bytes
}

// label is the names as every engine stores them and every terminal shows them:
// files may be called by any bytes.
func (r Request) label() string {
	name := r.Source.Name
	for _, input := range r.Plan.Inputs() {
		if joined, is := r.Joined[input]; is {
			name += " + " + joined.Name
		}
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return utf8.RuneError
		}
		return r
	}, strings.ToValidUTF8(name, string(utf8.RuneError)))
}

// section reads the source from an offset on.
func (s Source) section(offset int64) io.Reader {
	return io.NewSectionReader(s.Reader, offset, s.Size-offset)
}

// Request asks for an import. The migration is the plan's.
type Request struct {
	Env    store.EnvironmentID
	Plan   *migrate.Plan
	Source Source
	// Joined are the further files that the plan's format reads, by input.
	Joined map[migrate.Input]Source
	Actor  audit.Actor // who asked; empty: the system
	// Stage says that the earlier system goes on checking passwords: whoever comes
	// without one is staged until it has taken theirs.
	Stage bool
	// Retry looks once more at records that are held or were dropped for one of these
	// reasons (none: for any), which a newer file or mapping may let in. Nil: they
	// stay where they are.
	Retry *Retry
	// Rules decide who is who of records that claim one identifier, before people do.
	Rules []rival.Rule
	// DryRun does everything but write: the report shows what would happen.
	DryRun bool
	// Progress is called after each batch, on Import's goroutine; nil for none.
	Progress func(Progress)
}

// Retry says which records are looked at once more.
type Retry struct{ Reasons []migrate.Reason }

// retries tells whether a record that stands there is looked at once more.
func (r *Request) retries(at store.KnownRecord) bool {
	if r.Retry == nil || at.State != store.RecordHeld && at.State != store.RecordDropped {
		return false
	}
	return len(r.Retry.Reasons) == 0 || slices.Contains(r.Retry.Reasons, migrate.Reason(at.Reason))
}

// Phase is a part of an import.
type Phase string

// The phases.
const (
	Surveying Phase = "survey"
	Moving    Phase = "import"
)

// Progress tells how far an import is.
type Progress struct {
	Phase Phase
	Run   string // empty in a survey or a dry run
	Rows  int64  // of the source, read in this phase
	Of    int64  // rows in the source; 0 while they are being counted
	Held  int64  // by this call
	Rate  float64
}

// Report tells what an import did, or would do.
type Report struct {
	Migration string
	Run       string // empty if nothing had to be written
	Source    string
	Digest    [32]byte
	DryRun    bool
	Resumed   bool // went on where an earlier call had stopped

	Rows  int64 // in the source
	Fresh int64 // records that the ledger did not know when the call began
	// Summary counts what became of them.
	Summary migrate.Summary
	// Known counts the source's other records by where they stood.
	Known map[store.RecordState]int64
	// Completed counts those of Known that waited for what this source had: the
	// password of somebody who was imported without, the user of a hash.
	Completed int64
	// Updated counts those of Known whose values changed at the source, and Kept, by
	// field, what was changed here too and stays.
	Updated int64
	Kept    map[string]int64
	// Absent counts the ledger's records that this source does not have. Nobody is
	// removed for that.
	Absent int64
	// Holdings are accounts and claims, of a file that has them.
	Holdings Holdings
	// Ledger is the whole migration's, after this call.
	Ledger map[store.RecordState]int64

	Elapsed time.Duration
	Rate    float64 // rows a second, survey included
}

// Next is the command that a person would give now, with FILE for the export,
// "" if nothing is left to do. To run again is to go on where it stopped.
func (r *Report) Next() string {
	switch {
	case r.DryRun, r.Ledger[store.RecordPending] > 0:
		return "sallyport migrate run " + r.Migration + " --file FILE"
	case r.Ledger[store.RecordHeld] > 0:
		return "sallyport migrate status " + r.Migration
	}
	return ""
}

// String is the report in one line.
func (r *Report) String() string {
	return fmt.Sprintf("%s: %d rows, %d imported, %d held, %d dropped, %d known, %.0f/s", r.Migration, r.Rows,
		r.Summary.Verdicts[migrate.Accept], r.Summary.Verdicts[migrate.Hold], r.Summary.Verdicts[migrate.Leave], r.known(), r.Rate)
}

func (r *Report) known() (n int64) {
	for _, count := range r.Known {
		n += count
	}
	return n
}
