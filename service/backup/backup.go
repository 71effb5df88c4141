package backup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"filippo.io/age"

	"sallyport/store"
)

// ErrRecipient says that a text is not a recipient's public key.
var ErrRecipient = errors.New("not a public key of age")

// Recipients reads public keys such as age1…, of whoever may open a backup:
// [ErrRecipient], also if there are none or more than 16.
func Recipients(keys []string) ([]age.Recipient, error) {
	if len(keys) == 0 || len(keys) > 16 {
		return nil, fmt.Errorf("%w: name one to sixteen", ErrRecipient)
	}
	var all []age.Recipient
	for i, key := range keys {
		one, err := age.ParseX25519Recipient(key)
		if err != nil { // it may be a secret key that was mistaken for a public one
			return nil, fmt.Errorf("%w: number %d", ErrRecipient, i+1)
		}
		all = append(all, one)
	}
	return all, nil
}

// Identities reads a file of secret keys: [ErrKey].
func Identities(file io.Reader) ([]age.Identity, error) {
	all, err := age.ParseIdentities(io.LimitReader(file, 64<<10))
	if err != nil {
		return nil, ErrKey // its text might repeat a secret
	}
	return all, nil
}

// Generate makes a key pair: the file to keep, and the public half that backups
// are made for.
func Generate() (file []byte, recipient string, err error) {
	key, err := age.GenerateX25519Identity()
	if err != nil {
		return nil, "", err
	}
	recipient = key.Recipient().String()
	return []byte("# public key: " + recipient + "\n" + key.String() + "\n"), recipient, nil
}

// Making is a backup to be made.
type Making struct {
	At         time.Time
	Recipients []age.Recipient
	Receipt    func(*Sum) []byte // what stands at its end, of all that comes before
}

// Create writes a backup of a store as it is at one instant, while others use it.
func Create(ctx context.Context, from store.Copier, m Making, out io.Writer) (*Sum, error) {
	// The number of the schema stands in front of the rows, so it is asked for first;
	// no release changes it while a server runs.
	schema, err := from.Copy(ctx, nowhere{})
	if err != nil && !errors.Is(err, errEnough) {
		return nil, err
	}
	head := Head{Version: version, Schema: schema, Created: m.At.UTC().Truncate(time.Second)}
	return write(out, made{head: head, recipients: m.Recipients, receipt: m.Receipt, copyTo: func(to store.Copied) error {
		now, err := from.Copy(ctx, to)
		if err == nil && now != schema {
			err = fmt.Errorf("the schema changed from %d to %d meanwhile: %w", schema, now, store.ErrSchema)
		}
		return err
	}})
}

// nowhere takes no rows.
type nowhere struct{}

var errEnough = errors.New("enough")

func (nowhere) Table(string, []string) error { return errEnough }
func (nowhere) Row([]any) error              { return errEnough }

// Restore makes a store of a backup: into is given the schema of its rows and what
// replays them, as sqlite.Restore and postgres.Restore take them. [ErrKey],
// [ErrDamaged], [ErrNewer], and the errors of into.
func Restore(from io.Reader, identities []age.Identity, into func(schema int64, replay func(store.Copied) error) error) (sum *Sum, err error) {
	r, err := open(from, identities)
	if err != nil {
		return nil, err
	}
	err = into(r.Schema, func(to store.Copied) (err error) {
		sum, err = r.replay(to)
		return err
	})
	return sum, err
}
