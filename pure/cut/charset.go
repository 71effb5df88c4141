package cut

import "unicode/utf8"

// Charset decodes the bytes of a value; ok is false for bytes that it lacks.
type Charset func(raw []byte) (text []byte, ok bool)

// CharsetOf finds one by name: utf-8, which is the default, windows-1252 or
// iso-8859-1.
func CharsetOf(name string) (set Charset, known bool) {
	switch name {
	case "", "utf-8":
		return utf8Text, true
	case "windows-1252":
		return windows1252, true
	case "iso-8859-1":
		return latin1, true
	}
	return nil, false
}

func utf8Text(raw []byte) ([]byte, bool) { return raw, utf8.Valid(raw) }

func latin1(raw []byte) ([]byte, bool) {
	return widen(raw, func(b byte) rune { return rune(b) })
}

// windows1252High is 0x80 to 0x9f of windows-1252; zero where it has nothing.
var windows1252High = [32]rune{
	'€', 0, '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', 0, 'Ž', 0,
	0, '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', 0, 'ž', 'Ÿ',
}

func windows1252(raw []byte) ([]byte, bool) {
	return widen(raw, func(b byte) rune {
		if b < 0x80 || b >= 0xa0 {
			return rune(b)
		}
		if r := windows1252High[b-0x80]; r != 0 {
			return r
		}
		return utf8.RuneError
	})
}

// widen decodes a single-byte character set; plain ASCII is passed on as it is.
func widen(raw []byte, decode func(byte) rune) ([]byte, bool) {
	plain := true
	for _, b := range raw {
		plain = plain && b < utf8.RuneSelf
	}
	if plain {
		return raw, true
	}
	text := make([]byte, 0, len(raw)+len(raw)/2)
	for _, b := range raw {
		r := decode(b)
		if r == utf8.RuneError {
			return nil, false
		}
		text = utf8.AppendRune(text, r)
	}
	return text, true
}
