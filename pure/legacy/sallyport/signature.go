package sallyport

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"strings"

	"sallyport/pure/legacy"
)

// Signer is the public key of an environment, of whose exports every person is signed.
// Encryption says who may read a file, and nothing of who wrote it: whoever knows the
// recipient's public key can make one.
type Signer string

const (
	signerPrefix    = "sallyport-signer-"
	signaturePrefix = `,"signature":"`
	signatureEnd    = `"}`
	// signedAs keeps signatures of people apart from all that the key could sign else.
	signedAs = "sallyport customer of an export, version 1\n"
)

var errSigner = errors.New("the signer is not a key that sallyport customers export prints: " + signerPrefix + "…")

// SignerOf names a public key as migrations and exports name it.
func SignerOf(key ed25519.PublicKey) Signer {
	return Signer(signerPrefix + base64.RawURLEncoding.EncodeToString(key))
}

func (s Signer) key() (ed25519.PublicKey, error) {
	text, is := strings.CutPrefix(string(s), signerPrefix)
	raw, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if !is || err != nil || len(raw) != ed25519.PublicKeySize {
		return nil, errSigner
	}
	return raw, nil
}

// Sign gives a line of a person, which is a JSON object without white space around it,
// with its signature as its last member.
func Sign(key ed25519.PrivateKey, line []byte) []byte {
	signature := base64.RawURLEncoding.EncodeToString(ed25519.Sign(key, signed(line)))
	return append(append(bytes.Clone(line[:len(line)-1]), signaturePrefix...), signature+signatureEnd...)
}

func signed(line []byte) []byte { return append([]byte(signedAs), line...) }

// CheckSignature tells why a line is not one that the signer wrote, byte by byte:
// a *legacy.Fault, or an error if the signer is no key.
func CheckSignature(by Signer, line []byte) error {
	key, err := by.key()
	if err != nil {
		return err
	}
	return checkSignature(key, line)
}

func checkSignature(key ed25519.PublicKey, line []byte) error {
	rest, is := bytes.CutSuffix(line, []byte(signatureEnd))
	at := bytes.LastIndex(rest, []byte(signaturePrefix))
	if !is || at < 0 {
		return &legacy.Fault{Where: "signature", What: "the person is not signed, or was written anew since"}
	}
	signature, err := base64.RawURLEncoding.Strict().DecodeString(string(rest[at+len(signaturePrefix):]))
	if err != nil || !ed25519.Verify(key, append(signed(rest[:at]), '}'), signature) {
		return &legacy.Fault{Where: "signature", What: "the signer that the migration names has not written this"}
	}
	return nil
}

// The settings of a migration of this format.
const (
	optionSigner = "signer"
	optionTrust  = "trust"
	trustAll     = "unsigned" // of optionTrust: whoever wrote the file is believed
)

// trust is whom a migration believes: a signer, or anybody.
func trust(s legacy.Settings) (ed25519.PublicKey, error) {
	signer, anybody := s.Options[optionSigner], s.Options[optionTrust]
	switch {
	case signer == "" && anybody == "":
		return nil, errors.New("write signer: and the key that sallyport customers export printed; or trust: unsigned, for a file that you wrote or looked through yourself")
	case signer != "" && anybody != "":
		return nil, errors.New("write signer or trust, not both")
	case anybody == trustAll:
		return nil, nil
	case anybody != "":
		return nil, errors.New("trust can be " + trustAll + ", or left out")
	}
	return Signer(signer).key()
}
