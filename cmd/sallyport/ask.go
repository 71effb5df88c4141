package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

// confirm asks before something is changed. Where nobody can be asked, --yes
// must have been given.
func (s *session) confirm(yes bool, question string) error {
	if yes {
		return nil
	}
	file, ok := s.in.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return &exitError{exitUsage, errors.New("nobody can be asked here\n  fix: add --yes to go on without asking")}
	}
	fmt.Fprintf(s.err, "%s [y/N] ", question)
	answers := make(chan string, 1)
	go func() { // a terminal cannot be told to stop reading, so Ctrl-C leaves this behind
		answer, _ := bufio.NewReader(io.LimitReader(file, 1000)).ReadString('\n')
		answers <- answer
	}()
	select {
	case <-s.ctx.Done():
		fmt.Fprintln(s.err)
		return errStopped
	case answer := <-answers:
		if answer = strings.ToLower(strings.TrimSpace(answer)); answer == "y" || answer == "yes" {
			return nil
		}
		return errors.New("nothing was changed")
	}
}
