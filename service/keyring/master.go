package keyring

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strconv"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"

	"sallyport/store"
)

// ErrMaster: the master key cannot be read, or it is not the one that this
// store was sealed with.
var ErrMaster = errors.New("master key not usable")

// Master seals what lies in the store. It is safe for concurrent use and
// redacts itself.
type Master struct{ aead tink.AEAD }

// GenerateMaster makes a fresh master key and writes it to w as a key set, the
// only form in which it is ever written: keep it apart from the database and
// from its backups.
func GenerateMaster(w io.Writer) (*Master, error) {
	handle, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
	if err != nil {
		return nil, fmt.Errorf("making a master key: %w", err)
	}
	if err := insecurecleartextkeyset.Write(handle, keyset.NewJSONWriter(w)); err != nil {
		return nil, fmt.Errorf("writing the master key: %w", err)
	}
	return newMaster(handle)
}

// OpenMaster reads a master key that GenerateMaster wrote. A key set with
// several keys opens what any of them sealed and seals with its primary one,
// which is how a master key is rotated. Errors wrap [ErrMaster] and say
// nothing of the content.
func OpenMaster(encoded []byte) (*Master, error) {
	handle, err := insecurecleartextkeyset.Read(keyset.NewJSONReader(bytes.NewReader(encoded)))
	if err != nil {
		return nil, fmt.Errorf("%w: not a key set", ErrMaster)
	}
	return newMaster(handle)
}

func newMaster(handle *keyset.Handle) (*Master, error) {
	primitive, err := aead.New(handle)
	if err != nil {
		return nil, fmt.Errorf("%w: not an AEAD key set", ErrMaster)
	}
	return &Master{aead: primitive}, nil
}

// Seal encrypts plaintext for one row of one environment. row names the
// record, e.g. "credential/cus_…", and must be given again to open it.
func (m *Master) Seal(_ context.Context, env store.EnvironmentID, row string, plaintext []byte) ([]byte, error) {
	sealed, err := m.aead.Encrypt(plaintext, associated(env, row))
	if err != nil {
		return nil, fmt.Errorf("sealing %s: %w", row, err)
	}
	return sealed, nil
}

// Open decrypts what Seal gave for the same environment and row; [ErrMaster]
// if it was sealed for another, with another key, or changed.
func (m *Master) Open(_ context.Context, env store.EnvironmentID, row string, sealed []byte) ([]byte, error) {
	plaintext, err := m.aead.Decrypt(sealed, associated(env, row))
	if err != nil {
		return nil, fmt.Errorf("%w: %s does not open", ErrMaster, row)
	}
	return plaintext, nil
}

func associated(env store.EnvironmentID, row string) []byte {
	return append(strconv.AppendInt(nil, int64(env), 10), "/"+row...)
}

// Format hides the key, whatever the verb.
func (m *Master) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "keyring.Master(hidden)") }

// LogValue hides the key.
func (m *Master) LogValue() slog.Value { return slog.StringValue("keyring.Master(hidden)") }
