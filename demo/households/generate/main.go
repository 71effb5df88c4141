// Command generate writes the tables of accounts into Harbourlight's tree. Run it by go
// generate in the folder above.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"sallyport/demo/households"
)

func main() {
	if err := write(filepath.Join("..", "harbourlight")); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

func write(dir string) error {
	tables, err := households.Accounts()
	if err != nil {
		return err
	}
	for name, content := range tables {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o644); err != nil {
			return err
		}
	}
	return nil
}
