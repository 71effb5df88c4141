package laravel

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"strings"

	"sallyport/pure/legacy"
	"sallyport/pure/legacy/php"
)

// key is one of the application's keys: 32 bytes, or 16 of very old ones.
type key []byte

// readKeys reads APP_KEY, and former keys behind it.
func readKeys(text string) (keys []key, err error) {
	for part := range strings.SplitSeq(text, ",") {
		part = strings.TrimSpace(part)
		if part == "" {
			continue
		}
		raw := []byte(part)
		if encoded, found := strings.CutPrefix(part, "base64:"); found {
			if raw, err = base64.StdEncoding.DecodeString(encoded); err != nil {
				return nil, &legacy.Fault{Where: appKey, What: "not base64 behind base64:"}
			}
		}
		if len(raw) != 32 && len(raw) != 16 {
			return nil, &legacy.Fault{Where: appKey, What: "not a key of 32 or 16 bytes"}
		}
		keys = append(keys, raw)
	}
	return keys, nil
}

// box is what Laravel's Encrypter writes: base64 of JSON, whose parts but the MAC
// are base64 again.
type box struct {
	IV    string `json:"iv"`
	Value string `json:"value"`
	MAC   string `json:"mac"` // hex; empty if there is a tag
	Tag   string `json:"tag"` // of AES-GCM

	iv, value, tag []byte
}

var errBox = errors.New("not sealed")

func readBox(text string) (*box, error) {
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, errBox
	}
	b := &box{}
	if legacy.Decode(raw, b) != nil {
		return nil, errBox
	}
	var errs [3]error
	b.iv, errs[0] = base64.StdEncoding.DecodeString(b.IV)
	b.value, errs[1] = base64.StdEncoding.DecodeString(b.Value)
	b.tag, errs[2] = base64.StdEncoding.DecodeString(b.Tag)
	return b, errors.Join(errs[:]...)
}

// open gives what was sealed, if it was with this key and nobody changed it since.
func (b *box) open(k key) (string, bool) {
	block, err := aes.NewCipher(k)
	if err != nil {
		return "", false
	}
	var plain []byte
	ok := false
	if len(b.tag) > 0 {
		plain, ok = b.openGCM(block)
	} else {
		plain, ok = b.openCBC(block, k)
	}
	if !ok {
		return "", false
	}
	return unserialised(string(plain)), true
}

func (b *box) openGCM(block cipher.Block) ([]byte, bool) {
	aead, err := cipher.NewGCM(block)
	if err != nil || len(b.iv) != aead.NonceSize() || len(b.tag) != aead.Overhead() {
		return nil, false
	}
	plain, err := aead.Open(nil, b.iv, append(b.value[:len(b.value):len(b.value)], b.tag...), nil)
	return plain, err == nil
}

// openCBC compares the MAC before anything is deciphered, so that padding tells
// nobody anything.
func (b *box) openCBC(block cipher.Block, k key) ([]byte, bool) {
	given, err := hex.DecodeString(b.MAC)
	mac := hmac.New(sha256.New, k)
	mac.Write([]byte(b.IV + b.Value))
	switch {
	case err != nil, !hmac.Equal(given, mac.Sum(nil)):
		return nil, false
	case len(b.iv) != aes.BlockSize, len(b.value) == 0, len(b.value)%aes.BlockSize != 0:
		return nil, false
	}
	plain := make([]byte, len(b.value))
	cipher.NewCBCDecrypter(block, b.iv).CryptBlocks(plain, b.value)
	padding := int(plain[len(plain)-1])
	if padding == 0 || padding > aes.BlockSize {
		return nil, false
	}
	return plain[:len(plain)-padding], true
}

// unserialised gives the text within, for Laravel seals what PHP serialised, or
// the text itself if the application called encryptString.
func unserialised(text string) string {
	if v, err := php.Parse(text); err == nil && v.Kind == php.Text {
		return v.Text
	}
	return text
}
