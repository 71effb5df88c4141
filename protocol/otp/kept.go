package otp

import (
	"encoding/binary"
	"errors"
	"fmt"
	"unicode/utf8"
)

// What follows is kept as another system had it: nobody is asked for it yet, but it
// is not lost, and can be given back.

// Counted is the key of a token that counts (HOTP, RFC 4226).
type Counted struct {
	Key
	Counter int64 // the next one
}

const countedVersion = 2 // of an encoded key

// CountedOf is such a key of another system; zero values are those of [KeyOf]. [ErrKey].
func CountedOf(secret []byte, algorithm string, digits int, counter int64) (Counted, error) {
	k, err := KeyOf(secret, algorithm, digits, 0)
	if err == nil && counter < 0 {
		err = fmt.Errorf("%w: a counter below zero", ErrKey)
	}
	return Counted{k, counter}, err
}

// Encode gives the key as bytes to be sealed.
func (c Counted) Encode() []byte {
	encoded := append(c.Key.Encode()[:0:0], countedVersion)
	encoded = binary.BigEndian.AppendUint64(encoded, uint64(c.Counter))
	return append(encoded, c.Key.Encode()...)
}

// DecodeCounted reads what Encode gave; [ErrKey].
func DecodeCounted(encoded []byte) (Counted, error) {
	if len(encoded) < 9 || encoded[0] != countedVersion {
		return Counted{}, ErrKey
	}
	k, err := DecodeKey(encoded[9:])
	c := Counted{k, int64(binary.BigEndian.Uint64(encoded[1:]))}
	if err == nil && c.Counter < 0 {
		err = ErrKey
	}
	if err != nil {
		return Counted{}, err
	}
	return c, nil
}

// ErrAddress reports bytes that [Address.Encode] did not give, or an address that
// is none.
var ErrAddress = errors.New("not an address for codes")

// Address is where another system sent codes: a phone number or a mailbox.
type Address struct {
	Address  string
	Verified bool
}

const (
	addressVersion = 1
	maxAddress     = 254
)

// Check refuses what cannot be kept: [ErrAddress].
func (a Address) Check() error {
	if a.Address == "" || len(a.Address) > maxAddress || !utf8.ValidString(a.Address) {
		return ErrAddress
	}
	return nil
}

// Encode gives the address as bytes to be sealed. It must pass [Address.Check].
func (a Address) Encode() []byte {
	verified := byte(0)
	if a.Verified {
		verified = 1
	}
	return append([]byte{addressVersion, verified}, a.Address...)
}

// DecodeAddress reads what Encode gave; [ErrAddress].
func DecodeAddress(encoded []byte) (Address, error) {
	if len(encoded) < 3 || encoded[0] != addressVersion || encoded[1] > 1 {
		return Address{}, ErrAddress
	}
	a := Address{string(encoded[2:]), encoded[1] == 1}
	return a, a.Check()
}

// String keeps the address out of logs.
func (a Address) String() string { return "address for codes" }

// GoString keeps the address out of logs.
func (a Address) GoString() string { return a.String() }
