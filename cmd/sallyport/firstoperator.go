package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"sallyport/service/audit"
	"sallyport/service/operator"
	"sallyport/web/admin"
)

// linkSuffix is what the path of the first operator's link ends in.
const linkSuffix = ".operator-link"

// inviteFirst makes a link for the first operator, if there is none, and keeps
// it in a file that only the server's own account can read. It is printed to a
// terminal alone: what goes elsewhere is kept, sent on and read by many.
func (n *node) inviteFirst(ctx context.Context, s streams) error {
	path, err := n.location.beside(linkSuffix)
	if err != nil {
		return err
	}
	staffed, err := n.operators.Any(ctx)
	if err != nil {
		return err
	}
	if staffed {
		return removeLink(path)
	}
	at, err := n.firstLink(ctx)
	if err != nil {
		return err
	}
	if err := writePrivately(path, at+"\n"); err != nil {
		return fmt.Errorf("keeping the first operator's link: %w", err)
	}
	n.background.Go(func() { n.forgetFirst(ctx, path) })
	if terminal(s.err) {
		fmt.Fprintf(s.err, "nobody works in the console yet; this link makes the first operator, once:\n  %s\n", at)
		return nil
	}
	fmt.Fprintf(s.err, "nobody works in the console yet; the link that makes the first operator is in %s\n", path)
	return nil
}

// staffedEvery is how often a server without an operator looks for one.
const staffedEvery = 2 * time.Second

// forgetFirst removes the file once somebody has become the first operator, by
// the link of whichever node: by then none of those links works.
func (n *node) forgetFirst(ctx context.Context, path string) {
	tick := time.NewTicker(staffedEvery)
	defer tick.Stop()
	for {
		select {
		case <-n.stopping:
			return
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		staffed, err := n.operators.Any(ctx)
		if err != nil || !staffed { // a database that is away says so elsewhere
			continue
		}
		if err := removeLink(path); err != nil {
			n.log.Error("the first operator's link is still on the disk", "error", err)
		}
		return
	}
}

func removeLink(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("removing a link that was used: %w", err)
	}
	return nil
}

// firstLink makes a link for somebody who may do everything.
func (n *node) firstLink(ctx context.Context) (string, error) {
	link, err := n.operators.Link(ctx, operator.Wish{Holding: operator.Holding{Role: operator.Owner}, By: audit.System})
	if err != nil {
		return "", err
	}
	return admin.SetUpURL(n.registry, link.Secret)
}

// writePrivately makes a file of mode 0600 appear whole, in place of any other.
func writePrivately(path, text string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	file, err := os.CreateTemp(filepath.Dir(path), ".link-*") // mode 0600
	if err != nil {
		return err
	}
	_, err = file.WriteString(text)
	if err = errors.Join(err, file.Close()); err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		_ = os.Remove(file.Name())
	}
	return err
}
