package main

import (
	"errors"
	"io"
	"mime/multipart"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"sallyport/pure/migrate"
)

// exportFiles are the files of an import, by the flags that name them.
type exportFiles struct {
	file, hashes, factors string
	identity              string // file of the secret key that opens file, which is an export of Sallyport's
}

// bindApart declares the flags of what some sources hand out apart from their users.
func (f *exportFiles) bindApart(c *cobra.Command) {
	c.Flags().StringVar(&f.hashes, "hashes", "", "password hashes that the source hands out apart from its users")
	c.Flags().StringVar(&f.factors, "factors", "", "second factors that the source hands out apart from its users")
}

// apartFile is a file that a source hands out apart from its users.
type apartFile struct {
	input migrate.Input
	path  string
}

// apart are those files that were named.
func (f exportFiles) apart() []apartFile {
	all := []apartFile{{migrate.HashesInput, f.hashes}, {migrate.FactorsInput, f.factors}}
	return slices.DeleteFunc(all, func(a apartFile) bool { return a.path == "" })
}

// String names the files for a person.
func (f exportFiles) String() string {
	text := f.file
	for _, a := range f.apart() {
		text += " and " + a.path
	}
	return text
}

// flags are those that give the files again.
func (f exportFiles) flags() string {
	text := "--file " + f.file
	for _, a := range f.apart() {
		text += " --" + string(a.input) + " " + a.path
	}
	if f.identity != "" {
		text += " --identity " + f.identity
	}
	return text
}

// exportContent is the body of an import's request.
type exportContent struct {
	io.Reader
	kind  string
	close func() error
}

// Close closes the files.
func (c *exportContent) Close() error { return c.close() }

// open begins to read the files: one as it is, several as the parts of a form.
func (f exportFiles) open() (*exportContent, error) {
	parts := append([]apartFile{{migrate.FileInput, f.file}}, f.apart()...)
	files := make([]*os.File, 0, len(parts))
	closeAll := func() (err error) {
		for _, file := range files {
			err = errors.Join(err, file.Close())
		}
		return err
	}
	for _, p := range parts {
		file, err := os.Open(p.path)
		if err != nil {
			return nil, errors.Join(err, closeAll())
		}
		files = append(files, file)
		if f.identity != "" {
			return f.decrypted(file)
		}
		if err := inClear(file); err != nil {
			return nil, errors.Join(err, closeAll())
		}
	}
	if len(files) == 1 {
		return &exportContent{files[0], "application/octet-stream", closeAll}, nil
	}
	read, write := io.Pipe()
	form := multipart.NewWriter(write)
	go func() {
		_ = write.CloseWithError(send(form, parts, files)) // nil is the end
	}()
	return &exportContent{read, form.FormDataContentType(), func() error {
		return errors.Join(read.Close(), closeAll()) // and the goroutine ends
	}}, nil
}

// send writes each file as the part of its input.
func send(form *multipart.Writer, parts []apartFile, files []*os.File) error {
	for i, p := range parts {
		if err := part(form, p.input, files[i]); err != nil {
			return err
		}
	}
	return form.Close()
}

func part(form *multipart.Writer, input migrate.Input, file *os.File) error {
	to, err := form.CreateFormFile(string(input), filepath.Base(file.Name()))
	if err == nil {
		_, err = io.Copy(to, file)
	}
	return err
}
