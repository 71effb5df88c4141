//go:build peers

package sources

import (
	"os"
	"strconv"
	"testing"
)

// crowd is how many people are brought over; SALLYPORT_PEERS asks for others.
func crowd(t testing.TB) int {
	text := os.Getenv("SALLYPORT_PEERS")
	if text == "" {
		return 1000
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 8 {
		t.Fatalf("SALLYPORT_PEERS is %q, and at least 8 people are needed", text)
	}
	return n
}
