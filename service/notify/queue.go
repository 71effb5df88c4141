package notify

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"sallyport/pure/customer"
	"sallyport/pure/message"
	"sallyport/service/environment"
	"sallyport/store"
)

// To is whom a message goes to.
type To struct {
	Channel  message.Channel
	Address  string // of mail, a phone number with its country code, or the lines of a postal address
	Name     string // beside the address; may be empty
	Language message.Language
	Customer customer.ID // zero: nobody known
}

// Message is one message.
type Message struct {
	To       To
	Template message.Name
	Values   map[string]string // as the kind of message has them; the brand's own are added
	Brand    string            // name of the brand in the configuration; empty: that of the host where it is said, or the default one
	// Once is a word: of the same word one message is sent. It is kept as a digest, for
	// [KeptOnce] after the message ended.
	Once string
	// Until is when the message is worth nothing any more; required of those that hand
	// out a secret.
	Until time.Time
	// Seek, if set, tells that To.Address is nobody's, and that whoever gets the message
	// is found out before it is sent: by [Config.Seek].
	Seek *Sought
}

// content is what is sealed of a message.
type content struct {
	Address  string            `json:"address,omitempty"`
	Name     string            `json:"name,omitempty"`
	Language message.Language  `json:"language,omitempty"`
	Values   map[string]string `json:"values,omitempty"`
	Brand    string            `json:"brand,omitempty"`
	Until    time.Time         `json:"until"`
	Nobody   bool              `json:"nobody,omitempty"` // a decoy
	Seek     *Sought           `json:"seek,omitempty"`
}

// padding is what the length of a sealed message is a multiple of.
const padding = 1 << 10

// Queue puts a message into the outbox, in the caller's transaction. A message whose
// word is there already is not queued again, which is no error. The errors are
// [ErrTemplate], [ErrAddress], [ErrNoChannel], and those of the store. It is sent soon
// after the transaction was committed, at once if [Service.Wake] is called then.
func (s *Service) Queue(ctx context.Context, tx store.Tx, live *environment.Live, m Message) error {
	return s.queue(ctx, tx, live, m, false)
}

// Decoy does the work of Queue and stores a row of the same size, which is sent to
// nobody: for whoever names an address that nobody has here.
func (s *Service) Decoy(ctx context.Context, tx store.Tx, live *environment.Live, m Message) error {
	return s.queue(ctx, tx, live, m, true)
}

func (s *Service) queue(ctx context.Context, tx store.Tx, live *environment.Live, m Message, nobody bool) error {
	row, err := s.row(ctx, live, m, nobody)
	if err != nil {
		return err
	}
	if err := tx.PutMessage(ctx, row); err != nil && (m.Once == "" || !errors.Is(err, store.ErrExists)) {
		return fmt.Errorf("queueing a message: %w", err)
	}
	s.agenda.queued()
	s.Wake() // what waits for its round begins to look
	return nil
}

// row is the message as it is stored.
func (s *Service) row(ctx context.Context, live *environment.Live, m Message, nobody bool) (store.Message, error) {
	c, err := s.checked(live, m)
	if err != nil {
		return store.Message{}, err
	}
	if c.Nobody = nobody; nobody {
		c.Address, c.Name = "", ""
	}
	now := s.cfg.Now()
	row := store.Message{
		Channel: string(m.To.Channel), Template: string(m.Template), Customer: m.To.Customer, State: store.MessageQueued,
		Due: now, Created: now, Updated: now, Until: c.Until,
	}
	if row.ID, err = s.newID(now); err != nil {
		return store.Message{}, err
	}
	if m.Once != "" {
		sum := sha256.Sum256(fmt.Appendf(nil, "sallyport message\x00%d\x00%s", live.ID, m.Once))
		row.Once = sum[:]
	}
	if row.Sealed, err = s.seal(ctx, live.ID, row.ID, c); err != nil {
		return store.Message{}, err
	}
	return row, nil
}

// checked holds a message to its kind, its channel and the configuration.
func (s *Service) checked(live *environment.Live, m Message) (content, error) {
	snapshot := live.Snapshot()
	if snapshot == nil {
		return content{}, ErrNoChannel
	}
	if m.Brand == "" && snapshot.Site != nil { // nobody hears another brand's name
		m.Brand = snapshot.Site.Brand.Name
	}
	kind, known := message.Lookup(m.Template)
	if !known || !kind.Travels(m.To.Channel) {
		return content{}, fmt.Errorf("%q by %q: %w", m.Template, m.To.Channel, ErrTemplate)
	}
	if kind.Secret && m.Until.IsZero() {
		return content{}, fmt.Errorf("%s without an end: %w", m.Template, ErrTemplate)
	}
	values, err := kind.Clean(m.Values)
	if err != nil {
		return content{}, fmt.Errorf("%s: %w: %w", m.Template, ErrTemplate, err)
	}
	if snapshot.SenderOf(m.To.Channel, m.Brand) == nil {
		return content{}, ErrNoChannel
	}
	address, err := checkAddress(m.To.Channel, m.To.Address)
	if err != nil {
		return content{}, err
	}
	return content{Address: address, Name: cleanName(m.To.Name), Language: m.To.Language.Canonical(), Values: values, Brand: m.Brand, Until: m.Until, Seek: m.Seek}, nil
}

// newID gives an id that is greater than those before, to the microsecond.
func (s *Service) newID(now time.Time) (string, error) {
	var id [16]byte
	binary.BigEndian.PutUint64(id[:], uint64(now.UnixMicro()))
	if _, err := io.ReadFull(s.cfg.Rand, id[8:]); err != nil {
		return "", fmt.Errorf("naming a message: %w", err)
	}
	return hex.EncodeToString(id[:]), nil
}

func sealedAs(id string) string { return "message/" + id }

func (s *Service) seal(ctx context.Context, env store.EnvironmentID, id string, c content) ([]byte, error) {
	plain, err := json.Marshal(c)
	if err != nil {
		return nil, fmt.Errorf("encoding a message: %w", err)
	}
	plain = append(plain, bytes.Repeat([]byte{' '}, padding-len(plain)%padding)...)
	sealed, err := s.cfg.Sealer.Seal(ctx, env, sealedAs(id), plain)
	if err != nil {
		return nil, fmt.Errorf("sealing a message: %w", err)
	}
	return sealed, nil
}

func (s *Service) open(ctx context.Context, env store.EnvironmentID, m store.Message) (content, error) {
	var c content
	plain, err := s.cfg.Sealer.Open(ctx, env, sealedAs(m.ID), m.Sealed)
	if err != nil {
		return c, fmt.Errorf("opening a message: %w", err)
	}
	if err := json.Unmarshal(plain, &c); err != nil {
		return c, errors.New("decoding a message") // the error would hold parts of it
	}
	return c, nil
}
