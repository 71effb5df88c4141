package main

import (
	"errors"
	"io"
	"mime/multipart"
	"os"
	"path/filepath"

	"sallyport/pure/migrate"
)

// exportFiles are the files of an import, by the flags that name them.
type exportFiles struct{ file, hashes string }

// String names the files for a person.
func (f exportFiles) String() string {
	if f.hashes == "" {
		return f.file
	}
	return f.file + " and " + f.hashes
}

// flags are those that give the files again.
func (f exportFiles) flags() string {
	if f.hashes == "" {
		return "--file " + f.file
	}
	return "--file " + f.file + " --hashes " + f.hashes
}

// exportContent is the body of an import's request.
type exportContent struct {
	io.Reader
	kind  string
	close func() error
}

// Close closes the files.
func (c *exportContent) Close() error { return c.close() }

// open begins to read the files: one as it is, two as the parts of a form.
func (f exportFiles) open() (*exportContent, error) {
	records, err := os.Open(f.file)
	if err != nil {
		return nil, err
	}
	if f.hashes == "" {
		return &exportContent{records, "application/octet-stream", records.Close}, nil
	}
	hashes, err := os.Open(f.hashes)
	if err != nil {
		return nil, errors.Join(err, records.Close())
	}
	read, write := io.Pipe()
	form := multipart.NewWriter(write)
	go func() {
		err := part(form, migrate.FileInput, records)
		if err == nil {
			err = part(form, migrate.HashesInput, hashes)
		}
		if err == nil {
			err = form.Close()
		}
		_ = write.CloseWithError(err) // nil is the end
	}()
	return &exportContent{read, form.FormDataContentType(), func() error {
		return errors.Join(read.Close(), records.Close(), hashes.Close()) // and the goroutine ends
	}}, nil
}

func part(form *multipart.Writer, input migrate.Input, file *os.File) error {
	to, err := form.CreateFormFile(string(input), filepath.Base(file.Name()))
	if err == nil {
		_, err = io.Copy(to, file)
	}
	return err
}
