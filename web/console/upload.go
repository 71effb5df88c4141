package console

import (
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"path"
	"strings"

	"sallyport/service/intake"
)

// maxUpload is how large a form with files may be; larger exports are the command
// line's to bring.
const maxUpload = 64 << 20

// readParts reads a form that may hold files, up to the first of them: what a file
// holds is looked at once its sender is known to be allowed to.
func (x *exchange) readParts() bool {
	x.r.Body = http.MaxBytesReader(x.w, x.r.Body, maxUpload)
	parts, err := x.r.MultipartReader()
	if err != nil {
		x.bare(http.StatusBadRequest, "The form could not be read, and nothing was done. Go back and send it once more.")
		return false
	}
	x.r.PostForm, x.parts = url.Values{}, parts
	left := int64(maxForm)
	for {
		part, err := parts.NextPart()
		if err == io.EOF {
			return true
		}
		if err == nil && part.FileName() != "" {
			x.part = part
			return true
		}
		var value []byte
		if err == nil {
			value, err = io.ReadAll(io.LimitReader(part, left+1))
		}
		if err != nil {
			x.bare(http.StatusBadRequest, "The form could not be read, and nothing was done. Go back and send it once more.")
			return false
		}
		if left -= int64(len(value)); left < 0 {
			x.bare(http.StatusRequestEntityTooLarge, "This form holds more than the page takes. Nothing was done.")
			return false
		}
		x.r.PostForm.Add(part.FormName(), string(value))
	}
}

// multipartForm tells whether a form was sent in parts.
func (x *exchange) multipartForm() bool {
	media, _, err := mime.ParseMediaType(x.r.Header.Get("Content-Type"))
	return err == nil && media == "multipart/form-data"
}

// sentFile is a file of a form, kept until it is closed.
type sentFile struct {
	intake.Source
	kept *intake.Spooled
}

// files keeps those of the form by the names of their fields, on a disk where they
// have no name. close forgets them, also beside an error.
func (x *exchange) files() (all map[string]*sentFile, close func(), err error) {
	all = map[string]*sentFile{}
	close = func() {
		for _, file := range all {
			_ = file.kept.Close()
		}
	}
	return all, close, x.eachFile(func(field, name string, from io.Reader) error {
		kept, err := x.cfg.Intake.Keep(from)
		if err != nil {
			return err
		}
		all[field] = &sentFile{kept.Source(name), kept}
		return nil
	})
}

// maxFiles is how many files of a form are read: no format reads more.
const maxFiles = 3

// eachFile gives the files of the form as they come, each field's first.
func (x *exchange) eachFile(keep func(field, name string, from io.Reader) error) error {
	met := map[string]bool{}
	for part := x.part; part != nil; {
		if field := part.FormName(); part.FileName() != "" && !met[field] && len(met) < maxFiles {
			met[field] = true
			if err := keep(field, fileName(part), part); err != nil {
				return err
			}
		}
		var err error
		if part, err = x.parts.NextPart(); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
	}
	return nil
}

func fileName(part *multipart.Part) string {
	name := path.Base(strings.ReplaceAll(part.FileName(), `\`, "/"))
	return name[:min(len(name), 255)]
}

// unreadable says why files could not be looked at, where it is their sender's to
// mend; empty: it is not.
func unreadable(err error) string {
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return "The file is larger than 64 MiB. The command line takes larger ones: sallyport migrate assess"
	case errors.Is(err, intake.ErrUnpacked):
		return "The file is packed by gzip, and cannot be unpacked"
	}
	return ""
}
