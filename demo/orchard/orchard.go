package orchard

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"fmt"
	"io"
)

var (
	//go:embed users.ndjson.gz
	packedUsers []byte
	//go:embed hashes.ndjson.gz
	packedHashes []byte
)

// What the files hold. The kinds of oddity do not overlap.
const (
	Customers = 300
	Social    = 24 // sign in by a social network
	Factors   = 15 // have a second factor
	Blocked   = 6
	Shared    = 4 // addresses that two users have, each in a connection of its own
	Hashless  = 7 // have a password that support did not send
	Strays    = 5 // hashes of nobody
)

// Waiting is how many records an import has to hold: both users of a shared
// address, who both proved it, and the hashes of nobody.
const Waiting = 2*Shared + Strays

// The names of the files.
const (
	UsersName  = "orchard-users.ndjson"
	HashesName = "orchard-hashes.ndjson"
)

// Open gives both files as they were committed, unpacked.
func Open() (users, hashes *bytes.Reader, err error) {
	if users, err = unpack(packedUsers); err == nil {
		hashes, err = unpack(packedHashes)
	}
	return users, hashes, err
}

func unpack(file []byte) (*bytes.Reader, error) {
	packed, err := gzip.NewReader(bytes.NewReader(file))
	if err != nil {
		return nil, fmt.Errorf("opening Orchard Valley's files: %w", err)
	}
	text, err := io.ReadAll(packed)
	if err != nil {
		return nil, fmt.Errorf("reading Orchard Valley's files: %w", err)
	}
	return bytes.NewReader(text), nil
}
