package passhash

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime"
	"sync"
)

const (
	// MaxFileBytes is the longest file that VerifyFile reads.
	MaxFileBytes = 16 << 20
	fileVersion  = 1
)

// Report is the outcome of VerifyFile, entry by entry in the order of the file.
type Report struct {
	Version int      `json:"version"` // 1
	Results []Result `json:"results"`
}

// Result tells whether one entry verified as it should, and if not, why.
type Result struct {
	Scheme string `json:"scheme"`
	OK     bool   `json:"ok"`
	Reason string `json:"reason"` // empty when OK; never holds hash or password
}

// Failed counts the entries that are not OK.
func (r Report) Failed() int {
	n := 0
	for _, result := range r.Results {
		if !result.OK {
			n++
		}
	}
	return n
}

// entry is one object of the file; other members, such as produced_by, are
// remarks.
type entry struct {
	Scheme        *string        `json:"scheme"`
	Encoded       *string        `json:"encoded"`
	Password      *string        `json:"password"`
	WrongPassword *string        `json:"wrong_password"`
	Params        map[string]any `json:"params"`
}

// VerifyFile reads a JSON array of objects with scheme, encoded, password,
// wrong_password and optionally params (see Vector), and reports for each
// whether the password verifies and the wrong one does not. A hash that cannot
// be read is a result; a file that cannot be read is an error wrapping ErrFile,
// which tells the entry, counted from 0. At most four hashes run at a time.
func VerifyFile(r io.Reader) (Report, error) {
	entries, err := readEntries(r)
	if err != nil {
		return Report{}, err
	}
	report := Report{Version: fileVersion, Results: make([]Result, len(entries))}
	var running sync.WaitGroup
	slots := make(chan struct{}, min(runtime.GOMAXPROCS(0), 4))
	for i, e := range entries {
		slots <- struct{}{}
		running.Go(func() {
			report.Results[i] = e.verify()
			<-slots
		})
	}
	running.Wait()
	return report, nil
}

// source remembers why reading failed, which the decoder's errors would hide.
type source struct {
	r   io.Reader
	err error
}

func (s *source) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		s.err = err
	}
	return n, err
}

func readEntries(r io.Reader) ([]entry, error) {
	source := &source{r: r}
	limited := &io.LimitedReader{R: source, N: MaxFileBytes + 1}
	d := json.NewDecoder(limited)
	fail := func(reason string) error {
		switch {
		case source.err != nil:
			return fmt.Errorf("passhash: reading the file: %w", source.err)
		case limited.N == 0:
			reason = "more than 16 MiB"
		}
		return &Error{Kind: ErrFile, Reason: reason}
	}
	if open, err := d.Token(); err != nil || open != json.Delim('[') {
		return nil, fail("not a JSON array")
	}
	var entries []entry
	for d.More() {
		var e entry
		if err := d.Decode(&e); err != nil {
			return nil, fail(fmt.Sprintf("entry %d is not an object of the expected members", len(entries)))
		}
		if e.Scheme == nil || e.Encoded == nil || e.Password == nil || e.WrongPassword == nil {
			return nil, fail(fmt.Sprintf("entry %d lacks scheme, encoded, password or wrong_password", len(entries)))
		}
		entries = append(entries, e)
	}
	if _, err := d.Token(); err != nil {
		return nil, fail(fmt.Sprintf("the array does not end after entry %d", len(entries)-1))
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) || limited.N == 0 {
		return nil, fail("something follows the array")
	}
	return entries, nil
}

func (e entry) verify() Result {
	reason := e.mistake()
	return Result{Scheme: *e.Scheme, OK: reason == "", Reason: reason}
}

// mistake says what is wrong with the entry, nothing when all is well.
func (e entry) mistake() string {
	h, err := Vector(*e.Scheme, *e.Encoded, e.Params)
	if err != nil {
		return reasonOf(err)
	}
	right, err := h.Verify([]byte(*e.Password))
	if err != nil {
		return reasonOf(err)
	}
	if !right {
		return "the password does not verify"
	}
	// A wrong password that the scheme cannot take is as good as refused.
	if wrong, _ := h.Verify([]byte(*e.WrongPassword)); wrong {
		return "the wrong password verifies"
	}
	return ""
}

// reasonOf is the text of an error for people who know what they asked for.
func reasonOf(err error) string {
	var e *Error
	switch {
	case !errors.As(err, &e):
		return "verification failed"
	case e.Kind == ErrUnknownScheme && e.Reason != "":
		return e.Reason
	case e.Reason == "":
		return e.Kind.Error()
	}
	return e.Kind.Error() + ": " + e.Reason
}
