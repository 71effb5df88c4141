package issue

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"sallyport/protocol/oauth"
	"sallyport/pure/config"
	"sallyport/store"
)

// Logout is an application's request to sign a customer out (OpenID Connect
// RP-Initiated Logout 1.0 §2), as far as it is believed.
type Logout struct {
	Application string          // empty: nobody that we know
	Session     store.SessionID // of an ID token that we signed for it; zero: none was sent
	Redirect    string          // registered, byte for byte; empty: nowhere
	State       string
}

const (
	logoutLabel = "logout"
	maxLogout   = 3 << 10 // sealed, it must fit in a URL
)

// ReadLogout believes what it can. The hint says which application asks and
// which session it means, nothing else: who is signed in is the cookie's to say.
// Its age does not matter. One that does not verify, or is not that of client_id,
// leaves a request of nobody, which leads nowhere.
func (s *Service) ReadLogout(ctx context.Context, v View, server *config.LiveServer, p oauth.Parameters) (Logout, error) {
	l := Logout{Application: p.Get("client_id"), State: p.Get("state")}
	if hint := p.Get("id_token_hint"); hint != "" {
		name, session, err := s.readHint(ctx, v, server, hint)
		if err != nil {
			return Logout{}, err
		}
		if name == "" || l.Application != "" && l.Application != name {
			return Logout{}, nil
		}
		l.Application, l.Session = name, session
	}
	application, found := v.Snapshot.Applications[l.Application]
	if !found {
		return Logout{}, nil
	}
	if _, served := application.Assigned[server.Name]; !served {
		return Logout{}, nil
	}
	if redirect := p.Get("post_logout_redirect_uri"); slices.Contains(application.LogoutRedirects, redirect) {
		l.Redirect = redirect
	}
	return l, nil
}

// readHint gives whose ID token a hint is, and of which session; empty if it is
// none of this server.
func (s *Service) readHint(ctx context.Context, v View, server *config.LiveServer, hint string) (application string, session store.SessionID, err error) {
	signing, err := s.Signing(ctx, v, server)
	if err != nil {
		return "", session, err
	}
	var claims struct {
		Issuer   string `json:"iss"`
		Audience string `json:"aud"`
		Session  string `json:"sid"`
	}
	payload, _, err := signing.ID.Verify(hint)
	if err != nil || json.Unmarshal(payload, &claims) != nil || claims.Issuer != server.Issuer {
		return "", session, nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(claims.Session)
	if err != nil || len(raw) != len(session) {
		return "", session, nil
	}
	return claims.Audience, store.SessionID(raw), nil
}

// sealedLogout is what SealLogout seals.
type sealedLogout struct {
	Made   time.Time `json:"t"`
	Logout Logout    `json:"l"`
}

// SealLogout seals a request for an hour, for the browser of a person, or for
// any browser if that is nil; [ErrPendingSize].
func (s *Service) SealLogout(ctx context.Context, v View, server *config.LiveServer, l Logout, of *Person) (string, error) {
	plain, err := json.Marshal(sealedLogout{s.cfg.Now(), l})
	if err != nil {
		return "", fmt.Errorf("sealing a logout: %w", err)
	}
	if len(plain) > maxLogout {
		return "", ErrPendingSize
	}
	secret, err := s.cfg.Keys.Secret(ctx, v.Env, logoutLabel)
	if err != nil {
		return "", err
	}
	return spell(secret.Seal(labelOf(server, of), plain)), nil
}

// OpenLogout opens what SealLogout sealed for the same server and session. What
// was registered then must be registered still; [ErrPending].
func (s *Service) OpenLogout(ctx context.Context, v View, server *config.LiveServer, sealed string, of *Person) (Logout, error) {
	secret, err := s.cfg.Keys.Secret(ctx, v.Env, logoutLabel)
	if err != nil {
		return Logout{}, err
	}
	raw, err := unspell(sealed)
	if err != nil {
		return Logout{}, ErrPending
	}
	plain, err := secret.Open(labelOf(server, of), raw)
	var opened sealedLogout
	if err != nil || json.Unmarshal(plain, &opened) != nil || s.cfg.Now().Sub(opened.Made) > pendingLife {
		return Logout{}, ErrPending
	}
	l := opened.Logout
	if application := v.Snapshot.Applications[l.Application]; application == nil || !slices.Contains(application.LogoutRedirects, l.Redirect) {
		l.Redirect = ""
	}
	return l, nil
}

// labelOf binds a sealed request to its server and its browser.
func labelOf(server *config.LiveServer, of *Person) string {
	label := logoutLabel + "/" + server.Name
	if of != nil {
		label += "/" + hex.EncodeToString(of.Session.ID[:])
	}
	return label
}
