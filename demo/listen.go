package demo

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"path"
)

//go:embed harbourlight
var tree embed.FS

// noVariables is what Tree fills in for each environment of tenant.yaml.
const noVariables = "variables: {}"

// Tree gives the files of Harbourlight's configuration, by path, with the
// addresses of its servers among the variables of both environments.
func (l *Listeners) Tree() (map[string][]byte, error) {
	files := map[string][]byte{}
	err := fs.WalkDir(tree, "harbourlight", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := tree.ReadFile(name)
		files[path.Base(name)] = content
		return err
	})
	variables := fmt.Sprintf("variables: {my-account-url: %q, billing-url: %q, post-url: %q}", l.MyAccountURL(), l.BillingURL(), l.StartURL())
	files["tenant.yaml"] = bytes.Replace(files["tenant.yaml"], []byte(noVariables), []byte(variables), -1)
	return files, err
}

// Listeners are the addresses of the utility's own servers. They are opened
// before Sallyport starts, because its configuration names them.
type Listeners struct {
	start, myAccount, billing net.Listener
}

// Listen opens a free port of host for each server.
func Listen(host string) (*Listeners, error) {
	l := &Listeners{}
	for _, target := range []*net.Listener{&l.start, &l.myAccount, &l.billing} {
		listener, err := net.Listen("tcp", net.JoinHostPort(host, "0"))
		if err != nil {
			return nil, errors.Join(fmt.Errorf("opening a port for the demo: %w", err), l.Close())
		}
		*target = listener
	}
	return l, nil
}

// Close closes what is open.
func (l *Listeners) Close() error {
	var all error
	for _, listener := range []net.Listener{l.start, l.myAccount, l.billing} {
		if listener != nil {
			all = errors.Join(all, listener.Close())
		}
	}
	return all
}

// StartURL is the address of the start page.
func (l *Listeners) StartURL() string { return "http://" + local(l.start) }

// MyAccountURL is the address of My Account.
func (l *Listeners) MyAccountURL() string { return "http://" + local(l.myAccount) }

// BillingURL is the address of the Billing server, for the gateway only.
func (l *Listeners) BillingURL() string { return "https://" + local(l.billing) }

// local names a listener as browsers must: sign-in cookies and redirect URIs
// are registered for localhost.
func local(l net.Listener) string {
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return net.JoinHostPort("localhost", port)
}
