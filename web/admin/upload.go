package admin

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"mime"
	"mime/multipart"
	"path"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"sallyport/pure/migrate"
	"sallyport/service/intake"
)

// uploadBody describes the body of an import: the records alone.
func uploadBody() *huma.RequestBody {
	return &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{
		"application/octet-stream": {Schema: uploadFile("The records, also packed by gzip")},
	}}
}

// describeParts adds the other form of the body, a part for each input of the
// migration's format. Call it behind the registration, which would read and
// check every object that is described as a body.
func describeParts(body *huma.RequestBody) {
	body.Content[formData] = &huma.MediaType{Schema: &huma.Schema{
		Type: huma.TypeObject, Required: []string{string(migrate.FileInput)},
		Properties: map[string]*huma.Schema{
			string(migrate.FileInput):    uploadFile("The records, also packed by gzip"),
			string(migrate.HashesInput):  uploadFile("Password hashes that the source hands out apart; formats that have none refuse it"),
			string(migrate.FactorsInput): uploadFile("Second factors that the source hands out apart; formats that have none refuse it"),
		},
	}}
}

const formData = "multipart/form-data"

func uploadFile(of string) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Format: "binary", Description: of}
}

// upload is the files of an import, kept until it is closed.
type upload struct {
	source intake.Source
	joined map[migrate.Input]intake.Source
	kept   []*intake.Spooled
	done   context.CancelFunc // ends what was attended for it
}

// Close forgets the files, and ends what was attended for them.
func (u *upload) Close() {
	defer u.done()
	for _, file := range u.kept {
		_ = file.Close() // it has no name, and nobody reads it again
	}
}

// attendedUpload keeps what an import's body holds, and gives the context of what is
// done with it, which is attended from the first byte on: a body may take hours to
// cross. What it gives is to be closed, unless there is an error: also of whoever may
// do by then no longer what they asked.
func (a *api) attendedUpload(asked context.Context, plan *migrate.Plan, in *Export) (context.Context, *upload, error) {
	ctx, release, err := a.attended(asked)
	if err != nil {
		return nil, nil, err
	}
	files, err := a.receive(ctx, plan, in)
	files.done = release
	if _, refused := a.renewed(asked); refused != nil {
		err = refused
	}
	if err != nil {
		files.Close()
		return nil, nil, err
	}
	return ctx, files, nil
}

// receive keeps what an import's body holds, as long as ctx lasts. What it gives
// is to be closed, also beside an error.
func (a *api) receive(ctx context.Context, plan *migrate.Plan, in *Export) (*upload, error) {
	u := &upload{joined: map[migrate.Input]intake.Source{}}
	var err error
	body := &lasting{ctx, in.body}
	media, parameters, _ := mime.ParseMediaType(in.contentType)
	keep := func(name migrate.Input, called string, from io.Reader) error {
		return u.keep(a.cfg.Spool, name, called, from)
	}
	if media == formData {
		err = eachPart(plan, multipart.NewReader(body, parameters["boundary"]), keep)
	} else {
		err = keep(migrate.FileInput, in.Source, body)
	}
	var disk *fs.PathError
	if errors.As(err, &disk) { // not the caller, who may have gone away
		err = fmt.Errorf("keeping the export while it is imported: %w", errors.Join(a.cfg.Faults.Unavailable, err))
	}
	return u, err
}

// lasting is read as long as its context lasts.
type lasting struct {
	ctx  context.Context
	from io.Reader
}

// Read implements io.Reader.
func (l *lasting) Read(b []byte) (int, error) {
	if err := l.ctx.Err(); err != nil {
		return 0, err
	}
	return l.from.Read(b)
}

// eachPart keeps each part as the input of its name.
func eachPart(plan *migrate.Plan, parts *multipart.Reader, keep func(name migrate.Input, called string, from io.Reader) error) error {
	met := map[migrate.Input]bool{}
	for {
		part, err := parts.NextRawPart()
		if err == io.EOF && met[migrate.FileInput] {
			return nil
		}
		if err == io.EOF {
			return problem(RequestInvalid, "the part "+string(migrate.FileInput)+" is missing")
		}
		if err != nil {
			return problem(RequestInvalid, "the parts of the body: "+err.Error())
		}
		name := migrate.Input(part.FormName())
		if name != migrate.FileInput {
			if err := plan.Joins(name); err != nil {
				return err
			}
		}
		if met[name] {
			return problem(RequestInvalid, "the part "+string(name)+" comes twice")
		}
		met[name] = true
		if err := keep(name, part.FileName(), part); err != nil {
			return err
		}
	}
}

// maxSourceName is the longest name of a file that is remembered.
const maxSourceName = 255

func (u *upload) keep(dir string, name migrate.Input, called string, from io.Reader) error {
	file, err := intake.Spool(dir, from)
	if err != nil {
		return err
	}
	u.kept = append(u.kept, file)
	called = path.Base(strings.ReplaceAll(called, `\`, "/"))
	source := file.Source(called[:min(len(called), maxSourceName)])
	if name == migrate.FileInput {
		u.source = source
	} else {
		u.joined[name] = source
	}
	return nil
}
