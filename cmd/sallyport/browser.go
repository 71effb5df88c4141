package main

import (
	"os"
	"os/exec"
	"runtime"
)

// openBrowser shows a page in the desktop's browser, if there is one. It is a
// convenience: the address has been printed already.
func openBrowser(url string) {
	program := map[string]string{"darwin": "open", "linux": "xdg-open"}[runtime.GOOS]
	if chosen := os.Getenv("BROWSER"); chosen != "" {
		program = chosen
	}
	path, err := exec.LookPath(program)
	if program == "" || err != nil {
		return
	}
	command := exec.Command(path, url)
	if command.Start() == nil {
		go func() { _ = command.Wait() }()
	}
}
