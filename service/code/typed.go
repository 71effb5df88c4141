package code

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"net/url"
	"strings"
)

const (
	codeDigits = 6
	linkBytes  = 16 // of chance in a link
	maxTyped   = 64 // bytes: a code with spaces in it, or the token of a link
)

// LinkKey is the name under which a link carries its token in the query. What arrives
// under it is shown as a button, since programs that look through mail open links, and
// is given to [Service.Check] when the button is pressed.
const LinkKey = "k"

// draw gives a number of six digits, each of a million as likely as the others.
func draw(rand io.Reader) (string, error) {
	const all, most = 1_000_000, (1 << 32) / 1_000_000 * 1_000_000
	for {
		var chance [4]byte
		if _, err := io.ReadFull(rand, chance[:]); err != nil {
			return "", fmt.Errorf("drawing a code: %w", err)
		}
		if n := uint64(binary.BigEndian.Uint32(chance[:])); n < most {
			return fmt.Sprintf("%0*d", codeDigits, n%all), nil
		}
	}
}

func drawLink(rand io.Reader) (string, error) {
	var chance [linkBytes]byte
	if _, err := io.ReadFull(rand, chance[:]); err != nil {
		return "", fmt.Errorf("drawing a link: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(chance[:]), nil
}

// linkTo is the page's address with the token in it; empty without a page.
func linkTo(page, token string) (string, error) {
	if page == "" {
		return "", nil
	}
	address, err := url.Parse(page)
	if err != nil || address.Host == "" || address.Fragment != "" {
		return "", fmt.Errorf("%w: no address for a link", ErrAsk)
	}
	query := address.Query()
	query.Set(LinkKey, token)
	address.RawQuery = query.Encode()
	return address.String(), nil
}

// read gives what was typed in the one form that is compared: six digits, or the token
// of a link; both empty for anything else. Spaces and dashes do not count, and digits
// may be written as Arabic, Persian and wide keyboards do.
func read(typed string) (digits, token string) {
	typed = strings.TrimSpace(typed)
	if len(typed) > maxTyped {
		return "", ""
	}
	if raw, err := base64.RawURLEncoding.Strict().DecodeString(typed); err == nil && len(raw) == linkBytes {
		return "", typed
	}
	digits = strings.Map(plainDigit, typed)
	if len(digits) != codeDigits || strings.Trim(digits, "0123456789") != "" {
		return "", ""
	}
	return digits, ""
}

func plainDigit(r rune) rune {
	switch {
	case strings.ContainsRune(" -\t\u00a0\u2009\u202f\u2010\u2011\u2012\u2013", r):
		return -1
	case r >= '\u0660' && r <= '\u0669':
		return r - '\u0660' + '0'
	case r >= '\u06f0' && r <= '\u06f9':
		return r - '\u06f0' + '0'
	case r >= '\uff10' && r <= '\uff19':
		return r - '\uff10' + '0'
	}
	return r
}
