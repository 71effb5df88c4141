package main

import (
	"crypto/sha256"
	"encoding/hex"
	"net/url"
)

// redactDSN drops the password and the parameters from a connection string.
func redactDSN(dsn string) string {
	u, err := url.Parse(dsn)
	if err != nil || u.Host == "" {
		return dsn
	}
	if u.User != nil {
		u.User = url.User(u.User.Username())
	}
	u.RawQuery = ""
	return u.String()
}

// handle names a PostgreSQL store by host and database, without credentials, so
// that every command on a machine finds the same socket for the same store.
func (l location) handle() string {
	u, err := url.Parse(l.target)
	if err != nil {
		return "postgres"
	}
	sum := sha256.Sum256([]byte(u.Host + u.Path + "?" + u.Query().Get("host")))
	return hex.EncodeToString(sum[:8])
}
