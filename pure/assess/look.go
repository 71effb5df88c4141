package assess

import (
	"strings"
	"time"
	"unicode/utf8"
)

// What a value looks like.
const (
	looksText = iota
	looksBool
	looksWhole
	looksDate
	looksAddress
	looksPhone
	looksURL
	lastLook
)

var lookNames = [lastLook]string{"text", "yes or no", "whole number", "date", "e-mail address", "phone number", "web address"}

// look tells what a value looks like, cheaply.
func look(v string) int {
	v = strings.TrimSpace(v)
	switch strings.ToLower(v) {
	case "true", "false", "yes", "no", "t", "f", "y", "n", "0", "1":
		return looksBool
	}
	digits, others := 0, 0
	for i := 0; i < len(v) && i < 40; i++ {
		if v[i] >= '0' && v[i] <= '9' {
			digits++
		} else if strings.IndexByte("+ -/().:TZ", v[i]) < 0 {
			others++
		}
	}
	switch {
	case others == 0 && digits == len(v) && len(v) < 20:
		return looksWhole
	case others == 0 && digits >= 6 && len(v) >= 8 && v[4] == '-' && digits >= 8:
		return looksDate
	case others == 0 && digits >= 7 && digits <= 15 && !strings.ContainsAny(v, ":TZ"):
		return looksPhone
	case strings.HasPrefix(v, "http://"), strings.HasPrefix(v, "https://"):
		return looksURL
	case strings.Count(v, "@") == 1 && !strings.ContainsAny(v, " \t<>") && strings.LastIndexByte(v, '.') > strings.IndexByte(v, '@'):
		return looksAddress
	}
	return looksText
}

type troubleKey struct{ field, kind string }

// maxTroubles bounds the fields whose texts are told of.
const maxTroubles = 200

// damage finds text that was read in the wrong encoding before it was exported:
// characters that were replaced, and UTF-8 that was taken for Latin-1 and encoded
// once more.
func (f *fields) damage(name, v string) {
	kind := ""
	switch {
	case strings.ContainsRune(v, utf8.RuneError):
		kind = "replaced"
	case twiceEncoded(v):
		kind = "twice-encoded"
	default:
		return
	}
	key := troubleKey{name, kind}
	if _, known := f.texts[key]; known || len(f.texts) < maxTroubles {
		f.texts[key]++
	}
}

// twiceEncoded looks for the first byte of a UTF-8 character of two or three
// bytes that stands as a character of Latin-1, with one of the others behind it.
func twiceEncoded(v string) bool {
	const leads = "ÃÂâ"
	for i := strings.IndexAny(v, leads); i >= 0; {
		_, size := utf8.DecodeRuneInString(v[i:])
		next, _ := utf8.DecodeRuneInString(v[i+size:])
		if next >= 0x80 && next <= 0xbf || next == '€' {
			return true
		}
		behind := strings.IndexAny(v[i+size:], leads)
		if behind < 0 {
			return false
		}
		i += size + behind
	}
	return false
}

// instant reads what a source calls a time, between 1970 and 2200.
func instant(v string) (time.Time, bool) {
	v = strings.Trim(strings.TrimSpace(v), `"'`)
	at, ok := number(v)
	for _, layout := range [...]string{time.RFC3339, "2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05Z07", "2006-01-02 15:04:05", "2006-01-02T15:04:05", "2006-01-02", "20060102150405Z"} {
		if ok {
			break
		}
		var err error
		at, err = time.Parse(layout, v)
		ok = err == nil
	}
	return at, ok && at.Year() >= 1970 && at.Year() < 2200
}

// number reads seconds or milliseconds since 1970.
func number(v string) (time.Time, bool) {
	if len(v) < 9 || len(v) > 13 {
		return time.Time{}, false
	}
	var n int64
	for i := range len(v) {
		if v[i] < '0' || v[i] > '9' {
			return time.Time{}, false
		}
		n = n*10 + int64(v[i]-'0')
	}
	if len(v) >= 12 {
		return time.UnixMilli(n), true
	}
	return time.Unix(n, 0), true
}
