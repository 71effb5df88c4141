package firebase

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"net/netip"
	"net/url"
	"time"

	"sallyport/protocol/jose"
	"sallyport/service/source"
	"sallyport/service/source/oauth"
)

// account is what is read of a user.
type account struct {
	ID    string `json:"localId"`
	Email string `json:"email"`
	Phone string `json:"phoneNumber"`
}

// accounts are the users of an answer.
func accounts(answer *source.Response) ([]json.RawMessage, error) {
	var said struct {
		Users []json.RawMessage `json:"users"`
	}
	if json.Unmarshal(answer.Body, &said) != nil {
		return nil, &source.Fault{Reason: source.Malformed, What: "the answer is no JSON object that can be read"}
	}
	return said.Users, nil
}

// exported makes a user of an export of one of the API. Hashes of somebody who
// just proved the password are left out: for an account's own token they are
// blackened, and a new one is made here.
func exported(raw json.RawMessage, hashes bool) (json.RawMessage, error) {
	var members map[string]json.RawMessage
	if json.Unmarshal(raw, &members) != nil || members == nil {
		return nil, &source.Fault{Reason: source.Malformed, What: "a user is no JSON object"}
	}
	if at, has := members["lastLoginAt"]; has {
		members["lastSignedInAt"] = at
		delete(members, "lastLoginAt")
	}
	if !hashes {
		delete(members, "passwordHash")
		delete(members, "salt")
	}
	for _, name := range []string{"kind", "version", "lastRefreshAt", "rawPassword"} {
		delete(members, name)
	}
	whole, err := json.Marshal(members)
	if err != nil {
		return nil, &source.Fault{Reason: source.Malformed, What: "a user cannot be written"}
	}
	return whole, nil
}

func projectPath(spec *source.Spec) (string, error) {
	project, err := source.Segment(spec.Project)
	if err != nil {
		return "", &source.Fault{Reason: source.NotConfigured, What: "project: is missing, which a look-up needs"}
	}
	path := "/v1/projects/" + project
	if spec.Tenant == "" {
		return path, nil
	}
	tenant, err := source.Segment(spec.Tenant)
	if err != nil {
		return "", err
	}
	return path + "/tenants/" + tenant, nil
}

// machineOf reads the key file of a service account, and gives the client that it
// is: one that proves itself by an assertion of its own (RFC 7523 §2.1).
func machineOf(file []byte, client *source.Client, deps source.Deps) (*oauth.Machine, error) {
	var said struct {
		Email string `json:"client_email"`
		KeyID string `json:"private_key_id"`
		Key   string `json:"private_key"`
		URL   string `json:"token_uri"`
	}
	bad := &source.Fault{Reason: source.NotConfigured, What: "lookup_secret is no key file of a service account"}
	if json.Unmarshal(file, &said) != nil || said.Email == "" || !addressed(said.URL) {
		return nil, bad
	}
	block, _ := pem.Decode([]byte(said.Key))
	if block == nil {
		return nil, bad
	}
	if parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes); err != nil {
		return nil, bad
	} else if _, is := parsed.(*rsa.PrivateKey); !is {
		return nil, bad
	}
	key, err := jose.ParsePKCS8(jose.RS256, block.Bytes)
	if err != nil {
		return nil, bad
	}
	signer, err := jose.NewSigner(key, "JWT")
	if err != nil {
		return nil, bad
	}
	return &oauth.Machine{
		Endpoint: oauth.Endpoint{Client: client, URL: said.URL, Authenticate: "none"}, Now: deps.Now,
		Values: func() (url.Values, error) {
			now := deps.Now()
			payload, err := json.Marshal(map[string]any{
				"iss": said.Email, "aud": said.URL, "iat": now.Unix(), "exp": now.Add(10 * time.Minute).Unix(),
				"scope": "https://www.googleapis.com/auth/identitytoolkit",
			})
			if err != nil {
				return nil, bad
			}
			assertion, err := signer.Sign(deps.Rand, payload)
			if err != nil {
				return nil, bad
			}
			return url.Values{"grant_type": {"urn:ietf:params:oauth:grant-type:jwt-bearer"}, "assertion": {assertion}}, nil
		},
	}, nil
}

// addressed tells whether a token can be asked for at an address: https, or http on
// this machine.
func addressed(text string) bool {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" {
		return false
	}
	if u.Scheme == "https" {
		return true
	}
	a, err := netip.ParseAddr(u.Hostname())
	return u.Scheme == "http" && err == nil && a.IsLoopback()
}
