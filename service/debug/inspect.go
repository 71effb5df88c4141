package debug

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"sallyport/pure/config"
	"sallyport/service/environment"
	"sallyport/service/issue"
	"sallyport/service/keyring"
	"sallyport/service/verify"
)

// Inspection is what verifying a token found. It keeps nothing of the token but
// what it says.
type Inspection struct {
	Good  bool         `json:"good"`
	Check verify.Check `json:"check,omitempty"` // the first that failed
	Text  string       `json:"text"`

	// What the token says, once its signature was found good.
	Known       bool            `json:"known"`
	Server      string          `json:"server,omitempty"`
	Application string          `json:"application,omitempty"`
	Scopes      []string        `json:"scopes,omitempty"`
	Issued      time.Time       `json:"issued,omitzero"`
	Expires     time.Time       `json:"expires,omitzero"`
	Revision    int64           `json:"revision,omitempty"`
	Claims      json.RawMessage `json:"claims,omitempty"`
	Opaque      bool            `json:"opaque,omitempty"`
}

// checks say what a token failed, to whoever holds it.
var checks = map[verify.Check]string{
	verify.Form:        "It is no token of this environment by its looks.",
	verify.Type:        "It is a token, but not an access token.",
	verify.Key:         "It was made with a key that is none of this environment's now.",
	verify.Signature:   "Its signature is wrong: it was changed, or is not of this environment.",
	verify.Issuer:      "It is of an authorization server that this environment does not have.",
	verify.Audience:    "It is for another audience than its authorization server's.",
	verify.Expiry:      "It has expired.",
	verify.Future:      "It was issued in the future: a clock is wrong.",
	verify.Revocation:  "It was revoked: by itself, or with its grant, session or customer.",
	verify.Application: "Its application is no longer registered.",
}

// Inspect verifies an access token against the environment as the gateway would,
// whichever of its servers issued it. Errors are those of verify.Service that say
// nothing about the token; issue.ErrNoRevision.
func (s *Service) Inspect(ctx context.Context, live *environment.Live, token string) (Inspection, error) {
	v, err := issue.ViewOf(live)
	if err != nil {
		return Inspection{}, err
	}
	var servers []*config.LiveServer
	for _, name := range slices.Sorted(maps.Keys(v.Snapshot.Servers)) {
		servers = append(servers, v.Snapshot.Servers[name])
	}
	found, err := s.cfg.Verify.VerifyAny(ctx, live, servers, token)
	i := Inspection{Opaque: strings.HasPrefix(token, keyring.OpaquePrefix)}
	var refused *verify.Refusal
	switch {
	case errors.As(err, &refused):
		found, i.Check = refused.Token, refused.Check
		if i.Text = checks[refused.Check]; i.Text == "" {
			i.Text = "It fails the check " + string(refused.Check) + "."
		}
	case err != nil:
		return Inspection{}, err
	default:
		i.Good, i.Text = true, "It is good: the gateway would take it."
	}
	i.tell(found, servers)
	return i, nil
}

// tell adds what the token says.
func (i *Inspection) tell(t *verify.Token, servers []*config.LiveServer) {
	if t == nil {
		return
	}
	i.Known, i.Server, i.Application, i.Scopes, i.Revision = true, t.Server, t.ClientID, t.Scopes, t.Revision
	i.Issued, i.Expires, i.Claims = t.IssuedAt.UTC(), t.Expires.UTC(), t.Claims
	for _, server := range servers { // a token that fails a check may not be told its server by name
		if server.Issuer == t.Issuer {
			i.Server = server.Name
		}
	}
}

// ForHolder leaves of an inspection what the application that carries the token may
// read: of an opaque one, what every token says, as introspection does.
func (i Inspection) ForHolder() Inspection {
	if !i.Opaque || len(i.Claims) == 0 {
		return i
	}
	var members map[string]json.RawMessage
	if json.Unmarshal(i.Claims, &members) != nil {
		i.Claims = nil
		return i
	}
	maps.DeleteFunc(members, func(name string, _ json.RawMessage) bool { return !issue.Reserved(name) })
	i.Claims, _ = json.Marshal(members) // it came from JSON
	return i
}
