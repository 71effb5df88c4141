package main

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
)

// ready is what --ready-file tells: every address that answers and, in the
// demo, the sample people, applications and keys. It is part of the contract
// for automation: members are added, never renamed. Base URLs have no slash at
// the end.
type ready struct {
	Version     int               `json:"version"`
	PID         int               `json:"pid"`
	Tenant      string            `json:"tenant,omitempty"`
	Environment string            `json:"environment,omitempty"`
	URL         string            `json:"url"`     // of sign-in pages and issuers
	Issuers     map[string]string `json:"issuers"` // by authorization server
	Gateway     string            `json:"gateway"`
	Store       string            `json:"store"` // for --store, without credentials

	Apps         map[string]string           `json:"apps,omitempty"` // the demo's own pages
	People       map[string]readyPerson      `json:"people,omitempty"`
	Applications map[string]readyApplication `json:"applications,omitempty"`
}

// readyPerson is a sample customer of the demo.
type readyPerson struct {
	Name     string `json:"name"`
	Username string `json:"username"`
	Email    string `json:"email"`
	Password string `json:"password"`
}

// readyApplication is an application of the demo.
type readyApplication struct {
	Issuer          string   `json:"issuer"` // URL
	Server          string   `json:"server"` // the same by name, a key of issuers
	ClientID        string   `json:"client_id"`
	ClientSecret    string   `json:"client_secret,omitempty"`
	RedirectURIs    []string `json:"redirect_uris,omitempty"`
	Scopes          []string `json:"scopes"`
	SubscriptionKey string   `json:"subscription_key,omitempty"`
}

// write makes the file appear whole or not at all, with mode 0600.
func (r ready) write(path string) error {
	encoded, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	file, err := os.CreateTemp(filepath.Dir(path), ".ready-*") // mode 0600
	if err != nil {
		return err
	}
	_, err = file.Write(append(encoded, '\n'))
	if err = errors.Join(err, file.Sync(), file.Close()); err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		_ = os.Remove(file.Name())
	}
	return err
}
