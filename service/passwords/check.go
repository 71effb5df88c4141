package passwords

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"sallyport/pure/breach"
	"sallyport/pure/config"
	"sallyport/pure/password"
)

// Suffix ends the names of filters' files.
const Suffix = ".filter"

// Config constructs a [Service].
type Config struct {
	Dir string // folder of the filters; empty: there are none
	Log *slog.Logger
}

// Service judges passwords. It is safe for concurrent use.
type Service struct{ cfg Config }

// New gives a service. It opens nothing.
func New(cfg Config) *Service { return &Service{cfg} }

// Customer says why text is not taken as a customer's password; nil if it is. names are
// what is known of them. The errors are those of package password, among them ErrUnavailable.
func (s *Service) Customer(_ context.Context, snapshot *config.Snapshot, beside bool, text string, names ...string) error {
	if err := password.Check(text, snapshot.Tenant.Passwords.Characters(beside), append(expected(snapshot), names...)...); err != nil {
		return err
	}
	if filter := snapshot.Tenant.Passwords.Filter; filter != "" {
		return s.ask(filter, text)
	}
	return nil
}

// Stolen tells whether a password that somebody has is one of the most common, or in the
// filter of the tenant, whatever else may be said of it. [password.ErrUnavailable] where
// the filter cannot be asked.
func (s *Service) Stolen(snapshot *config.Snapshot, text string) (bool, error) {
	if password.Common(text) {
		return true, nil
	}
	filter := snapshot.Tenant.Passwords.Filter
	if filter == "" {
		return false, nil
	}
	switch err := s.ask(filter, text); {
	case errors.Is(err, password.ErrBreached):
		return true, nil
	default:
		return false, err
	}
}

// Operator is Customer for operators, with the rules' own lengths. Their passwords are
// compared with every filter that there is.
func (s *Service) Operator(_ context.Context, text string, names ...string) error {
	if err := password.Check(text, password.Alone, names...); err != nil {
		return err
	}
	filters, err := Filters(s.cfg.Dir)
	if err != nil {
		return s.unavailable("", err)
	}
	for _, filter := range filters {
		if err := s.ask(filter, text); err != nil {
			return err
		}
	}
	return nil
}

// expected are words that whoever guesses at passwords here tries first.
func expected(snapshot *config.Snapshot) []string {
	tenant := snapshot.Tenant
	words := append([]string{tenant.Name, tenant.Title}, tenant.Passwords.Words...)
	for _, brand := range snapshot.Brands {
		words = append(words, brand.Name, brand.Title)
	}
	return words
}

// Filters names the filters of a folder, in order; none of no folder.
func Filters(dir string) (names []string, err error) {
	if dir == "" {
		return nil, nil
	}
	files, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("looking for filters: %w", err)
	}
	for _, file := range files {
		if name, ok := strings.CutSuffix(file.Name(), Suffix); ok && !file.IsDir() && !strings.HasPrefix(name, ".") {
			names = append(names, name)
		}
	}
	return names, nil
}

// ask compares a password with a filter.
func (s *Service) ask(name, text string) error {
	if s.cfg.Dir == "" {
		return s.unavailable(name, errors.New("serve was given no --password-filters"))
	}
	var found bool
	err := Open(filepath.Join(s.cfg.Dir, name+Suffix), func(f *breach.Filter) (err error) {
		found, err = f.Has(breach.KeyOf([]byte(text)))
		return err
	})
	switch {
	case err != nil:
		return s.unavailable(name, err)
	case found:
		return password.ErrBreached
	}
	return nil
}

func (s *Service) unavailable(name string, err error) error {
	s.cfg.Log.Error("no new password is taken: a filter of breached passwords cannot be asked", "filter", name, "error", err)
	return password.ErrUnavailable
}

// Open opens a filter's file for as long as do takes. The errors are do's, those of
// package breach and of the file.
func Open(path string, do func(*breach.Filter) error) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	filter, err := breach.Open(file, info.Size())
	if err != nil {
		return err
	}
	return do(filter)
}
