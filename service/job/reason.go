package job

import (
	"errors"
	"io/fs"
	"strings"

	"sallyport/pure/migrate"
	"sallyport/service/intake"
	"sallyport/store"
)

// Reason is a stable word for why a job failed or waits.
type Reason string

// The reasons.
const (
	Stopped    Reason = "server-stopped"   // queued again: the server was stopped between two batches
	Storage    Reason = "storage"          // waits: the store or the disk does not answer
	Busy       Reason = "import-running"   // waits: another import or undo of the migration runs
	FilesGone  Reason = "files-missing"    // the node has the directory, the files are not in it
	Damaged    Reason = "files-damaged"    // they are not what was uploaded
	Sealed     Reason = "key-unusable"     // the key of the files does not open: another master key
	NoPlan     Reason = "no-migration"     // the live revision has no such migration
	NoSecret   Reason = "secret-missing"   // the vault lacks a secret that the format needs
	Header     Reason = "header-unfit"     // columns are missing
	Format     Reason = "format-unfit"     // a file is of another kind
	InputGone  Reason = "input-unknown"    // the plan does not read such a file any more
	Contested  Reason = "too-contested"    // too many values occur twice
	Changed    Reason = "source-changed"   // it is not what was surveyed
	OtherFile  Reason = "other-unfinished" // a run over other bytes is not finished
	TakenOver  Reason = "taken-over"       // another worker goes on with the run
	Expired    Reason = "expired"          // nobody went on with it for 30 days
	Unforeseen Reason = "unforeseen"       // the server's log has more
)

// told is what people read of a reason. NAME stands for the migration.
var told = map[Reason]struct{ what, fix string }{
	Stopped:    {"The server was stopped between two batches.", "it goes on when the server is back"},
	Storage:    {"The store or its disk does not answer, or is full. The job waits and tries again.", "see to the storage: sallyport doctor"},
	Busy:       {"Another import of this migration, or an undo, is running. The job waits for it.", "watch it: sallyport migrate status NAME"},
	FilesGone:  {"The files of the job are not on its node any more.", "give them once more: sallyport migrate run NAME --file FILE"},
	Damaged:    {"The kept files are not what was uploaded: their disk is broken, or somebody changed them.", "look at the disk, and give the files once more: sallyport migrate run NAME --file FILE"},
	Sealed:     {"The files were sealed under another master key.", "start the server with that key, or give the files once more"},
	NoPlan:     {"The live revision has no such migration.", "apply a revision that has it, then: sallyport migrate resume NAME"},
	NoSecret:   {"The vault has no secret that the migration's source names.", "sallyport secret put SECRET, then: sallyport migrate resume NAME"},
	Header:     {"The first row of the export lacks columns that the migration reads, or cannot be read.", "compare it with the migration's from: fields; then give the file that fits, or resume: sallyport migrate resume NAME"},
	Format:     {"A file is not of the kind that the migration reads; perhaps two were swapped, or one is damaged.", "give the files that fit: sallyport migrate run NAME --file FILE"},
	InputGone:  {"The migration does not read one of the files any more.", "check its source.format, then: sallyport migrate resume NAME"},
	Contested:  {"More than a million values are claimed by several records.", "check the migration's key and map, then: sallyport migrate resume NAME"},
	Changed:    {"The file is not the one that was surveyed.", "give it once more: sallyport migrate run NAME --file FILE"},
	OtherFile:  {"An earlier import of another file is not finished.", "give that file first: sallyport migrate run NAME --file THAT; then: sallyport migrate resume NAME"},
	TakenOver:  {"Another worker goes on with the same run; nothing is lost.", "watch it: sallyport migrate status NAME"},
	Expired:    {"Nobody went on with the job for 30 days, so its files were removed.", "give them once more: sallyport migrate run NAME --file FILE"},
	Unforeseen: {"Something happened that nobody foresaw. What was imported stays.", "the server's log has more; then: sallyport migrate resume NAME"},
}

// What is the reason as a sentence.
func (r Reason) What() string { return told[r].what }

// Fix is what to do about it, for a migration; empty for nothing.
func (r Reason) Fix(migration string) string {
	return strings.ReplaceAll(told[r].fix, "NAME", migration)
}

// errSealed: the key of a job does not open.
var errSealed = errors.New("the key of the files does not open")

// reasonOf finds the word for an error.
func reasonOf(err error) Reason {
	var disk *fs.PathError
	for _, r := range []struct {
		is     error
		reason Reason
	}{
		{ErrDamaged, Damaged},
		{errSealed, Sealed},
		{ErrNoPlan, NoPlan},
		{migrate.ErrSecret, NoSecret},
		{fs.ErrNotExist, FilesGone},
		{migrate.ErrHeader, Header},
		{migrate.ErrFormat, Format},
		{migrate.ErrInput, InputGone},
		{migrate.ErrTooContested, Contested},
		{intake.ErrUnfinished, OtherFile},
		{intake.ErrSourceChanged, Changed},
		{intake.ErrTakenOver, TakenOver},
		{intake.ErrRunning, Busy},
		{intake.ErrUndoing, Busy},
		{store.ErrUnavailable, Storage},
	} {
		if errors.Is(err, r.is) {
			return r.reason
		}
	}
	if errors.As(err, &disk) {
		return Storage
	}
	return Unforeseen
}

// passes tells whether it helps to wait.
func (r Reason) passes() bool { return r == Storage || r == Busy }
