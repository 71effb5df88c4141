package meterman

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"fmt"
	"io"
)

//go:embed meterman.csv.gz
var compressed []byte

// What the export holds. The kinds of trouble do not overlap.
const (
	Customers       = 2000
	SharedAddresses = 12 // by two customers each; in SharedProven of them just one proved it
	SharedProven    = 4
	Dormant         = 28
	Locked          = 17
	WithoutPhone    = 5
	BrokenHashes    = 9
)

// Waiting is how many of them an import has to hold: the damaged passwords,
// and of each shared address everybody but the one who proved it.
const Waiting = BrokenHashes + 2*SharedAddresses - SharedProven

// Name is what the export calls itself.
const Name = "meterman.csv"

// Open gives the export as it was committed. The reader's Size is the length of
// the uncompressed file.
func Open() (*bytes.Reader, error) {
	packed, err := gzip.NewReader(bytes.NewReader(compressed))
	if err != nil {
		return nil, fmt.Errorf("opening the MeterMan export: %w", err)
	}
	text, err := io.ReadAll(packed)
	if err != nil {
		return nil, fmt.Errorf("reading the MeterMan export: %w", err)
	}
	return bytes.NewReader(text), nil
}
