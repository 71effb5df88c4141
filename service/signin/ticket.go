package signin

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"sallyport/pure/journey"
	"sallyport/service/environment"
)

const (
	ticketLife  = 30 * time.Minute
	maxTicket   = 16 << 10 // of the sealed form
	maxHint     = 254
	ticketLabel = "ticket"
	ticketPath  = "/signin?t="
	sealPurpose = "journey"
)

// Errors about tickets.
var (
	// ErrReturn: Ticket.Return is not a path of the environment.
	ErrReturn = errors.New("no place to return to")
	// ErrTicket: what stands in the address was not sealed here.
	ErrTicket = errors.New("not a sign-in ticket")
)

// Ticket says why a customer is asked to sign in and where they go on.
type Ticket struct {
	Return         string          // path and query below the environment's URL; always our own
	Application    string          // whose brand the pages wear
	Hint           string          // login_hint; shown as already typed
	Created        time.Time       // when sign-in was asked for; zero: now
	Reauthenticate bool            // a session from before Created is not enough
	TwoFactors     bool            // a session of one factor is not enough, where the journey can prove two
	Purpose        journey.Purpose // what they come for; empty: to sign in
	Anew           bool            // they register although somebody has their address, who never proved it
	SetUp          bool            // they come from a page that set a password, which is the first step of what follows
	Languages      []string        // ui_locales (OpenID Connect Core §3.1.2.1), best first; what is no tag of a language is left out
}

// sealedTicket is what a ticket seals.
type sealedTicket struct {
	Flow        []byte          `json:"f"` // names the cookie: seconds, so that names sort by age, and chance
	Return      string          `json:"r"`
	Application string          `json:"a,omitempty"`
	Hint        string          `json:"h,omitempty"`
	Created     int64           `json:"c"` // unix microseconds, as times are stored
	Again       bool            `json:"p,omitempty"`
	Two         bool            `json:"m,omitempty"`
	Anew        bool            `json:"n,omitempty"`
	SetUp       bool            `json:"s,omitempty"`
	Purpose     journey.Purpose `json:"w,omitempty"` // empty: to sign in
	Languages   []string        `json:"l,omitempty"`
}

// Begin gives the path and query, below the environment's URL, of the page that
// takes a customer through sign-in and then to t.Return. It stores nothing. The
// address is good for 30 minutes. [ErrReturn].
func (s *Service) Begin(ctx context.Context, live *environment.Live, t Ticket) (location string, err error) {
	if !ownPath(t.Return) {
		return "", ErrReturn
	}
	if len(t.Hint) > maxHint {
		t.Hint = "" // nobody's name is that long
	}
	if t.Purpose == journey.SignIn {
		t.Purpose = ""
	}
	if t.Created.IsZero() {
		t.Created = s.cfg.Now()
	}
	sealed := sealedTicket{
		Flow: make([]byte, 8), Return: t.Return, Application: t.Application, Hint: t.Hint, Created: t.Created.UnixMicro(),
		Again: t.Reauthenticate, Two: t.TwoFactors, Anew: t.Anew, SetUp: t.SetUp, Purpose: t.Purpose,
		Languages: tags(t.Languages),
	}
	binary.BigEndian.PutUint32(sealed.Flow, uint32(s.cfg.Now().Unix()))
	if _, err := io.ReadFull(s.cfg.Rand, sealed.Flow[4:]); err != nil {
		return "", fmt.Errorf("beginning a sign-in: %w", err)
	}
	secret, err := s.cfg.Keys.Secret(ctx, live.ID, sealPurpose)
	if err != nil {
		return "", fmt.Errorf("beginning a sign-in: %w", err)
	}
	plain, err := json.Marshal(sealed)
	if err != nil {
		return "", fmt.Errorf("beginning a sign-in: %w", err)
	}
	text := base64.RawURLEncoding.EncodeToString(secret.Seal(ticketLabel, plain))
	if len(text) > maxTicket {
		return "", fmt.Errorf("%w: it is too long", ErrReturn)
	}
	return ticketPath + text, nil
}

// ownPath tells whether a browser takes path as one of ours: "//host" and
// "/\host" lead elsewhere.
func ownPath(path string) bool {
	if !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || strings.Contains(path, `\`) {
		return false
	}
	return !strings.ContainsFunc(path, func(r rune) bool { return r <= ' ' || r == 0x7f })
}

// openTicket reads what Begin sealed; [ErrTicket].
func (s *Service) openTicket(ctx context.Context, live *environment.Live, text string) (sealedTicket, error) {
	var t sealedTicket
	if len(text) > maxTicket {
		return t, ErrTicket
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil {
		return t, ErrTicket
	}
	secret, err := s.cfg.Keys.Secret(ctx, live.ID, sealPurpose)
	if err != nil {
		return t, fmt.Errorf("opening a ticket: %w", err)
	}
	plain, err := secret.Open(ticketLabel, raw)
	if err != nil || json.Unmarshal(plain, &t) != nil {
		return t, ErrTicket
	}
	return t, nil
}

func (t *sealedTicket) created() time.Time { return time.UnixMicro(t.Created) }

func (t *sealedTicket) expired(now time.Time) bool { return now.Sub(t.created()) > ticketLife }
