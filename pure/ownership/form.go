package ownership

import (
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Form is how a fact is read before it is compared.
type Form string

// The forms.
const (
	Text   Form = "text"   // in any case, spaces and hyphens as they come
	Code   Form = "code"   // letters and digits alone count, in any case: postcodes, meter numbers
	Digits Form = "digits" // digits alone count: phone numbers' ends, card numbers' ends
	Amount Form = "amount" // of money: 1 204.50, 1204,5 and $1,204.50 are one
	Date   Form = "date"   // 2026-03-31, 31.3.2026 and, where months come first, 3/31/2026
)

// Forms lists them.
func Forms() []Form { return []Form{Text, Code, Digits, Amount, Date} }

// MaxAnswer is how long an answer may be, in bytes; a longer one is none.
const MaxAnswer = 200

// read gives what counts of a text in a form; false if it is none of that form.
func (f Form) read(text string) (string, bool) {
	if len(text) > MaxAnswer {
		return "", false
	}
	text = strings.TrimSpace(norm.NFKC.String(strings.ToValidUTF8(text, "")))
	switch f {
	case Code:
		text = strings.ToUpper(keep(text, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }))
	case Digits:
		text = keep(text, isDigit)
	case Amount:
		return amount(text)
	case Date:
		return date(text)
	default:
		text = strings.Join(strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return unicode.IsSpace(r) || unicode.Is(unicode.Pd, r) }), " ")
	}
	return text, text != ""
}

func isDigit(r rune) bool { return r >= '0' && r <= '9' }

func keep(text string, counts func(rune) bool) string {
	return strings.Map(func(r rune) rune {
		if counts(r) {
			return r
		}
		return -1
	}, text)
}

// amount reads an amount of money in hundredths. The last comma or point that has one or
// two digits behind it separates them, all others group thousands.
func amount(text string) (string, bool) {
	sign := ""
	if strings.HasPrefix(text, "-") || strings.HasPrefix(text, "−") {
		sign = "-"
	}
	text = keep(text, func(r rune) bool { return isDigit(r) || r == '.' || r == ',' })
	whole, cents := text, ""
	if i := strings.LastIndexAny(text, ".,"); i >= 0 && len(text)-i-1 <= 2 {
		whole, cents = text[:i], text[i+1:]
	}
	whole = strings.TrimLeft(keep(whole, isDigit), "0")
	cents = (cents + "00")[:2]
	if keep(text, isDigit) == "" {
		return "", false
	}
	return sign + whole + "." + cents, true
}

// date reads a day. Numbers that could be either are read with the day first, unless
// they are separated by slashes.
func date(text string) (string, bool) {
	for _, layout := range []string{"2006-1-2", "2006/1/2", "20060102", "2.1.2006", "2-1-2006", "1/2/2006", "2 January 2006", "January 2, 2006", "2 Jan 2006", "Jan 2, 2006"} {
		if day, err := time.Parse(layout, strings.ReplaceAll(text, ". ", ".")); err == nil {
			return day.Format(time.DateOnly), true
		}
	}
	return "", false
}
