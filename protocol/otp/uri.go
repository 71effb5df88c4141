package otp

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// ErrURI reports text that is no otpauth address of a TOTP key.
var ErrURI = errors.New("not an otpauth address")

const (
	maxURI   = 2048
	maxLabel = 200 // of issuer and of account, in bytes
)

// Label says in an app whose key it is.
type Label struct {
	Issuer  string // who checks the codes, such as "Harbourlight Energy"
	Account string // whose they are
}

// URI is the address that apps scan, by the key URI format that they agree on:
// otpauth://totp/ISSUER:ACCOUNT?secret=…&issuer=…. Colons in the label become
// spaces, since a colon divides it.
func (k Key) URI(l Label) string {
	issuer, account := plainLabel(l.Issuer), plainLabel(l.Account)
	path := account
	query := "secret=" + base32Text.EncodeToString(k.Secret)
	if issuer != "" {
		path = issuer + ":" + account
		query += "&issuer=" + escape(issuer)
	}
	// Defaults are left out: a smaller picture is easier to scan.
	if k.Algorithm != SHA1 {
		query += "&algorithm=" + string(k.Algorithm)
	}
	if k.Digits != 6 {
		query += "&digits=" + strconv.Itoa(k.Digits)
	}
	if k.Period != 30*time.Second {
		query += "&period=" + strconv.Itoa(int(k.Period/time.Second))
	}
	return "otpauth://totp/" + escape(path) + "?" + query
}

// escape writes a space as %20: some apps show a plus as it is.
func escape(text string) string {
	return strings.ReplaceAll(url.QueryEscape(text), "+", "%20")
}

func plainLabel(text string) string {
	text = strings.Join(strings.Fields(strings.ReplaceAll(strings.ToValidUTF8(text, ""), ":", " ")), " ")
	return strings.TrimSpace(strings.ToValidUTF8(text[:min(len(text), maxLabel)], ""))
}

// ParseURI reads such an address, of whatever system made it. The key passes
// [Key.Check]. An issuer in the query counts before one in the label. Errors
// wrap [ErrURI], and never hold the secret.
func ParseURI(text string) (Key, Label, error) {
	k := Key{Algorithm: SHA1, Digits: 6, Period: 30 * time.Second}
	u, err := url.Parse(text)
	if len(text) > maxURI || err != nil || u.Scheme != "otpauth" || !strings.EqualFold(u.Host, "totp") || u.User != nil || u.Fragment != "" {
		return Key{}, Label{}, ErrURI
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return Key{}, Label{}, ErrURI
	}
	for name, values := range query {
		if len(values) != 1 {
			return Key{}, Label{}, fmt.Errorf("%w: a parameter is repeated", ErrURI)
		}
		if err := k.read(name, values[0]); err != nil {
			return Key{}, Label{}, fmt.Errorf("%w: %w", ErrURI, err)
		}
	}
	if err := k.Check(); err != nil {
		return Key{}, Label{}, fmt.Errorf("%w: %w", ErrURI, err)
	}
	label, err := readLabel(strings.TrimPrefix(u.Path, "/"), query.Get("issuer"))
	return k, label, err
}

// read takes one parameter; one that is not known is left alone.
func (k *Key) read(name, value string) (err error) {
	switch name {
	case "secret":
		k.Secret, err = ParseSecret(value)
	case "algorithm":
		k.Algorithm = Algorithm(strings.ReplaceAll(strings.ToUpper(value), "-", ""))
	case "digits":
		if k.Digits, err = strconv.Atoi(value); err != nil {
			return ErrKey // not the text that could not be read
		}
	case "period":
		seconds, err := strconv.Atoi(value)
		if err != nil || seconds < 0 || seconds > 1000 {
			return ErrKey
		}
		k.Period = time.Duration(seconds) * time.Second
	}
	return err
}

func readLabel(path, issuer string) (Label, error) {
	before, account, divided := strings.Cut(path, ":")
	if !divided {
		before, account = "", path
	}
	if issuer == "" {
		issuer = before
	}
	l := Label{Issuer: plainLabel(issuer), Account: plainLabel(account)}
	if len(issuer) > maxLabel || len(account) > maxLabel {
		return Label{}, fmt.Errorf("%w: the label is too long", ErrURI)
	}
	return l, nil
}
