// Command generate writes meterman.csv.gz, the committed form of what
// meterman.Export makes. Run it by go generate in the folder above.
package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"os"

	"sallyport/demo/meterman"
)

func main() {
	if err := write("meterman.csv.gz"); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

func write(path string) error {
	var packed bytes.Buffer
	w, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		return err
	}
	if _, err := w.Write(meterman.Export()); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	return os.WriteFile(path, packed.Bytes(), 0o644)
}
