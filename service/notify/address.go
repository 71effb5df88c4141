package notify

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"sallyport/pure/customer"
	"sallyport/pure/message"
)

// Limits of postal addresses and names.
const (
	maxAddressLines = 10
	maxAddressLine  = 100 // characters
	maxName         = 100
)

// checkAddress gives an address in the form in which it is used; [ErrAddress]. What
// is let through has no line break, no space and nothing that a header or a command
// of SMTP could take for its own; of letters, lines of visible characters.
func checkAddress(by message.Channel, address string) (string, error) {
	switch by {
	case message.Email:
		id, err := customer.Normalise(customer.Email, address, "")
		if err != nil {
			return "", ErrAddress
		}
		// The part before the @ as it was written: servers may tell capitals apart there.
		// Only those of ASCII: a Kelvin sign is a k where customers are compared, and
		// somebody else's mailbox where mail is delivered.
		local, _, _ := strings.Cut(strings.TrimSpace(address), "@")
		compared, domain, _ := strings.Cut(id.Value, "@")
		if !equalButForCapitals(local, compared) {
			local = compared
		}
		if strings.ContainsFunc(local, func(r rune) bool { return r <= ' ' || r == 0x7f || unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) }) {
			return "", ErrAddress
		}
		return local + "@" + domain, nil
	case message.SMS, message.Voice:
		id, err := customer.Normalise(customer.Phone, address, "")
		if err != nil {
			return "", ErrAddress
		}
		return id.Value, nil
	case message.Letter:
		return postal(address)
	}
	return "", ErrAddress
}

// equalButForCapitals compares texts without the case of the letters A to Z.
func equalButForCapitals(a, b string) bool {
	small := func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			r += 'a' - 'A'
		}
		return r
	}
	return strings.Map(small, a) == strings.Map(small, b)
}

// postal checks the lines of a letter's address.
func postal(address string) (string, error) {
	lines := strings.Split(strings.TrimSpace(strings.ReplaceAll(address, "\r\n", "\n")), "\n")
	if len(lines) < 2 || len(lines) > maxAddressLines || !utf8.ValidString(address) {
		return "", ErrAddress
	}
	for i, line := range lines {
		lines[i] = strings.TrimSpace(line)
		if utf8.RuneCountInString(line) > maxAddressLine || strings.ContainsFunc(line, func(r rune) bool { return !unicode.IsPrint(r) }) {
			return "", ErrAddress
		}
	}
	return strings.Join(lines, "\n"), nil
}

// cleanName is a name as it stands beside an address: one line, cut where it is too long.
func cleanName(name string) string {
	if len(name) > 16*maxName {
		name = name[:16*maxName]
	}
	name = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) || strings.ContainsRune(`"<>\@`, r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(name, " "))
	name = strings.Join(strings.Fields(name), " ")
	if utf8.RuneCountInString(name) > maxName {
		name = strings.TrimSpace(string([]rune(name)[:maxName]))
	}
	return name
}
