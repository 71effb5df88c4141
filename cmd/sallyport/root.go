package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"
)

// streams are where a command reads and writes.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

// exitError ends the program with a code other than 1.
type exitError struct {
	code int
	err  error
}

func (e *exitError) Error() string { return e.err.Error() }
func (e *exitError) Unwrap() error { return e.err }

// The exit codes, documented in the package comment.
const (
	exitFailed  = 1
	exitUsage   = 2
	exitDiffers = 3
	exitSignIn  = 4
	exitRefused = 5
	exitPartial = 6
	exitStopped = 130
)

// run executes one command line and returns the exit code.
func run(ctx context.Context, args []string, s streams) int {
	root := newRoot(s)
	root.SetArgs(args)
	root.SetIn(s.in)
	root.SetOut(s.out)
	root.SetErr(s.err)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return 0
	}
	report(s.err, err)
	var exit *exitError
	switch {
	case errors.As(err, &exit):
		return exit.code
	case ctx.Err() != nil:
		return exitStopped
	}
	return exitFailed
}

// report prints an error as people read it: what, and the fix where known.
func report(w io.Writer, err error) {
	text := err.Error()
	if text == "" {
		return
	}
	if !strings.HasPrefix(text, "error ") {
		text = "error: " + text
	}
	for line := range strings.SplitSeq(text, "\n") { // it may repeat what a server said
		fmt.Fprintln(w, plain(line))
	}
}

// newRoot builds the command tree.
func newRoot(s streams) *cobra.Command {
	root := &cobra.Command{
		Use:   "sallyport",
		Short: "Customer identity, guarded APIs, and the crossing from any older system",
		Long: `Sallyport runs customer identity, guards APIs and moves customers off an older
identity system without losing one.

Try the whole story on this machine:   sallyport demo
Start your own:                        sallyport init, then sallyport serve
Manage a server from your desk:        sallyport login
Find out what is wrong:                sallyport doctor, sallyport explain CODE`,
		Args: cobra.ArbitraryArgs, RunE: wander, Version: programVersion(),
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error { return usage(c, err) })
	root.SetUsageTemplate(usageTemplate)
	root.SetVersionTemplate(versionLine() + "\n")
	addCommands(root, s)
	return root
}

// usage turns a mistake on the command line into exit code 2 with a hint.
func usage(c *cobra.Command, err error) error {
	return &exitError{exitUsage, fmt.Errorf("%w\n  see: %s --help", err, c.CommandPath())}
}

// terminal tells whether w is one, so that output may use colour and progress.
func terminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}
