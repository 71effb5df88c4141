package notify

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"

	"sallyport/pure/message"
)

// errNoFolder: the server was started without one.
var errNoFolder = errors.New("no directory of letters")

// byFolder writes a letter into the server's directory of letters, whole or not at
// all, under its id: the same letter twice is one file.
func (s *Service) byFolder(t task, said message.Rendered) outcome {
	if err := s.writeLetter(t, said); err != nil {
		return outcome{later, NoLetters, 0}
	}
	return outcome{taken, Accepted, 0}
}

func (s *Service) writeLetter(t task, said message.Rendered) error {
	if s.cfg.Letters == "" {
		return errNoFolder
	}
	dir := filepath.Join(s.cfg.Letters, strconv.FormatInt(int64(t.live.ID), 10))
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, ".letter-*")
	if err != nil {
		return err
	}
	_, err = f.WriteString(said.HTML)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), filepath.Join(dir, t.row.ID+".html"))
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}
