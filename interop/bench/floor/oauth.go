package floor

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"golang.org/x/crypto/argon2"
	_ "modernc.org/sqlite" // the driver of the default store
)

// oauth is the floor of an authorization server. It decides nothing.
type oauth struct {
	secrets map[string][sha256.Size]byte
	keys    keys
	key     *ecdsa.PrivateKey
	header  string // of tokens, encoded
	insert  *sql.Stmt
}

const schema = `CREATE TABLE IF NOT EXISTS bench_floor (at BIGINT NOT NULL, body TEXT NOT NULL)`

// row is as large as a small record with its event.
var row = strings.Repeat("x", 400)

func newOAuth(c Config) (http.Handler, error) {
	o := &oauth{secrets: map[string][sha256.Size]byte{}, header: encode([]byte(`{"alg":"ES256","typ":"at+jwt","kid":"floor"}`))}
	for client, secret := range c.Secrets {
		o.secrets[client] = sha256.Sum256([]byte(secret))
	}
	var err error
	if o.keys, err = readKeys(c.Keys); err != nil {
		return nil, err
	}
	if o.key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		return nil, err
	}
	if err := o.open(c); err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /token", o.token(1, 0))
	mux.HandleFunc("GET /authorize", o.authorize)
	mux.HandleFunc("POST /code", o.token(2, 1))
	mux.HandleFunc("POST /refresh", o.token(1, 1))
	mux.HandleFunc("GET /userinfo", o.userinfo)
	mux.HandleFunc("POST /hash", hash)
	for path, body := range c.Documents {
		mux.HandleFunc("GET "+path, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write(body)
		})
	}
	return mux, nil
}

func (o *oauth) open(c Config) error {
	db, err := sql.Open(c.Driver, c.Database)
	if err != nil {
		return err
	}
	if c.Driver == "sqlite" {
		db.SetMaxOpenConns(1)
	}
	if _, err := db.Exec(schema); err != nil {
		return err
	}
	o.insert, err = db.Prepare("INSERT INTO bench_floor (at, body) VALUES ($1, $2)")
	return err
}

// commit makes one small row durable.
func (o *oauth) commit(ctx context.Context) error {
	_, err := o.insert.ExecContext(ctx, time.Now().UnixMicro(), row)
	return err
}

// token is the token floor: Basic, form, a compare, signatures, JSON, and commits.
func (o *oauth) token(signatures, commits int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		client, secret, _ := r.BasicAuth()
		digest, want := sha256.Sum256([]byte(secret)), o.secrets[client]
		if err := r.ParseForm(); err != nil || r.PostForm.Get("grant_type") == "" || subtle.ConstantTimeCompare(digest[:], want[:]) != 1 {
			http.Error(w, "no", http.StatusUnauthorized)
			return
		}
		answer := map[string]any{"token_type": "Bearer", "expires_in": 900, "scope": "payments.read.posting"}
		for _, name := range []string{"access_token", "id_token"}[:signatures] {
			token, err := o.sign(client)
			if err != nil {
				http.Error(w, "no", http.StatusInternalServerError)
				return
			}
			answer[name] = token
		}
		for range commits {
			if err := o.commit(r.Context()); err != nil {
				http.Error(w, "no", http.StatusInternalServerError)
				return
			}
		}
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-store")
		_ = json.NewEncoder(w).Encode(answer)
	}
}

// claims are those of RFC 9068.
type claims struct {
	Issuer   string `json:"iss"`
	Subject  string `json:"sub"`
	Audience string `json:"aud"`
	Client   string `json:"client_id"`
	ID       string `json:"jti"`
	Scope    string `json:"scope"`
	Issued   int64  `json:"iat"`
	Expires  int64  `json:"exp"`
}

func (o *oauth) sign(client string) (string, error) {
	now := time.Now().Unix()
	var id [24]byte
	_, _ = rand.Read(id[:]) // never fails
	payload, err := json.Marshal(claims{
		"https://id.floor.test/enterprise", "app:" + client, "https://api.floor.test", client,
		encode(id[:]), "payments.read.posting", now, now + 900,
	})
	if err != nil {
		return "", err
	}
	input := o.header + "." + encode(payload)
	digest := sha256.Sum256([]byte(input))
	// Without randomness: RFC 6979, the cheapest safe way.
	der, err := o.key.Sign(nil, digest[:], signing)
	if err != nil {
		return "", err
	}
	signature, err := raw(der)
	return input + "." + encode(signature), err
}

// authorize is a session's redirection with a code, and the commit of having said so.
func (o *oauth) authorize(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	if _, err := r.Cookie("session"); err != nil || query.Get("client_id") == "" || query.Get("code_challenge") == "" {
		http.Error(w, "no", http.StatusBadRequest)
		return
	}
	if err := o.commit(r.Context()); err != nil {
		http.Error(w, "no", http.StatusInternalServerError)
		return
	}
	var code [32]byte
	_, _ = rand.Read(code[:])
	w.Header().Set("Location", query.Get("redirect_uri")+"?code="+encode(code[:])+"&state="+query.Get("state"))
	w.WriteHeader(http.StatusSeeOther)
}

// userinfo is one verification and a small answer.
func (o *oauth) userinfo(w http.ResponseWriter, r *http.Request) {
	who, err := o.keys.verify(strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "), time.Now())
	if err != nil {
		http.Error(w, "no", http.StatusUnauthorized)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"sub": who.Subject})
}

// hash is one Argon2id hash of the product's cost.
func hash(w http.ResponseWriter, r *http.Request) {
	sum := argon2.IDKey([]byte(r.FormValue("password")), []byte("0123456789abcdef"), 2, 19<<10, 1, 32)
	_, _ = w.Write(sum)
}

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }
