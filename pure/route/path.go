package route

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// PathReason names why a path was refused.
type PathReason string

// The reasons of a PathError. Each is a way in which two servers have been seen
// to read one path differently.
const (
	PathNotAbsolute    PathReason = "does not begin with a slash"
	PathTooLong        PathReason = "is too long"
	PathTooDeep        PathReason = "has too many segments"
	PathEmptySegment   PathReason = "has an empty segment"
	PathDotSegment     PathReason = "has a dot segment"
	PathEncodedSlash   PathReason = "has an encoded slash or backslash"
	PathBackslash      PathReason = "has a backslash"
	PathParameter      PathReason = "has a semicolon"
	PathControl        PathReason = "has a control character"
	PathMalformed      PathReason = "has a malformed percent-encoding"
	PathDoubleEncoding PathReason = "is percent-encoded twice"
	PathNotUTF8        PathReason = "does not encode UTF-8"
	PathNotASCII       PathReason = "has a character outside ASCII"
	PathDelimiter      PathReason = "has a query or fragment delimiter"
	PathCharacter      PathReason = "has a character that must be percent-encoded"
)

// PathError says why Canonicalise refused a path. It does not repeat the path,
// which may carry personal data.
type PathError struct {
	Reason PathReason
	Offset int // of the offending byte in the raw path
}

// Error is the reason and the offset.
func (e *PathError) Error() string {
	return fmt.Sprintf("path %s (at byte %d)", e.Reason, e.Offset)
}

// Canonicalise gives the one form of a raw path (as it stood in the request
// line, without query) that is both matched and forwarded. It decodes
// percent-encoded unreserved characters and writes the hexadecimal digits of
// all others in capitals (RFC 3986 §6.2.2); a trailing slash stays. Anything
// that a server behind us might read as a different path is refused with a
// *PathError and never repaired: encoded slashes, backslashes, dot segments,
// empty segments, semicolons (matrix parameters), control characters, double
// encodings, and encodings that are not UTF-8.
//
// The result is a fixed point: canonicalising it again changes nothing. A path
// that is canonical already is returned without allocation.
func Canonicalise(rawPath string) (string, error) {
	if len(rawPath) > MaxPath {
		return "", &PathError{PathTooLong, MaxPath}
	}
	if rawPath == "" || rawPath[0] != '/' {
		return "", &PathError{PathNotAbsolute, 0}
	}
	path, encoded, err := normalise(rawPath)
	if err != nil {
		return "", err
	}
	if err := checkSegments(path); err != nil {
		return "", err
	}
	if encoded {
		if err := checkDecoded(path); err != nil {
			return "", err
		}
	}
	return path, nil
}

// normalise checks every byte and rewrites percent-encodings. encoded says
// whether any remains.
func normalise(raw string) (path string, encoded bool, err error) {
	var out []byte // nil as long as raw is canonical
	for i := 0; i < len(raw); {
		c := raw[i]
		if c != '%' {
			if reason := refuseByte(c); reason != "" {
				return "", false, &PathError{reason, i}
			}
			if out != nil {
				out = append(out, c)
			}
			i++
			continue
		}
		value, ok := hexByte(raw, i+1)
		if !ok {
			return "", false, &PathError{PathMalformed, i}
		}
		if reason := refuseEncoded(value); reason != "" {
			return "", false, &PathError{reason, i}
		}
		plain := unreserved(value)
		encoded = encoded || !plain
		if out == nil && (plain || lowerHex(raw[i+1]) || lowerHex(raw[i+2])) {
			out = append(make([]byte, 0, len(raw)), raw[:i]...)
		}
		switch {
		case plain:
			out = append(out, value)
		case out != nil:
			out = append(out, '%', hexDigits[value>>4], hexDigits[value&15])
		}
		i += 3
	}
	if out == nil {
		return raw, encoded, nil
	}
	return string(out), encoded, nil
}

// refuseByte is why a byte may not stand in a path by itself; empty if it may.
func refuseByte(c byte) PathReason {
	switch {
	case unreserved(c), c == '/', strings.IndexByte("!$&'()*+,=:@", c) >= 0:
		return ""
	case c == ';':
		return PathParameter
	case c == '\\':
		return PathBackslash
	case c == '?', c == '#':
		return PathDelimiter
	case c < 0x20, c == 0x7f:
		return PathControl
	case c >= 0x80:
		return PathNotASCII
	}
	return PathCharacter
}

// refuseEncoded is why a percent-encoded byte may not stand in a path.
func refuseEncoded(value byte) PathReason {
	switch {
	case value == '/', value == '\\':
		return PathEncodedSlash
	case value == ';':
		return PathParameter // some servers decode before they cut at semicolons
	case value < 0x20, value == 0x7f:
		return PathControl
	}
	return ""
}

// checkSegments refuses what only shows once escapes are decoded.
func checkSegments(path string) error {
	segments := 0
	for start := 1; start <= len(path); segments++ {
		length := strings.IndexByte(path[start:], '/')
		last := length < 0
		if last {
			length = len(path) - start
		}
		switch segment := path[start : start+length]; {
		case segment == "" && !last:
			return &PathError{PathEmptySegment, start}
		case segment == ".", segment == "..":
			return &PathError{PathDotSegment, start}
		case segments == MaxSegments:
			return &PathError{PathTooDeep, start}
		}
		start += length + 1
	}
	return nil
}

// checkDecoded refuses encodings that are not UTF-8, overlong forms of a slash
// or a dot among them, and double encodings: %252f is harmless here, and a
// slash to whoever decodes twice.
func checkDecoded(path string) error {
	for i := 0; i < len(path); i++ {
		if _, twice := hexByte(path, i+3); twice && strings.HasPrefix(path[i:], "%25") {
			return &PathError{PathDoubleEncoding, i}
		}
	}
	if !utf8.ValidString(unescape(path)) {
		return &PathError{PathNotUTF8, strings.IndexByte(path, '%')}
	}
	return nil
}

// unescape decodes a canonical path or segment, whose escapes are well formed.
func unescape(s string) string {
	if strings.IndexByte(s, '%') < 0 {
		return s
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if value, ok := hexByte(s, i+1); s[i] == '%' && ok {
			out = append(out, value)
			i += 2
			continue
		}
		out = append(out, s[i])
	}
	return string(out)
}

const hexDigits = "0123456789ABCDEF"

func hexByte(s string, i int) (byte, bool) {
	if i+1 >= len(s) {
		return 0, false
	}
	high, ok1 := hexDigit(s[i])
	low, ok2 := hexDigit(s[i+1])
	return high<<4 | low, ok1 && ok2
}

func hexDigit(c byte) (byte, bool) {
	switch {
	case '0' <= c && c <= '9':
		return c - '0', true
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10, true
	case 'A' <= c && c <= 'F':
		return c - 'A' + 10, true
	}
	return 0, false
}

func lowerHex(c byte) bool { return 'a' <= c && c <= 'f' }

// unreserved is RFC 3986 §2.3.
func unreserved(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' ||
		c == '-' || c == '.' || c == '_' || c == '~'
}
