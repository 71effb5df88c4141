//go:build testhooks

package main

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"sallyport/service/intake"
	"sallyport/service/job"
	"sallyport/service/notify"
	"sallyport/service/promotion"
	"sallyport/store"
)

// This file exists in test builds only (go build -tags testhooks): a clock
// that tests move, and crashes at named durable writes.

const (
	clockVariable = "SALLYPORT_TEST_CLOCK" // an offset such as +36h, or a file that holds one
	crashVariable = "SALLYPORT_TEST_CRASH" // point:n: die at the n-th passing of a point; list:FILE: write down which are passed
)

// now is the clock of the whole program, moved by SALLYPORT_TEST_CLOCK.
func now() time.Time { return time.Now().Add(offset()) }

// offset reads how far the clock is moved. A file is read anew every time, so
// that a test can move the clock of a running server.
func offset() time.Duration {
	value := os.Getenv(clockVariable)
	if value == "" {
		return 0
	}
	if content, err := os.ReadFile(value); err == nil {
		value = strings.TrimSpace(string(content))
	}
	moved, err := time.ParseDuration(value)
	if err != nil {
		return 0
	}
	return moved
}

// crashHook kills the process, as kill -9 does, when it passes the point of
// SALLYPORT_TEST_CRASH for the n-th time, or lists what it passes.
func crashHook() func(point string) {
	name, rest, found := strings.Cut(os.Getenv(crashVariable), ":")
	if name == "list" {
		return func(point string) { list(rest, point) }
	}
	n, err := strconv.ParseInt(rest, 10, 64)
	if !found || err != nil {
		return nil
	}
	var passed atomic.Int64
	return func(point string) {
		if point == name && passed.Add(1) == n {
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {}
		}
	}
}

// list writes a line to a file that several processes share.
func list(path, line string) {
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err == nil {
		_, err = file.WriteString(line + "\n")
		err = errors.Join(err, file.Close())
	}
	if err != nil {
		panic(err) // a test that reads half a list proves nothing
	}
}

// crashPointsCommand lists the points.
func crashPointsCommand(s streams) *cobra.Command {
	return &cobra.Command{
		Use: "crashpoints", Short: "List the crash points of this test build", Args: cobra.NoArgs, Hidden: true,
		Run: func(*cobra.Command, []string) {
			for _, point := range slices.Concat(store.CrashPoints(), intake.CrashPoints(), job.CrashPoints(), notify.CrashPoints(), promotion.CrashPoints()) {
				fmt.Fprintln(s.out, point)
			}
		},
	}
}
