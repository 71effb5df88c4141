package interop

import (
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"testing"
)

// detour leads some addresses elsewhere, as a load balancer does.
type detour struct{ to map[string]string }

func (d *detour) dial(ctx context.Context, network, address string) (net.Conn, error) {
	if other, ok := d.to[address]; ok {
		address = other
	}
	return new(net.Dialer).DialContext(ctx, network, address)
}

// cable joins a server to its database and can be pulled out. It is safe for
// concurrent use.
type cable struct {
	target   string
	listener net.Listener

	mu    sync.Mutex
	open  map[net.Conn]bool
	unfit bool
}

// newCable listens on a loopback port and passes on what comes to target.
func newCable(t *testing.T, target string) *cable {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &cable{target: target, listener: l, open: map[net.Conn]bool{}}
	t.Cleanup(func() {
		l.Close()
		c.pull()
	})
	go c.run()
	return c
}

func (c *cable) address() string { return c.listener.Addr().String() }

// pull ends every connection, and each new one at once.
func (c *cable) pull() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.unfit = true
	for connection := range c.open {
		connection.Close()
	}
}

func (c *cable) plugIn() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.unfit = false
}

func (c *cable) run() {
	for {
		near, err := c.listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err == nil {
			go c.join(near)
		}
	}
}

// join copies both ways until one side ends.
func (c *cable) join(near net.Conn) {
	defer near.Close()
	far, err := net.Dial("tcp", c.target)
	if err != nil {
		return
	}
	defer far.Close()
	if !c.enter(near, far) {
		return
	}
	defer c.leave(near, far)
	ended := make(chan struct{}, 2)
	for _, pair := range [][2]net.Conn{{near, far}, {far, near}} {
		go func() {
			_, _ = io.Copy(pair[0], pair[1])
			ended <- struct{}{}
		}()
	}
	<-ended
}

func (c *cable) enter(connections ...net.Conn) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, connection := range connections {
		c.open[connection] = true
	}
	return !c.unfit
}

func (c *cable) leave(connections ...net.Conn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, connection := range connections {
		delete(c.open, connection)
	}
}
