package admin

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"mime"
	"mime/multipart"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"sallyport/pure/migrate"
	"sallyport/service/audit"
	"sallyport/service/environment"
	"sallyport/service/intake"
	"sallyport/service/job"
	"sallyport/service/operator"
)

// Job is an import that a server runs by itself, over files that it keeps.
type Job struct {
	Version   int           `json:"version"`
	Place     string        `json:"environment"`
	ID        string        `json:"id"`
	Migration string        `json:"migration"`
	State     string        `json:"state" enum:"queued,running,pausing,paused,done,failed,cancelled"`
	Node      string        `json:"node" doc:"The node that has the files"`
	Here      bool          `json:"here" doc:"Whether that is the one that answers"`
	Inputs    []JobInput    `json:"inputs"`
	Phase     string        `json:"phase,omitempty" doc:"survey or import; left out before the first"`
	Rows      int64         `json:"rows" doc:"Of the source, read in this phase"`
	Of        int64         `json:"of,omitempty" doc:"In the source; left out while they are counted"`
	Held      int64         `json:"held"`
	Rate      int64         `json:"rate" doc:"Rows a second"`
	Reason    string        `json:"reason,omitempty" doc:"A stable word for why it failed, or what it waits for"`
	Code      Code          `json:"code,omitempty" doc:"Of the reason; sallyport explain tells more"`
	Problem   string        `json:"problem,omitempty" doc:"The same for people. It holds nothing of any record"`
	Fix       string        `json:"fix,omitempty"`
	Report    *ImportReport `json:"report,omitempty" doc:"Once it is done; without examples"`
	Operator  string        `json:"operator"`
	Created   time.Time     `json:"created"`
	Updated   time.Time     `json:"updated"`
}

// JobInput is one file of a job.
type JobInput struct {
	Input  string `json:"input"`
	Name   string `json:"name"`
	Size   int64  `json:"size" doc:"In bytes, unpacked"`
	SHA256 string `json:"sha256" doc:"Of what is unpacked"`
}

// Records is a page of the ledger of a migration.
type Records struct {
	Version   int            `json:"version"`
	Place     string         `json:"environment"`
	Migration string         `json:"migration"`
	Records   []LedgerRecord `json:"records"`
	Next      string         `json:"next,omitempty" doc:"cursor of the next page; a page may be empty and have one"`
}

// LedgerRecord is where one record of a source is.
type LedgerRecord struct {
	Key      string    `json:"key"`
	State    string    `json:"state" enum:"pending,staged,imported,held,dropped,erased"`
	Way      string    `json:"way,omitempty" doc:"bulk, jit, claim or register"`
	Reason   string    `json:"reason,omitempty"`
	Detail   string    `json:"detail,omitempty"`
	Row      int64     `json:"row,omitempty"`
	Customer string    `json:"customer,omitempty"`
	Run      string    `json:"run,omitempty"`
	At       time.Time `json:"at"`
}

// newest stands for the migration's open job, or else its last.
const newest = "newest"

func (a *api) jobRoutes() {
	body := uploadBody()
	route(a, right{operator.RunMigration, there}, huma.Operation{
		OperationID: "start-job", Method: http.MethodPost, Path: here("/migrations/{migration}/jobs"),
		Summary:     "Upload an export, and have the server import it",
		Description: "The import goes on when the caller goes away, and when the server starts again. If the migration's open job is over the same bytes, that one goes on.",
		RequestBody: body,
	}, a.startJob)
	describeParts(body)
	route(a, right{operator.ReadMigration, there}, huma.Operation{
		OperationID: "show-job", Method: http.MethodGet, Path: here("/migrations/{migration}/jobs/{job}"),
		Summary: "Show a job of a migration: by its id, or newest for the open one, or else the last",
	}, func(ctx context.Context, in *struct {
		Place
		Migration string `path:"migration" maxLength:"63"`
		Job       string `path:"job" maxLength:"63"`
	},
	) (*answer[Job], error) {
		live, err := a.at(in.Place)
		if err != nil {
			return nil, err
		}
		j, known, err := a.cfg.Jobs.Newest(ctx, live.ID, in.Migration)
		if in.Job != newest {
			j, err = a.cfg.Jobs.Get(ctx, live.ID, in.Job)
			known = j.Migration == in.Migration
		}
		if err == nil && !known {
			err = problem(NoJob, in.Migration)
		}
		return say(jobOf(name(live), j)), err
	})
	route(a, right{operator.RunMigration, there}, huma.Operation{
		OperationID: "steer-job", Method: http.MethodPost, Path: here("/migrations/{migration}/jobs/newest/{move}"),
		Summary:     "Pause the migration's open job, have it go on, or cancel it",
		Description: "A job pauses between two batches. What is so already is left as it is. A cancelled one keeps what it imported, and loses its files.",
	}, a.steerJob)
	route(a, right{operator.ReadRecords, there}, huma.Operation{
		OperationID: "list-records", Method: http.MethodGet, Path: here("/migrations/{migration}/records"),
		Summary: "List single records of a migration by key, in one state or in all",
	}, a.listRecords)
}

// newestJob is the open job of a migration, or else the last; nil if there was none.
func (a *api) newestJob(ctx context.Context, live *environment.Live, migration string) (*Job, error) {
	j, known, err := a.cfg.Jobs.Newest(ctx, live.ID, migration)
	if err != nil || !known {
		return nil, err
	}
	view := jobOf(name(live), j)
	return &view, nil
}

// Starting is the request of a job: its body is the file, or several.
type Starting struct {
	Place
	Caller
	Migration string   `path:"migration" maxLength:"63"`
	Source    string   `query:"source" maxLength:"255" doc:"What to call the file; the parts of a form have names of their own"`
	Retry     bool     `query:"retry" doc:"Look once more at records that are held or were dropped"`
	Reason    []string `query:"reason" maxItems:"50" doc:"With retry: only at those held or dropped for one of these"`

	body        io.Reader
	contentType string
}

// Resolve takes the body as a stream: exports are larger than memory.
func (s *Starting) Resolve(ctx huma.Context) []error {
	s.body, s.contentType = ctx.BodyReader(), ctx.Header("Content-Type")
	return nil
}

// startJob keeps an upload and queues its job. Whoever loses the right while the
// upload crosses is refused at its end; from then on the job is the installation's.
func (a *api) startJob(ctx context.Context, in *Starting) (*answer[Job], error) {
	live, migration, err := a.migration(in.Place, in.Migration)
	if err != nil {
		return nil, err
	}
	if err := a.backedUp(ctx, live, migration); err != nil {
		return nil, err
	}
	if _, err := a.unlocked(ctx, live, migration.Plan); err != nil { // before hours of upload
		return nil, err
	}
	asked := ctx
	ctx, release, err := a.attended(asked)
	if err != nil {
		return nil, err
	}
	defer release()
	request := job.Request{Env: live.ID, Migration: in.Migration, Actor: in.actor()}
	if in.Retry {
		request.Retry = &intake.Retry{}
		for _, reason := range in.Reason {
			request.Retry.Reasons = append(request.Retry.Reasons, migrate.Reason(reason))
		}
	}
	u, err := a.cfg.Jobs.Begin(ctx, request)
	if err != nil {
		return nil, a.keeping(err)
	}
	defer func() {
		if err := u.Close(); err != nil {
			a.cfg.Log.Warn("an upload that nobody needs cannot be removed", "error", err)
		}
	}()
	if err := a.keeping(in.keep(ctx, migration.Plan, u)); err != nil {
		return nil, err
	}
	if _, refused := a.renewed(asked); refused != nil {
		return nil, refused
	}
	j, err := u.Start(ctx)
	return say(jobOf(name(live), j)), a.keeping(err)
}

// keep gives the files of the body to an upload.
func (s *Starting) keep(ctx context.Context, plan *migrate.Plan, u *job.Upload) error {
	body := &lasting{ctx, s.body}
	if media, parameters, _ := mime.ParseMediaType(s.contentType); media == formData {
		return eachPart(plan, multipart.NewReader(body, parameters["boundary"]), u.Add)
	}
	return u.Add(migrate.FileInput, s.Source, body)
}

// keeping tells a disk that fails from all else.
func (a *api) keeping(err error) error {
	var disk *fs.PathError
	if errors.As(err, &disk) {
		return fmt.Errorf("keeping the export until it is imported: %w", errors.Join(a.cfg.Faults.Unavailable, err))
	}
	return err
}

func (a *api) steerJob(ctx context.Context, in *struct {
	Place
	Caller
	Migration string `path:"migration" maxLength:"63"`
	Move      string `path:"move" enum:"pause,resume,cancel"`
},
) (*answer[Job], error) {
	live, err := a.at(in.Place)
	if err != nil {
		return nil, err
	}
	by := job.Steer{Env: live.ID, Migration: in.Migration, Actor: in.actor()}
	move := map[string]func(context.Context, job.Steer) (job.Job, error){"pause": a.cfg.Jobs.Pause, "resume": a.cfg.Jobs.Resume, "cancel": a.cfg.Jobs.Cancel}[in.Move]
	j, err := move(ctx, by)
	return say(jobOf(name(live), j)), err
}

func (a *api) listRecords(ctx context.Context, in *struct {
	Place
	Caller
	Migration string `path:"migration" maxLength:"63"`
	State     string `query:"state" enum:"pending,staged,imported,held,dropped,erased" doc:"Left out: all"`
	Reason    string `query:"reason" maxLength:"63" doc:"Only those of this reason. No index knows reasons, so a page may hold few, or none"`
	Cursor    string `query:"cursor" maxLength:"1000"`
	Limit     int    `query:"limit" minimum:"1" maximum:"1000" default:"1000" doc:"How many records are looked at"`
},
) (*answer[Records], error) {
	live, _, err := a.migration(in.Place, in.Migration)
	if err != nil {
		return nil, err
	}
	found, next, err := a.cfg.Intake.Records(ctx, live.ID, intake.RecordPage{Migration: in.Migration, State: in.State, After: in.Cursor, Limit: in.Limit})
	if err != nil {
		return nil, err
	}
	page := Records{1, name(live), in.Migration, []LedgerRecord{}, next}
	for _, r := range found {
		if in.Reason == "" || r.Reason == in.Reason {
			page.Records = append(page.Records, LedgerRecord{r.Key, r.State, r.Way, r.Reason, r.Detail, r.Row, r.Customer, r.Run, r.At.UTC()})
		}
	}
	if n := len(page.Records); n > 0 { // single records are of people
		err = a.cfg.Audit.Record(ctx, live.ID, audit.Entry{
			Type: audit.RecordsViewed, Actor: in.actor(), Detail: map[string]any{"migration": in.Migration, "state": in.State, "records": n},
		})
	}
	return say(page), err
}

func jobOf(place string, j job.Job) Job {
	view := Job{
		Version: 1, Place: place, ID: j.ID, Migration: j.Migration, State: j.State, Node: j.Node, Here: j.Here, Inputs: []JobInput{},
		Phase: j.Phase, Rows: j.Rows, Of: j.Of, Held: j.Held, Rate: j.Rate, Reason: string(j.Reason), Problem: j.Problem, Fix: j.Fix,
		Operator: j.Operator, Created: j.Created.UTC(), Updated: j.Updated.UTC(),
	}
	if j.Reason != "" {
		view.Code = codeOf(j.Reason)
	}
	for _, i := range j.Inputs {
		view.Inputs = append(view.Inputs, JobInput{string(i.Input), i.Name, i.Size, hex.EncodeToString(i.SHA256)})
	}
	if j.Report != nil {
		view.Report = reportOf(*j.Report)
		view.Report.Place = place
	}
	return view
}

// codeOf is by which code a job's reason is told.
func codeOf(r job.Reason) Code {
	switch r {
	case job.Storage:
		return Unavailable
	case job.Busy:
		return ImportRunning
	case job.NoPlan:
		return NoMigration
	case job.NoSecret:
		return SecretAbsent
	case job.Header:
		return HeaderUnfit
	case job.Format:
		return FormatUnfit
	case job.InputGone:
		return InputUnknown
	case job.Contested:
		return TooContested
	case job.Changed, job.Damaged:
		return SourceChanged
	case job.OtherFile:
		return Unfinished
	case job.TakenOver:
		return TakenOver
	case job.Stopped:
		return Paused
	case job.FilesGone, job.Expired, job.Sealed:
		return NotKept
	}
	return Unexpected
}
