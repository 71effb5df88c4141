package main

import (
	"crypto/tls"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"
)

// certificateFiles serves a certificate from files and reads them again when
// they change, so that a renewed certificate needs no restart. A pair that does
// not fit leaves the one in use. It is safe for concurrent use.
type certificateFiles struct {
	cert, key string

	mu      sync.Mutex
	loaded  *tls.Certificate
	changed time.Time // newest modification of the two files when loaded
	looked  time.Time
}

// lookEvery bounds how often the files are looked at.
const lookEvery = time.Second

// openCertificateFiles reads a pair, nil without files.
func openCertificateFiles(cert, key string) (*certificateFiles, error) {
	if cert == "" && key == "" {
		return nil, nil
	}
	if cert == "" || key == "" {
		return nil, &exitError{exitUsage, errors.New("--tls-cert and --tls-key go together")}
	}
	files := &certificateFiles{cert: cert, key: key}
	if err := files.load(); err != nil {
		return nil, fmt.Errorf("reading the TLS certificate: %w", err)
	}
	return files, nil
}

// config gives the TLS side of a listener, nil without files.
func (c *certificateFiles) config() *tls.Config {
	if c == nil {
		return nil
	}
	return &tls.Config{MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"}, GetCertificate: c.get}
}

// fitting gives the certificate if it is one of the name that a handshake asks for,
// else nil.
func (c *certificateFiles) fitting(hello *tls.ClientHelloInfo) *tls.Certificate {
	if c == nil {
		return nil
	}
	pair, err := c.get(hello)
	if err != nil || !covers(pair, hello.ServerName) {
		return nil
	}
	return pair
}

// get implements tls.Config.GetCertificate.
func (c *certificateFiles) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if time.Since(c.looked) >= lookEvery {
		c.looked = time.Now()
		if changed, err := c.modified(); err == nil && changed.After(c.changed) {
			_ = c.loadLocked()
		}
	}
	return c.loaded, nil
}

func (c *certificateFiles) load() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.loadLocked()
}

func (c *certificateFiles) loadLocked() error {
	changed, err := c.modified()
	if err != nil {
		return err
	}
	pair, err := tls.LoadX509KeyPair(c.cert, c.key)
	if err != nil {
		return err
	}
	c.loaded, c.changed = &pair, changed
	return nil
}

func (c *certificateFiles) modified() (time.Time, error) {
	var newest time.Time
	for _, path := range []string{c.cert, c.key} {
		info, err := os.Stat(path)
		if err != nil {
			return time.Time{}, err
		}
		if info.ModTime().After(newest) {
			newest = info.ModTime()
		}
	}
	return newest, nil
}
