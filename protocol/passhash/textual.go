package passhash

import (
	"encoding/base64"
	"encoding/hex"
	"strings"
)

// unbase64 reads the standard alphabet, padded or not, without line breaks.
func unbase64(text string) ([]byte, bool) {
	if strings.ContainsAny(text, "\r\n") {
		return nil, false
	}
	b, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(text, "="))
	return b, err == nil
}

// unadapted reads passlib's base64, which writes a point for the plus sign.
func unadapted(text string) ([]byte, bool) {
	return unbase64(strings.ReplaceAll(text, ".", "+"))
}

func unhex(text string) ([]byte, bool) {
	b, err := hex.DecodeString(text)
	return b, err == nil
}

// undigest reads a digest of n bytes written in hex or in base64; their lengths
// cannot be confused.
func undigest(text string, n int) ([]byte, bool) {
	if len(text) == 2*n {
		return unhex(text)
	}
	b, ok := unbase64(text)
	return b, ok && len(b) == n
}
