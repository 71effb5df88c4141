package otp

import (
	"encoding/binary"
	"time"
)

const keyVersion = 1

// The algorithms by the number that stands for them in an encoded key.
var algorithms = [...]Algorithm{SHA1, SHA256, SHA512}

// Encode gives the key as bytes to be sealed: version, algorithm, digits,
// seconds, secret. The key must pass [Key.Check].
func (k Key) Encode() []byte {
	encoded := []byte{keyVersion, 0, byte(k.Digits)}
	for i, a := range algorithms {
		if a == k.Algorithm {
			encoded[1] = byte(i)
		}
	}
	encoded = binary.BigEndian.AppendUint16(encoded, uint16(k.Period/time.Second))
	return append(encoded, k.Secret...)
}

// DecodeKey reads what Encode gave; the key passes [Key.Check]. [ErrKey].
func DecodeKey(encoded []byte) (Key, error) {
	if len(encoded) < 5 || encoded[0] != keyVersion || int(encoded[1]) >= len(algorithms) {
		return Key{}, ErrKey
	}
	k := Key{
		Secret: append([]byte(nil), encoded[5:]...), Algorithm: algorithms[encoded[1]], Digits: int(encoded[2]),
		Period: time.Duration(binary.BigEndian.Uint16(encoded[3:])) * time.Second,
	}
	if err := k.Check(); err != nil {
		return Key{}, err
	}
	return k, nil
}
