// Command generate writes users.ndjson.gz and hashes.ndjson.gz, the committed
// form of what package orchard makes. Run it by go generate in the folder above.
package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"os"

	"sallyport/demo/orchard"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

func run() error {
	hashes, err := orchard.Hashes()
	if err != nil {
		return err
	}
	if err := write("users.ndjson.gz", orchard.Users()); err != nil {
		return err
	}
	return write("hashes.ndjson.gz", hashes)
}

func write(path string, text []byte) error {
	var packed bytes.Buffer
	w, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		return err
	}
	if _, err := w.Write(text); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	return os.WriteFile(path, packed.Bytes(), 0o644)
}
