package migrate

import (
	"bytes"
	"unicode/utf8"
)

// Looks says in a few words what the beginning of a file seems to be, for
// whoever gave the wrong one.
func Looks(beginning []byte) string {
	text := bytes.TrimPrefix(beginning, []byte("\xef\xbb\xbf"))
	trimmed := bytes.TrimLeft(text, " \t\r\n")
	switch {
	case len(trimmed) == 0:
		return "an empty file"
	case bytes.HasPrefix(text, []byte("\x1f\x8b")):
		return "a gzip file"
	case bytes.HasPrefix(text, []byte("PK\x03\x04")):
		return "a zip file"
	case bytes.HasPrefix(trimmed, []byte("-----BEGIN PGP")):
		return "a file that is still encrypted by PGP"
	case bytes.HasPrefix(text, []byte("\xff\xfe")), bytes.HasPrefix(text, []byte("\xfe\xff")):
		return "UTF-16 text"
	case trimmed[0] == '[':
		return "a JSON array; it wants one object on each line"
	case trimmed[0] == '{':
		return looksLikeObjects(trimmed)
	case bytes.IndexByte(text, 0) >= 0 || !utf8.Valid(cutAtLine(text)):
		return "binary data"
	case bytes.ContainsAny(firstLine(trimmed), ",;\t|"):
		return "CSV"
	}
	return "plain text"
}

// looksLikeObjects tells the kinds of NDJSON apart by their keys.
func looksLikeObjects(text []byte) string {
	line := firstLine(text)
	var user, hash, users picked
	switch {
	case pick(branches("passwordHash"), line, &hash) != "" || pick(branches("user_id"), line, &user) != "" || pick(branches("users"), line, &users) != "":
		return "JSON that is damaged, or has line breaks within an object"
	case hash.values[0] != "":
		return "Auth0's password hashes"
	case user.values[0] != "":
		return "Auth0's users export"
	case users.values[0] != "":
		return "one JSON object with a list of users"
	}
	return "JSON objects of another kind"
}

func firstLine(text []byte) []byte {
	line, _, _ := bytes.Cut(text, []byte("\n"))
	return line
}

// cutAtLine leaves out a line that may have been cut within a character.
func cutAtLine(text []byte) []byte {
	if n := bytes.LastIndexByte(text, '\n'); n >= 0 {
		return text[:n]
	}
	return text[:max(0, len(text)-utf8.UTFMax)]
}
