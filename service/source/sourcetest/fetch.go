package sourcetest

import (
	"errors"
	"strings"
	"testing"

	"sallyport/service/source"
)

// Fetched reads everybody in one go, then again with a stop behind each place where
// one can go on, and demands the same lines, each once.
func Fetched(t *testing.T, open source.Opener, spec *source.Spec, secrets map[string]string, want int) (lines []string) {
	t.Helper()
	system, err := open(t.Context(), spec, Deps(&Clock{}, secrets))
	if err != nil {
		t.Fatal(err)
	}
	err = system.Fetcher.Fetch(t.Context(), nil, func(line []byte, _ source.Cursor) error {
		lines = append(lines, string(line))
		return nil
	})
	if err != nil || len(lines) != want {
		t.Fatalf("read %d of %d: %v", len(lines), want, err)
	}
	stop := errors.New("stop")
	var again, unsure []string
	var at source.Cursor
	for round := 0; round <= want+1; round++ {
		steps := 0
		err = system.Fetcher.Fetch(t.Context(), at, func(line []byte, next source.Cursor) error {
			if strings.ContainsAny(string(line), "\r\n") {
				t.Errorf("a line has a break: %q", line)
			}
			unsure = append(unsure, string(line))
			if next == nil {
				return nil
			}
			again, unsure, at = append(again, unsure...), nil, next
			if steps++; steps == 70 {
				return stop
			}
			return nil
		})
		if !errors.Is(err, stop) {
			break
		}
		unsure = nil
	}
	again = append(again, unsure...)
	if err != nil || strings.Join(again, "\n") != strings.Join(lines, "\n") {
		t.Errorf("with stops: %d lines, %v", len(again), err)
	}
	return lines
}
