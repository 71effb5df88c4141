package customer

import (
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// phone normalises a number to E.164. The international form needs no knowledge
// of countries and is read here; only a national one consults the numbering
// plans (which cost some milliseconds at start and 13 µs a number).
func phone(text, region string) (string, error) {
	number, err := dialled(text)
	if err != nil {
		return "", err
	}
	if international, found := strings.CutPrefix(number, "+"); found {
		return plus(international)
	}
	if region == "" {
		return "", ErrRegion
	}
	region = strings.ToUpper(region)
	if local, found := northAmerican(number, region); found {
		return plus(local)
	}
	parsed, err := phonenumbers.Parse(number, region)
	// A number that can only be dialled within its town is not possible enough.
	if err != nil || phonenumbers.IsPossibleNumberWithReason(parsed) != phonenumbers.IS_POSSIBLE {
		return "", ErrForm
	}
	return plus(strings.TrimPrefix(phonenumbers.Format(parsed, phonenumbers.E164), "+"))
}

// northAmerican is a short way for the most frequent form there is: ten digits
// of the North American plan, with or without the 1 before them. The library
// says the same, at fifty times the cost.
func northAmerican(number, region string) (digits string, found bool) {
	if region != "US" && region != "CA" {
		return "", false
	}
	local := number
	if len(local) == 11 {
		local = strings.TrimPrefix(local, "1")
	}
	return "1" + local, len(local) == 10 && local[0] >= '2'
}

// dialled leaves the digits, and a plus sign before them. Letters ("1-800-…"),
// extensions and dialling pauses are refused: a code can not be sent to them.
func dialled(text string) (string, error) {
	// +44 (0)20 …: the zero is for callers within the country.
	if strings.HasPrefix(text, "+") {
		text = strings.Replace(text, "(0)", "", 1)
	}
	var number strings.Builder
	for i, r := range text {
		switch {
		case '0' <= r && r <= '9', r == '+' && i == 0:
			number.WriteRune(r)
		case strings.ContainsRune(" -./()\u00a0\u2010\u2011\u2012\u2013", r):
		default:
			return "", ErrCharacter
		}
	}
	return number.String(), nil
}

// plus checks an international number: 7 to 15 digits, of which the first, the
// beginning of a country code, is not zero (E.164 §6.2).
func plus(digits string) (string, error) {
	switch {
	case len(digits) > maxPhone:
		return "", ErrTooLong
	case len(digits) < minPhone || digits[0] == '0':
		return "", ErrForm
	}
	return "+" + digits, nil
}
