package sources

import (
	"io"
	"net"
	"sync"
	"testing"
)

// gate stands before a system, counts what it says, and does something in the middle of
// it.
type gate struct {
	address string
	mu      sync.Mutex
	said    int64
	at      int64 // of said: when then is called; 0: never
	then    func()
}

func newGate(t testing.TB, to string) *gate {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	g := &gate{address: l.Addr().String()}
	go func() {
		for {
			asker, err := l.Accept()
			if err != nil {
				return
			}
			go g.pass(asker, to)
		}
	}()
	return g
}

// pass lets both talk. Whoever asks a system that is not there is hung up on.
func (g *gate) pass(asker net.Conn, to string) {
	defer asker.Close()
	system, err := net.Dial("tcp", to)
	if err != nil {
		return
	}
	defer system.Close()
	go func() {
		_, _ = io.Copy(system, asker)
		system.Close()
	}()
	piece := make([]byte, 1024)
	for {
		n, err := system.Read(piece)
		if !g.count(int64(n)) || err != nil {
			return
		}
		if _, err := asker.Write(piece[:n]); err != nil {
			return
		}
	}
}

// count tells whether what was said may go on to whoever asked.
func (g *gate) count(n int64) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.said += n; g.at == 0 || g.said < g.at {
		return true
	}
	g.at = 0
	g.then()
	return false
}

// total is how much the system has said.
func (g *gate) total() int64 {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.said
}

// after stops the system once it has said so much more; stopped is closed then.
func (g *gate) after(bytes int64, stop func()) (stopped chan struct{}) {
	stopped = make(chan struct{})
	g.mu.Lock()
	defer g.mu.Unlock()
	g.at = g.said + bytes
	g.then = func() { stop(); close(stopped) }
	return stopped
}
