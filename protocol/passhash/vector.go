package passhash

import (
	"encoding/base64"
	"encoding/hex"
)

// Vector reads encoded as ParseAs does, taking Params from a loose map as it
// stands in JSON: salt and key with salt_encoding and key_encoding (utf8, hex,
// base64), order, charset, pepper or secret, rounds or iterations, and Firebase's
// base64_signer_key, base64_salt_separator, rounds and mem_cost. Other members
// are remarks. A scheme nobody implements is ErrUnknownScheme with the reason
// "unsupported scheme …".
func Vector(scheme, encoded string, params map[string]any) (*Hash, error) {
	m := loose{params: params}
	p := Params{
		Salt:    m.coded("salt"),
		Key:     m.coded("key"),
		Order:   Order(m.text("order")),
		Charset: Charset(m.text("charset")),
		Pepper:  []byte(m.text("pepper") + m.text("secret")),
		Rounds:  max(m.number("iterations"), m.number("rounds")),
		Firebase: Firebase{
			SignerKey:     m.base64("base64_signer_key"),
			SaltSeparator: m.base64("base64_salt_separator"),
			Rounds:        m.number("rounds"),
			MemCost:       m.number("mem_cost"),
		},
	}
	if m.failed {
		return nil, malformed("", "a parameter is unreadable")
	}
	return ParseAs(Scheme(scheme), encoded, p)
}

// loose reads members that may be absent or, being remarks, of another type.
type loose struct {
	params map[string]any
	failed bool
}

func (m *loose) text(key string) string {
	text, _ := m.params[key].(string)
	return text
}

func (m *loose) number(key string) int {
	n, _ := m.params[key].(float64)
	if n != n || n < 0 || n > 1<<30 {
		m.failed = true
		return 0
	}
	return int(n)
}

func (m *loose) base64(key string) []byte {
	b, err := base64.StdEncoding.DecodeString(m.text(key))
	m.failed = m.failed || err != nil
	return b
}

func (m *loose) coded(key string) []byte {
	text := m.text(key)
	switch m.text(key + "_encoding") {
	case "hex":
		b, err := hex.DecodeString(text)
		m.failed = m.failed || err != nil
		return b
	case "base64":
		return m.base64(key)
	case "", "utf8":
		return []byte(text)
	}
	m.failed = true
	return nil
}
