package otp

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// Codes of a card. They are typed by people without a mobile phone, from paper and
// perhaps by the keys of a telephone, so they are digits: eight, of which a guess at
// thirty codes finds one by one chance in three million.
const (
	// CardCodes is how many codes a new card has.
	CardCodes    = 30
	cardDigits   = 8
	cardVersion  = 1
	maxCardCodes = 100 // in a stored card
)

// ErrCard reports bytes that [Card.Encode] did not give.
var ErrCard = errors.New("not a card of codes")

// Card is what is stored of a card: the codes that were not used yet, by their numbers
// and salted digests. Eight digits are found by whoever can try a hundred million, hash
// or none, so a card is worth what it is sealed with, as the key of an app is.
type Card struct {
	salt  [16]byte
	lines []cardLine
}

type cardLine struct {
	number byte // as it stands on the card, from 1
	sum    recoveryHash
}

// NewCard makes the codes of a card, in order and in two groups of four, which are
// printed once and not kept, and what is stored of them. No two codes are equal.
func NewCard(rand io.Reader) (codes []string, c Card, err error) {
	if _, err := io.ReadFull(rand, c.salt[:]); err != nil {
		return nil, Card{}, fmt.Errorf("making a card: %w", err)
	}
	for taken := map[string]bool{}; len(codes) < CardCodes; {
		code, err := cardCode(rand)
		if err != nil {
			return nil, Card{}, fmt.Errorf("making a card: %w", err)
		}
		if taken[code] {
			continue
		}
		taken[code] = true
		codes = append(codes, code[:4]+"-"+code[4:])
		c.lines = append(c.lines, cardLine{byte(len(codes)), c.hash(code)})
	}
	return codes, c, nil
}

// cardCode draws eight digits, each number as likely as any other.
func cardCode(rand io.Reader) (string, error) {
	const all, most = 100_000_000, (1 << 32) / 100_000_000 * 100_000_000
	for {
		var chance [4]byte
		if _, err := io.ReadFull(rand, chance[:]); err != nil {
			return "", err
		}
		if n := uint64(binary.BigEndian.Uint32(chance[:])); n < most {
			return fmt.Sprintf("%0*d", cardDigits, n%all), nil
		}
	}
}

func (c Card) hash(code string) recoveryHash {
	return sha256.Sum256(append(c.salt[:len(c.salt):len(c.salt)], code...))
}

// Left is how many codes are unused.
func (c Card) Left() int { return len(c.lines) }

// Take gives the card without the code that was typed, and the code's number; false if
// it is none of the card's. The caller stores the smaller card before it acts on it.
// Spaces and dashes do not count. All codes are compared, in constant time.
func (c Card) Take(typed string) (rest Card, number int, ok bool) {
	code := digits(typed)
	if len(code) != cardDigits {
		return c, 0, false
	}
	sum, found := c.hash(code), -1
	for i := range c.lines {
		found = subtle.ConstantTimeSelect(subtle.ConstantTimeCompare(sum[:], c.lines[i].sum[:]), i, found)
	}
	if found < 0 {
		return c, 0, false
	}
	rest = Card{salt: c.salt, lines: append(append([]cardLine(nil), c.lines[:found]...), c.lines[found+1:]...)}
	return rest, int(c.lines[found].number), true
}

// Encode gives the card as bytes to be sealed: a version, the salt, and of each code its
// number and digest.
func (c Card) Encode() []byte {
	encoded := append([]byte{cardVersion}, c.salt[:]...)
	for _, line := range c.lines {
		encoded = append(append(encoded, line.number), line.sum[:]...)
	}
	return encoded
}

// DecodeCard reads what Encode gave: [ErrCard].
func DecodeCard(encoded []byte) (Card, error) {
	var c Card
	head, line := 1+len(c.salt), 1+sha256.Size
	if len(encoded) < head || encoded[0] != cardVersion || (len(encoded)-head)%line != 0 || (len(encoded)-head)/line > maxCardCodes {
		return c, ErrCard
	}
	copy(c.salt[:], encoded[1:])
	last := byte(0)
	for rest := encoded[head:]; len(rest) > 0; rest = rest[line:] {
		if rest[0] <= last {
			return Card{}, ErrCard
		}
		last = rest[0]
		c.lines = append(c.lines, cardLine{last, recoveryHash(rest[1:line])})
	}
	return c, nil
}

// String keeps the card out of logs.
func (c Card) String() string { return fmt.Sprintf("card with %d codes", len(c.lines)) }

// GoString keeps the card out of logs.
func (c Card) GoString() string { return c.String() }
