package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"sallyport/interop/bench/floor"
)

// process is a child. Stop ends it.
type process struct {
	cmd  *exec.Cmd
	in   io.Closer // a floor ends when it closes; nil for the product
	url  string
	log  *bytes.Buffer
	done chan error
}

// cpu is what the process has used so far.
func (p *process) cpu() (time.Duration, error) { return cpuOf(p.cmd.Process.Pid) }

// startFloor starts this program as a floor.
func startFloor(c floor.Config) (*process, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	p := &process{cmd: exec.Command(self, floorArgument), done: make(chan error, 1)}
	p.cmd.Stderr = os.Stderr
	in, errIn := p.cmd.StdinPipe()
	out, errOut := p.cmd.StdoutPipe()
	if err := errors.Join(errIn, errOut, p.cmd.Start()); err != nil {
		return nil, err
	}
	p.in = in
	if err := json.NewEncoder(in).Encode(c); err != nil {
		return nil, errors.Join(err, p.stop())
	}
	line, err := bufio.NewReader(out).ReadBytes('\n')
	go func() { p.done <- p.cmd.Wait() }()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("the floor did not start: %w", err), p.stop())
	}
	var started floor.Started
	err = json.Unmarshal(line, &started)
	p.url = started.URL
	return p, err
}

// stop ends the process and waits for it.
func (p *process) stop() error {
	if p.in != nil {
		_ = p.in.Close()
	} else {
		_ = p.cmd.Process.Signal(syscall.SIGTERM) // one that has ended is told by its exit
	}
	select {
	case err := <-p.done:
		return err
	case <-time.After(20 * time.Second):
		_ = p.cmd.Process.Kill()
		<-p.done
		return fmt.Errorf("%s did not end when told to", p.cmd.Path)
	}
}

// product is the binary with its store.
type product struct {
	binary string
	dir    string
	store  string // for --store
	env    []string
}

// ready is what the ready file tells, as far as it matters here.
type ready struct {
	URL     string            `json:"url"`
	Gateway string            `json:"gateway"`
	Issuers map[string]string `json:"issuers"`
}

const startWithin = 30 * time.Second

// serve starts the server and waits until it is ready, looking often.
func (p product) serve(flags ...string) (*process, ready, error) {
	name := filepath.Join(p.dir, "ready.json")
	_ = os.Remove(name)
	args := append([]string{"serve", "--store", p.store, "--listen", "127.0.0.1:0", "--trusted-proxy", "127.0.0.1", "--allow-private-hosts", "localhost,127.0.0.0/8,::1", "--ready-file", name}, flags...)
	s := &process{cmd: exec.Command(p.binary, args...), log: &bytes.Buffer{}, done: make(chan error, 1)}
	s.cmd.Dir, s.cmd.Env, s.cmd.Stderr = p.dir, p.env, s.log
	if err := s.cmd.Start(); err != nil {
		return nil, ready{}, err
	}
	go func() { s.done <- s.cmd.Wait() }()
	for began := time.Now(); time.Since(began) < startWithin; time.Sleep(200 * time.Microsecond) {
		text, err := os.ReadFile(name)
		if err != nil {
			select {
			case err := <-s.done:
				return nil, ready{}, fmt.Errorf("serve ended early: %w\n%s", err, s.log)
			default:
				continue
			}
		}
		var r ready
		if err := json.Unmarshal(text, &r); err != nil {
			return nil, ready{}, errors.Join(err, s.stop())
		}
		return s, r, nil
	}
	return nil, ready{}, errors.Join(errors.New("serve was not ready in time"), s.stop())
}

// command runs a command of the binary and gives its standard output.
func (p product) command(args ...string) (string, error) {
	cmd := exec.Command(p.binary, append(args, "--store", p.store)...)
	var out, said bytes.Buffer
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = p.dir, p.env, &out, &said
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("sallyport %q: %w\n%s%s", args, err, &out, &said)
	}
	return out.String(), nil
}

// build compiles the product below its root.
func build(root, dir string) (string, error) {
	binary := filepath.Join(dir, "sallyport")
	cmd := goCommand(root, "build", "-trimpath", "-o", binary, "./cmd/sallyport")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("compile cmd/sallyport: %w\n%s", err, out)
	}
	return binary, nil
}

// goCommand runs, in a folder, the go command that make was told to use.
func goCommand(dir string, args ...string) *exec.Cmd {
	name := os.Getenv("GO")
	if name == "" {
		name = "go"
	}
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	return cmd
}
