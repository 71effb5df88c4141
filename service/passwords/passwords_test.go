package passwords

import (
	"bytes"
	"context"
	"crypto/sha1"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sallyport/pure/breach"
	"sallyport/pure/config"
	"sallyport/pure/password"
)

// stolen are passwords that nothing but a list would refuse.
var stolen = []string{"a tractor in the rain", "blue heron at dawn", "kettle of warm stones"}

func list(t testing.TB, lines ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "list.txt")
	if err := os.WriteFile(path, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func digest(text string, seen int) string { return fmt.Sprintf("%X:%d", sha1.Sum([]byte(text)), seen) }

func built(t testing.TB, b Building) Built {
	t.Helper()
	done, err := Build(t.Context(), b)
	if err != nil {
		t.Fatal(err)
	}
	return done
}

// service is one whose folder has the filter "known" of what was stolen.
func service(t testing.TB) (s *Service, dir string, log *bytes.Buffer) {
	t.Helper()
	dir, log = t.TempDir(), &bytes.Buffer{}
	built(t, Building{Lists: []string{list(t, stolen...)}, Out: filepath.Join(dir, "known.filter")})
	return New(Config{Dir: dir, Log: slog.New(slog.NewTextHandler(log, nil))}), dir, log
}

func snapshot(p config.PasswordSpec) *config.Snapshot {
	return &config.Snapshot{
		Tenant: &config.Tenant{Meta: config.Meta{Name: "acme", Title: "Acme Waterworks"}, Passwords: p},
		Brands: map[string]*config.LiveBrand{"harbour": {Brand: &config.Brand{Meta: config.Meta{Name: "harbour", Title: "Harbourlight"}}}},
	}
}

func TestWhichNewPasswordsOfCustomersAreTaken(t *testing.T) {
	s, _, _ := service(t)
	for name, test := range map[string]struct {
		spec   config.PasswordSpec
		beside bool
		text   string
		want   error
	}{
		"a good one":                          {config.PasswordSpec{Filter: "known"}, false, "green ladder by the sea", nil},
		"a stolen one":                        {config.PasswordSpec{Filter: "known"}, false, stolen[0], password.ErrBreached},
		"a stolen one, with one letter more":  {config.PasswordSpec{Filter: "known"}, false, stolen[0] + "s", nil},
		"a stolen one, where none is asked":   {config.PasswordSpec{}, false, stolen[0], nil},
		"a short one":                         {config.PasswordSpec{Filter: "known"}, false, "green ladder", password.ErrShort},
		"a short one, beside a code":          {config.PasswordSpec{Filter: "known"}, true, "green ladder", nil},
		"one that is short here":              {config.PasswordSpec{Least: 30}, false, "green ladder by the sea", password.ErrShort},
		"one that is long enough here":        {config.PasswordSpec{Least: 10}, false, "green ladder", nil},
		"the brand's name":                    {config.PasswordSpec{}, false, "Harbourlight2026", password.ErrGuessable},
		"the tenant's":                        {config.PasswordSpec{}, false, "acmewaterworks!!", password.ErrGuessable},
		"words of the trade":                  {config.PasswordSpec{Words: []string{"turbine", "meter"}}, false, "turbine-meter-turbine", password.ErrGuessable},
		"their own name":                      {config.PasswordSpec{}, false, "danawhitfield1234", password.ErrGuessable},
		"a filter that is not there":          {config.PasswordSpec{Filter: "other"}, false, "green ladder by the sea", password.ErrUnavailable},
		"a common one, whatever the filter's": {config.PasswordSpec{Filter: "other"}, true, "drowssap", password.ErrCommon},
	} {
		t.Run(name, func(t *testing.T) {
			if err := s.Customer(t.Context(), snapshot(test.spec), test.beside, test.text, "danawhitfield"); !errors.Is(err, test.want) {
				t.Errorf("got %v, want %v", err, test.want)
			}
		})
	}
}

func TestOperatorsPasswordsAreComparedWithEveryFilter(t *testing.T) {
	s, dir, _ := service(t)
	built(t, Building{Lists: []string{list(t, "green ladder by the sea")}, Out: filepath.Join(dir, "more.filter")})
	for text, want := range map[string]error{
		stolen[1]: password.ErrBreached, "green ladder by the sea": password.ErrBreached, "red ladder by the sea": nil, "red ladder": password.ErrShort,
	} {
		if err := s.Operator(t.Context(), text, "rita"); !errors.Is(err, want) {
			t.Errorf("%q: %v, want %v", text, err, want)
		}
	}
	if err := New(Config{Log: slog.New(slog.DiscardHandler)}).Operator(t.Context(), stolen[1]); err != nil {
		t.Errorf("where there are no filters: %v", err)
	}
}

// Whatever is wrong with the file, nothing is taken, and the log says why without
// saying what was chosen.
func TestAFilterThatCannotBeAskedLetsNothingThrough(t *testing.T) {
	for name, spoil := range map[string]func(t *testing.T, path string){
		"gone": func(t *testing.T, path string) { remove(t, path) },
		"cut":  func(t *testing.T, path string) { truncate(t, path, 60) },
		"cut by one byte": func(t *testing.T, path string) {
			info, _ := os.Stat(path)
			truncate(t, path, info.Size()-1)
		},
		"another file": func(t *testing.T, path string) { write(t, path, bytes.Repeat([]byte("a tractor\n"), 100)) },
		"one bit that flipped": func(t *testing.T, path string) {
			file, _ := os.ReadFile(path)
			file[40] ^= 1
			write(t, path, file)
		},
		"a folder": func(t *testing.T, path string) {
			remove(t, path)
			if err := os.Mkdir(path, 0o700); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			s, dir, log := service(t)
			spoil(t, filepath.Join(dir, "known.filter"))
			err := s.Customer(t.Context(), snapshot(config.PasswordSpec{Filter: "known"}), false, "green ladder by the sea")
			if !errors.Is(err, password.ErrUnavailable) || !strings.Contains(log.String(), "known") || strings.Contains(log.String(), "ladder") {
				t.Errorf("got %v, and the log says %q", err, log)
			}
			// Once it is there again, all is well, without a restart.
			remove(t, filepath.Join(dir, "known.filter"))
			built(t, Building{Lists: []string{list(t, stolen...)}, Out: filepath.Join(dir, "known.filter")})
			if err := s.Customer(t.Context(), snapshot(config.PasswordSpec{Filter: "known"}), false, stolen[2]); !errors.Is(err, password.ErrBreached) {
				t.Errorf("with the file back: %v", err)
			}
		})
	}
	s := New(Config{Dir: filepath.Join(t.TempDir(), "none"), Log: slog.New(slog.DiscardHandler)})
	if err := s.Operator(t.Context(), "green ladder by the sea"); !errors.Is(err, password.ErrUnavailable) {
		t.Errorf("with a folder that is not there: %v", err)
	}
}

func remove(t *testing.T, path string) {
	t.Helper()
	if err := os.RemoveAll(path); err != nil {
		t.Fatal(err)
	}
}

func truncate(t *testing.T, path string, to int64) {
	t.Helper()
	if err := os.Truncate(path, to); err != nil {
		t.Fatal(err)
	}
}

func write(t *testing.T, path string, content []byte) {
	t.Helper()
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

// drawn are lines of digests, shuffled, some of them twice.
func drawn(n int) []string {
	source := rand.New(rand.NewPCG(1, 2))
	lines := make([]string, n)
	for i := range lines {
		lines[i] = digest(fmt.Sprint("password ", source.IntN(n)), 1+i%5)
	}
	return lines
}

func TestAFilterIsTheSameHoweverItsListsAreWritten(t *testing.T) {
	lines := drawn(20_000)
	ordered := slices.Clone(lines)
	slices.Sort(ordered)
	dir := t.TempDir()
	of := func(b Building) (Built, string) {
		b.Out = filepath.Join(dir, "out.filter")
		done := built(t, b)
		file, err := os.ReadFile(b.Out)
		if err != nil || int64(len(file)) != done.Bytes {
			t.Fatalf("%d bytes of %d, %v", len(file), done.Bytes, err)
		}
		return done, string(file)
	}
	inOrder, want := of(Building{Lists: []string{list(t, ordered...)}})
	if inOrder.Sorted || inOrder.Lines != 20_000 || inOrder.Keys < 10_000 || inOrder.Keys >= 20_000 {
		t.Errorf("in order: %+v", inOrder)
	}
	for name, b := range map[string]Building{
		"out of order":                     {Lists: []string{list(t, lines...)}},
		"out of order, in runs":            {Lists: []string{list(t, lines...)}, room: 700},
		"in parts, one of which is empty":  {Lists: []string{list(t, lines[:9000]...), list(t), list(t, lines[9000:]...)}, room: 3000},
		"twice, the second time in order":  {Lists: []string{list(t, lines...), list(t, ordered...)}, room: 5000},
		"in order, in runs that end there": {Lists: []string{list(t, lines...)}, room: 10_000},
	} {
		done, got := of(b)
		if got != want || !done.Sorted || done.Keys != inOrder.Keys {
			t.Errorf("%s: another file, %+v", name, done)
		}
	}
	if rare, _ := of(Building{Lists: []string{list(t, ordered...)}, Seen: 5}); rare.Rare != 16_000 || rare.Keys > 4000 {
		t.Errorf("those that were seen five times: %+v", rare)
	}
	// Passwords and digests of them are the same list.
	plain, one := of(Building{Lists: []string{list(t, stolen...)}, Form: breach.Plain})
	_, other := of(Building{Lists: []string{list(t, digest(stolen[0], 1), digest(stolen[1], 2), digest(stolen[2], 3))}})
	if one != other || plain.Keys != 3 {
		t.Errorf("digests give another file than passwords: %+v", plain)
	}
	if left, err := filepath.Glob(filepath.Join(dir, ".*")); len(left) > 0 || err != nil {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestWhatCannotBeBuiltLeavesTheOldFilterAlone(t *testing.T) {
	_, dir, _ := service(t)
	out := filepath.Join(dir, "known.filter")
	before, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	many := make([]string, 1<<20)
	for i := range many {
		many[i] = "a"
	}
	for name, test := range map[string]struct {
		ctx   context.Context
		lists []string
		want  error
	}{
		"an empty list":               {t.Context(), []string{list(t)}, breach.ErrEmpty},
		"a password among digests":    {t.Context(), []string{list(t, digest("a", 1), "secret")}, breach.ErrLine},
		"the same, further down":      {t.Context(), []string{list(t, slices.Concat(drawn(100), []string{"secret"})...)}, breach.ErrLine},
		"a list that is not there":    {t.Context(), []string{filepath.Join(dir, "none")}, os.ErrNotExist},
		"the second of two":           {t.Context(), []string{list(t, "a"), filepath.Join(dir, "none")}, os.ErrNotExist},
		"somebody who goes meanwhile": {gone, []string{list(t, many...)}, context.Canceled},
	} {
		_, err := Build(test.ctx, Building{Lists: test.lists, Out: out})
		if !errors.Is(err, test.want) || strings.Contains(fmt.Sprint(err), "secret") {
			t.Errorf("%s: %v", name, err)
		}
		if after, err := os.ReadFile(out); err != nil || !bytes.Equal(after, before) {
			t.Errorf("%s: the filter is another", name)
		}
	}
	if left, err := filepath.Glob(filepath.Join(dir, ".*")); len(left) > 0 || err != nil {
		t.Errorf("left behind: %v, %v", left, err)
	}
}
