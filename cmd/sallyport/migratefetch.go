package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strconv"

	"github.com/spf13/cobra"

	"sallyport/web/admin"
)

func newMigrateFetch(s streams) *cobra.Command {
	var f stateFlags
	var to string
	var resume bool
	c := &cobra.Command{
		Use: "fetch MIGRATION --to FILE", Short: "Read the migration's running system out, into a file that can be imported", Args: takes("MIGRATION"),
		Long: `Fetch reads everybody whom the migration's connection reaches, at its pace, and writes
them in the shape of that system's export, packed by gzip. FILE is there once it is
whole. Until then FILE.part and FILE.cursor hold what there is; after Ctrl-C, a crash or
a source that died, --resume goes on from there. The file may hold password hashes:
nobody but you can read it, and you delete it when it was imported.`,
		Example: `  sallyport migrate fetch meterman --to meterman.csv.gz
  sallyport migrate fetch meterman --to meterman.csv.gz --resume
  sallyport migrate run meterman --file meterman.csv.gz`,
		RunE: func(c *cobra.Command, args []string) error {
			if to == "" {
				return usage(c, errors.New("--to is missing: the file to write"))
			}
			return f.within(c.Context(), s, "", func(talk *session) error { return talk.fetch(args[0], to, resume) })
		},
	}
	f.bindEnv(c)
	c.Flags().StringVar(&to, "to", "", "the file to write")
	c.Flags().BoolVar(&resume, "resume", false, "go on where an earlier fetch into the same file stopped")
	return c
}

func (s *session) fetch(migration, to string, resume bool) error {
	file, err := openFetched(to, s.place+"/"+migration, resume)
	if err != nil {
		return err
	}
	defer file.close()
	body, err := json.Marshal(admin.FetchFrom{Cursor: file.at.Cursor, Identity: file.at.Identity})
	if err != nil {
		return err
	}
	response, err := s.do(asking{
		method: http.MethodPost, path: s.here("/migrations/" + url.PathEscape(migration) + "/fetches"),
		body: bytes.NewReader(body), contentType: "application/json",
	})
	if err != nil {
		return err
	}
	defer response.Body.Close()
	again := fmt.Sprintf("\n  to go on: sallyport migrate fetch %s --to %s --resume --env %s", migration, to, s.place)
	bar, decoder := newProgress(s, migration), json.NewDecoder(response.Body)
	defer bar.end()
	for {
		var line admin.FetchLine
		err := decoder.Decode(&line)
		switch {
		case s.ctx.Err() != nil:
			return &exitError{exitStopped, errors.New("stopped; what was read is kept" + again)}
		case err != nil:
			return errors.New("the server ended the fetch; what was read is kept" + again)
		case line.Problem != nil:
			return fmt.Errorf("%w%s", refused(line.Problem), again)
		case line.Rewind:
			err = file.rewind()
		case line.Done:
			bar.end()
			if err := file.finish(); err != nil {
				return err
			}
			s.note("%s: %s", to, count(file.lines, "line"))
			s.next("sallyport migrate run %s --file %s --env %s", migration, to, s.place)
			return nil
		case line.Part != nil:
			err = file.add(line.Part)
			bar.show(admin.ImportProgress{Phase: "fetch", Rows: file.lines})
		}
		if err != nil {
			return err
		}
	}
}

// fetched is a file that is being written: each part is a gzip file of its own, and
// files of gzip one behind the other are one (RFC 1952 §2.2).
type fetched struct {
	to    string
	file  *os.File
	size  int64
	lines int64
	at    fetchedAt
}

// fetchedAt is what FILE.cursor holds.
type fetchedAt struct {
	Of       string `json:"of"` // tenant/environment/migration
	Identity string `json:"identity"`
	Cursor   []byte `json:"cursor"`
	Size     int64  `json:"size"` // of FILE.part behind the cursor
	Lines    int64  `json:"lines"`
}

// openFetched opens FILE.part, and cuts off what is behind the last cursor.
func openFetched(to, of string, resume bool) (*fetched, error) {
	f := &fetched{to: to, at: fetchedAt{Of: of}}
	if _, err := os.Stat(to); err == nil {
		return nil, fmt.Errorf("%s is there already\n  fix: choose another name, or move it away", to)
	}
	content, err := os.ReadFile(to + ".cursor")
	_, begun := os.Stat(to + ".part")
	switch {
	case err == nil && !resume, begun == nil && !resume:
		return nil, fmt.Errorf("an earlier fetch into %s was not finished\n  fix: go on with --resume, or remove %[1]s.part and %[1]s.cursor", to)
	case err == nil:
		if json.Unmarshal(content, &f.at) != nil || f.at.Of != of {
			return nil, fmt.Errorf("%s.cursor is not of %s\n  fix: give the file of that fetch", to, of)
		}
	case !errors.Is(err, os.ErrNotExist):
		return nil, err
	}
	if f.file, err = os.OpenFile(to+".part", os.O_RDWR|os.O_CREATE, 0o600); err != nil {
		return nil, err
	}
	if info, err := f.file.Stat(); err != nil || info.Size() < f.at.Size {
		return nil, errors.Join(err, f.file.Close(), fmt.Errorf("%s.part is shorter than it was\n  fix: begin anew: remove %[1]s.part and %[1]s.cursor", to))
	}
	return f, f.rewind()
}

// rewind cuts off what is behind the last cursor.
func (f *fetched) rewind() error {
	f.size, f.lines = f.at.Size, f.at.Lines
	return f.file.Truncate(f.size)
}

// add writes a part, and notes its cursor once it is on the disk.
func (f *fetched) add(p *admin.FetchPart) error {
	packed := gzip.NewWriter(&placed{f})
	if _, err := packed.Write(p.Data); err != nil {
		return err
	}
	if err := packed.Close(); err != nil {
		return err
	}
	if f.lines += p.Lines; len(p.Cursor) == 0 {
		return nil
	}
	if err := f.file.Sync(); err != nil {
		return err
	}
	f.at.Identity, f.at.Cursor, f.at.Size, f.at.Lines = p.Identity, p.Cursor, f.size, f.lines
	content, err := json.Marshal(f.at)
	if err != nil {
		return err
	}
	if err := os.WriteFile(f.to+".cursor.new", content, 0o600); err != nil {
		return err
	}
	return os.Rename(f.to+".cursor.new", f.to+".cursor")
}

// placed writes behind what there is.
type placed struct{ *fetched }

// Write implements io.Writer.
func (p *placed) Write(b []byte) (int, error) {
	n, err := p.file.WriteAt(b, p.size)
	p.size += int64(n)
	return n, err
}

// finish gives the file its name.
func (f *fetched) finish() error {
	if err := f.file.Sync(); err != nil {
		return err
	}
	if err := os.Rename(f.to+".part", f.to); err != nil {
		return err
	}
	if err := os.Remove(f.to + ".cursor"); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

func (f *fetched) close() { _ = f.file.Close() }

// runFromSource lets the server read the system out and import that.
func (s *session) runFromSource(migration string, dry, fresh bool) error {
	s.note("%s: reading the source of %s", s.place, migration)
	response, err := s.do(asking{
		method: http.MethodPost, path: s.here("/migrations/" + url.PathEscape(migration) + "/runs/from-source"),
		query: url.Values{"dry_run": {strconv.FormatBool(dry)}, "fresh": {strconv.FormatBool(fresh)}},
	})
	if err != nil {
		return err
	}
	defer response.Body.Close()
	return s.followImport(migration, "--from-source", response.Body)
}
