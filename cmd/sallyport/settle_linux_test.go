package main

import (
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPagesOfTheProgramAreGivenBackAndComeBack(t *testing.T) {
	before := mappedOfFiles(t)
	unmapProgram()
	after := mappedOfFiles(t)
	if after >= before {
		t.Errorf("%d kB of files before, %d after", before, after)
	}
	// Code and constants that were given back are what they were.
	if got := strings.ToUpper(strings.Repeat("settled ", 2)); got != "SETTLED SETTLED " {
		t.Errorf("the program is not itself any more: %q", got)
	}
}

func TestOnlyWhatTheFileHoldsIsGivenBack(t *testing.T) {
	const told = `00400000-02568000 r-xp 00000000 fe:00 12 /opt/a program/sallyport
Rss:                 100 kB
Private_Dirty:       100 kB
Anonymous:             0 kB
Swap:                  0 kB
02568000-0491f000 r--p 02168000 fe:00 12 /opt/a program/sallyport
Private_Dirty:         4 kB
Anonymous:             4 kB
04920000-04adc000 rw-p 04520000 fe:00 12 /opt/a program/sallyport
Private_Dirty:         0 kB
c000000000-c000800000 rw-p 00000000 00:00 0
Anonymous:          8192 kB
`
	want := []mapping{
		{start: 0x400000, end: 0x2568000, path: "/opt/a program/sallyport"},
		{start: 0x2568000, end: 0x491f000, path: "/opt/a program/sallyport", own: true},
		{start: 0x4920000, end: 0x4adc000, path: "/opt/a program/sallyport", writable: true},
		{start: 0xc000000000, end: 0xc000800000, writable: true, own: true},
	}
	if diff := cmp.Diff(want, mappingsOf(strings.NewReader(told)), cmp.AllowUnexported(mapping{})); diff != "" {
		t.Error(diff)
	}
	for name, line := range map[string]string{
		"no addresses": "x-y r-xp 00000000 fe:00 12 /bin/x\n", "an end before its start": "2000-1000 r-xp 00000000 fe:00 12 /bin/x\n", "half a line": "1000-2000 r-xp\n",
	} {
		if got := mappingsOf(strings.NewReader(told + line)); got != nil {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// mappedOfFiles is how much of files this process has mapped, in kB.
func mappedOfFiles(t *testing.T) int {
	t.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(status), "RssFile:")
	if !found {
		t.Skip("this kernel does not tell memory of files from the rest")
	}
	n, err := strconv.Atoi(strings.Fields(rest)[0])
	if err != nil {
		t.Fatal(err)
	}
	return n
}
