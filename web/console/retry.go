package console

import (
	"errors"
	"fmt"
	"io"
	"slices"

	"sallyport/pure/config"
	"sallyport/pure/migrate"
	"sallyport/service/intake"
	"sallyport/service/job"
	"sallyport/service/operator"
	"sallyport/web/design"
)

const (
	// maxReasons is how many reasons can be chosen at once, and maxReasonWord how long
	// one is.
	maxReasons    = 50
	maxReasonWord = 63
)

// askRetry asks for an export, and for the reasons of the records that are looked
// at once more.
func (x *exchange) askRetry() {
	if m := x.askedMigration(); m != nil {
		x.retryForm(m, []string{x.r.URL.Query().Get("reason")}, "", "")
	}
}

func (x *exchange) retryForm(m *config.LiveMigration, chosen []string, field, wrong string) {
	counts, err := x.reasonsOf(m.Name, "held")
	if err != nil {
		x.failed(err)
		return
	}
	dropped, err := x.reasonsOf(m.Name, "dropped")
	if err != nil {
		x.failed(err)
		return
	}
	for reason, n := range dropped {
		counts[reason] += n
	}
	reasons := design.Field{Name: "reason", Label: "Look once more at", Hint: "What is held or was dropped for one of these; counted are the first 1,000 of each. None chosen: for whatever reason.", Choices: design.Many, Optional: true}
	for _, reason := range commonest(counts) {
		reasons.Options = append(reasons.Options, design.Option{Value: reason, Label: reason, Hint: many(counts[reason], "record"), Chosen: slices.Contains(chosen, reason)})
	}
	form := &design.Form{
		Files: true, Submit: design.Button{Label: "Import and retry"}, Cancel: query(x.here("migrations", m.Name, "records"), "state", "held"),
		Lead: []string{
			"Give the same export, or a newer one. The server keeps it encrypted, imports what is new in it, and looks once more at records that were held or dropped: by the mapping and the decisions as they are now.",
			"Whoever is here already stays as they are, but for what changed at the source.",
		},
	}
	if len(reasons.Options) > 0 {
		form.Fields = append(form.Fields, reasons)
	}
	form.Fields = append(form.Fields, fileFields(m, "sallyport migrate retry "+m.Name+" --file FILE")...)
	mistaken(form, field, wrong)
	x.tabForm(m.Name, "records", "Retry with an export", form)
}

// retry keeps the export that was sent, and has the server import it.
func (x *exchange) retry() {
	m := x.askedMigration()
	if m == nil {
		return
	}
	reasons := x.r.PostForm["reason"]
	if len(reasons) > maxReasons || slices.ContainsFunc(reasons, func(r string) bool { return len(r) > maxReasonWord }) {
		x.declined("That are not reasons of records.", "Open the page again, and choose from its list.")
		return
	}
	wrong, err := x.mayImport(m)
	field := ""
	if wrong == "" && err == nil {
		field = string(migrate.FileInput)
		wrong, err = x.queue(m, reasons)
	}
	switch {
	case wrong != "":
		x.retryForm(m, reasons, field, wrong)
	case errors.Is(err, errLost):
		x.refuse()
	default:
		x.finish(err, "job-queued", x.here("migrations", m.Name))
	}
}

// mayImport says what an import of the migration lacks, before its files cross.
func (x *exchange) mayImport(m *config.LiveMigration) (wrong string, err error) {
	wanted := m.BackupWithin(protects(x.live))
	if wanted > 0 {
		fresh := false
		if x.cfg.Backup != nil {
			newest, known, err := x.cfg.Backup.Newest(x.r.Context())
			if err != nil {
				return "", err
			}
			fresh = known && !newest.Created.Before(x.cfg.Now().Add(-wanted))
		}
		if !fresh {
			return "There is no backup of the last " + config.Duration(wanted).String() + " that was verified, to go back to. Make one: sallyport backup create, then sallyport backup verify", nil
		}
	}
	_, wrong, err = x.unlocked(m.Plan)
	return wrong, err
}

// queue keeps the files of the form as those of a job.
func (x *exchange) queue(m *config.LiveMigration, reasons []string) (wrong string, err error) {
	retry := &intake.Retry{}
	for _, reason := range reasons {
		retry.Reasons = append(retry.Reasons, migrate.Reason(reason))
	}
	u, err := x.cfg.Jobs.Begin(x.r.Context(), job.Request{Env: x.live.ID, Migration: m.Name, Actor: x.who.Actor(), Retry: retry})
	if err != nil {
		return unstarted(err)
	}
	defer func() {
		if err := u.Close(); err != nil {
			x.cfg.Log.Warn("an upload that nobody needs cannot be removed", "error", err)
		}
	}()
	sent := int64(0)
	err = x.eachFile(func(field, name string, from io.Reader) error {
		input := migrate.Input(field)
		if input != migrate.FileInput {
			return errors.Join(m.Plan.Joins(input), u.Add(input, name, from))
		}
		return u.Add(input, name, &metered{from, &sent})
	})
	if wrong := unreadable(err); wrong != "" {
		return wrong, nil
	}
	if err == nil && sent == 0 {
		return "Choose the export", nil
	}
	if err == nil {
		err = x.still(operator.RunMigration) // it may have taken its time to cross
	}
	if err == nil {
		_, err = u.Start(x.r.Context())
	}
	return unstarted(err)
}

// errLost says that a right was taken while a form crossed.
var errLost = errors.New("the right was taken meanwhile")

// still tells whether whoever sent the form may do it now: [errLost].
func (x *exchange) still(a operator.Action) error {
	now, err := x.cfg.Operators.Find(x.r.Context(), x.current.Customer.ID)
	if err == nil && (now.Disabled || !now.May(a, x.place())) {
		return errLost
	}
	return err
}

// metered counts what is read of a file.
type metered struct {
	io.Reader
	n *int64
}

// Read implements io.Reader.
func (m *metered) Read(b []byte) (int, error) {
	n, err := m.Reader.Read(b)
	*m.n += int64(n)
	return n, err
}

// unstarted says why no job was begun, where it is an operator's to mend.
func unstarted(err error) (wrong string, other error) {
	var open *job.OpenError
	switch {
	case errors.As(err, &open):
		return fmt.Sprintf("The migration has an import of another file that is %s. Have it go on, or cancel it, first", open.Job.State), nil
	case errors.Is(err, job.ErrAlone):
		return "This server keeps no exports, so it runs no imports. The command line can: sallyport migrate retry", nil
	case errors.Is(err, job.ErrTooLarge), errors.Is(err, job.ErrNoRoom), errors.Is(err, migrate.ErrInput):
		return asSentence(err.Error()), nil
	}
	return "", err
}
