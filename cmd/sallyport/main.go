// Command sallyport is the whole product in one binary: the server, the demo,
// and the commands with which operators and scripts drive them.
//
// All wiring is here and by hand: main builds the command tree, each command
// is a file, and serve.go shows in reading order how the server is put
// together. Exit codes: 0 ok, 1 failed, 2 usage, 3 differences or drift,
// 4 sign-in needed, 5 refused by a gate or approval, 6 partly done, 130 stopped.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], streams{in: os.Stdin, out: os.Stdout, err: os.Stderr}))
}
