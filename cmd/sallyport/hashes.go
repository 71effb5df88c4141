package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"sallyport/protocol/passhash"
)

func newHashesVerify(s streams) *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use: "verify FILE", Short: "Check that each hash takes its password, and refuses a wrong one", Args: takes("FILE"),
		Long: `Verify reads a JSON array of objects with scheme, encoded, password, wrong_password
and, where the format needs them, params. It needs no store. It exits 1 if any entry
does not verify.`,
		Example: `  sallyport migrate hashes verify vectors.json
  sallyport migrate hashes verify vectors.json --json`,
		RunE: func(_ *cobra.Command, args []string) error { return verifyHashes(s, args[0], asJSON) },
	}
	jsonFlag(c, &asJSON)
	return c
}

func verifyHashes(s streams, path string, asJSON bool) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	report, err := passhash.VerifyFile(file)
	if err != nil {
		return err
	}
	if asJSON {
		err = writeJSON(s.out, report)
	} else {
		var rows [][]string
		for i, r := range report.Results {
			verdict := "ok"
			if !r.OK {
				verdict = "failed"
			}
			rows = append(rows, []string{fmt.Sprint(i), verdict, r.Scheme, dash(r.Reason)})
		}
		err = lookOf(s.out, false).table(s.out, []string{"ENTRY", "RESULT", "SCHEME", "REASON"}, rows)
	}
	if failed := report.Failed(); err == nil && failed > 0 {
		return fmt.Errorf("%d of %s did not verify", failed, count(int64(len(report.Results)), "hash", "hashes"))
	}
	return err
}
