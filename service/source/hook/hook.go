// Package hook asks a service of the tenant's own about the people of a system
// that no other kind speaks to.
//
// The question is a compact JWS by the key of an authorization server, of the type
// sallyport-source+jwt, with the hook's address as audience and an id of its own.
// The password is in it sealed to the receiver's key (a compact JWE of the id and
// the password, so that it fits no other question) or, only if the connection says
// so, in clear inside TLS. The answer is JSON:
//
//	{"id": "…", "answer": "match", "record": {…}, "second_factor": false}
//
// with match, no_match or unavailable, and the id of the question. Record is the
// person as an export of the system would have it. Anything else in an answer, or
// another id, is no answer.
package hook

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"slices"
	"time"

	"sallyport/protocol/jose"
	"sallyport/pure/config"
	"sallyport/pure/legacy"
	"sallyport/service/source"
)

// Version is that of the form of questions and answers.
const Version = 1

// askedFor is how long a question is good: the longest time for an answer and a
// receiver's clock.
const askedFor = 60 * time.Second

// Open makes the system of a connection of kind hook.
func Open(_ context.Context, spec *source.Spec, deps source.Deps) (*source.System, error) {
	if deps.Sign == nil || deps.Issuer == nil {
		return nil, &source.Fault{Reason: source.NotConfigured, What: "there is no key to sign with"}
	}
	client, err := source.NewClient(spec, deps)
	if err != nil {
		return nil, err
	}
	h := &system{spec: spec, deps: deps, client: client}
	if spec.Password == config.HookSealed {
		if h.receiver, err = jose.NewRecipient(spec.KeyJWK); err != nil {
			return nil, &source.Fault{Reason: source.NotConfigured, What: "key: is no public key that a password can be sealed to"}
		}
	}
	found := &source.System{Verifier: h, Shut: client.Close}
	if spec.Finds {
		found.Finder = h
	}
	return found, nil
}

type system struct {
	spec     *source.Spec
	deps     source.Deps
	client   *source.Client
	receiver *jose.Recipient // nil: passwords go in clear inside TLS
}

// question is what is signed.
type question struct {
	Issuer   string `json:"iss"`
	Audience string `json:"aud"`
	Issued   int64  `json:"iat"`
	Expires  int64  `json:"exp"`
	ID       string `json:"jti"`
	Ask      ask    `json:"ask"`
}

type ask struct {
	Version     int    `json:"version"`
	What        string `json:"what"` // verify or find
	Environment string `json:"environment"`
	Migration   string `json:"migration"`
	Identifier  string `json:"identifier"`
	Password    string `json:"password,omitempty"` // inside TLS alone
	Sealed      string `json:"sealed,omitempty"`   // a JWE of a secret
}

// secret is what is sealed.
type secret struct {
	ID       string `json:"jti"`
	Password string `json:"password"`
}

// Verify implements source.Verifier.
func (h *system) Verify(ctx context.Context, login source.Login) source.Answer {
	q, err := h.ask("verify", login.Identifier)
	if err != nil {
		return source.Reject(err)
	}
	if q.Ask.Password = string(login.Password); h.receiver != nil {
		if q.Ask.Sealed, err = h.seal(q); err != nil {
			return source.Reject(err)
		}
		q.Ask.Password = ""
	}
	said, err := h.put(ctx, q)
	if err != nil {
		return source.Reject(err)
	}
	switch said.verdict {
	case "no_match":
		return source.No(source.WrongPassword)
	case "unavailable":
		return source.Answer{Reason: source.Broken}
	}
	answer := source.Answer{Verdict: source.Match, SecondFactor: said.second}
	if said.record != nil {
		if answer.Element, err = source.ElementOf(h.spec, said.record); err != nil {
			return source.Reject(err)
		}
	}
	return answer
}

// Find implements source.Finder.
func (h *system) Find(ctx context.Context, identifier string) (*source.Element, bool, error) {
	q, err := h.ask("find", identifier)
	if err != nil {
		return nil, false, err
	}
	said, err := h.put(ctx, q)
	switch {
	case err != nil:
		return nil, false, err
	case said.verdict == "no_match":
		return nil, false, nil
	case said.verdict == "unavailable":
		return nil, false, &source.Fault{Reason: source.Broken, What: "it says that it cannot tell"}
	case said.record == nil:
		return nil, false, &source.Fault{Reason: source.Malformed, What: "there is somebody, and no record"}
	}
	element, err := source.ElementOf(h.spec, said.record)
	if err != nil {
		return nil, false, err
	}
	element.Second = said.second
	return element, true, nil
}

func (h *system) ask(what, identifier string) (question, error) {
	var id [16]byte
	if _, err := io.ReadFull(h.deps.Rand, id[:]); err != nil {
		return question{}, &source.Fault{Reason: source.NotConfigured, What: "there is no randomness"}
	}
	now := h.deps.Now()
	return question{
		Issuer: h.deps.Issuer(h.spec.Server), Audience: h.spec.URL, Issued: now.Unix(), Expires: now.Add(askedFor).Unix(),
		ID:  base64.RawURLEncoding.EncodeToString(id[:]),
		Ask: ask{Version: Version, What: what, Environment: h.spec.Environment, Migration: h.spec.Migration, Identifier: identifier},
	}, nil
}

func (h *system) seal(q question) (string, error) {
	plain, err := json.Marshal(secret{q.ID, q.Ask.Password})
	if err != nil {
		return "", &source.Fault{Reason: source.NotConfigured, What: "the password cannot be written"}
	}
	defer clear(plain)
	sealed, err := h.receiver.Seal(plain)
	if err != nil {
		return "", &source.Fault{Reason: source.NotConfigured, What: "the password cannot be sealed"}
	}
	return sealed, nil
}

// put signs a question, sends it and reads the answer.
func (h *system) put(ctx context.Context, q question) (said, error) {
	payload, err := json.Marshal(q)
	if err != nil {
		return said{}, &source.Fault{Reason: source.NotConfigured, What: "the question cannot be written"}
	}
	defer clear(payload)
	token, err := h.deps.Sign(ctx, h.spec.Server, payload)
	if err != nil {
		return said{}, &source.Fault{Reason: source.NotConfigured, What: "the question cannot be signed"}
	}
	answer, err := h.client.Do(ctx, source.Request{Method: http.MethodPost, URL: h.spec.URL, Type: "application/jwt", Body: []byte(token)})
	if err != nil {
		return said{}, err
	}
	if answer.Status != http.StatusOK {
		return said{}, answer.Fault()
	}
	if media, _, err := mime.ParseMediaType(answer.Header.Get("Content-Type")); err != nil || media != "application/json" {
		return said{}, &source.Fault{Reason: source.Malformed, What: "the answer is not application/json"}
	}
	return judge(answer.Body, q.ID)
}

// said is an answer that counts.
type said struct {
	verdict string
	record  json.RawMessage
	second  bool
}

// judge reads an answer strictly: all that it may have, and the id of its question.
func judge(body []byte, id string) (said, error) {
	var form struct {
		ID     string          `json:"id"`
		Answer string          `json:"answer"`
		Record json.RawMessage `json:"record"`
		Second bool            `json:"second_factor"`
	}
	var members map[string]json.RawMessage
	if legacy.Decode(body, &members) != nil {
		return said{}, &source.Fault{Reason: source.Malformed, What: "the answer is no JSON object that can be read"}
	}
	for name := range members { // encoding/json alone takes names in any case
		if !slices.Contains([]string{"id", "answer", "record", "second_factor"}, name) {
			return said{}, &source.Fault{Reason: source.Malformed, What: "the answer has something that answers do not have"}
		}
	}
	if json.Unmarshal(body, &form) != nil {
		return said{}, &source.Fault{Reason: source.Malformed, What: "a member of the answer is of another type"}
	}
	if form.ID != id {
		return said{}, &source.Fault{Reason: source.OtherPerson, What: "the answer is that of another question"}
	}
	if bytes.Equal(form.Record, []byte("null")) {
		form.Record = nil
	}
	switch form.Answer {
	case "match":
		return said{form.Answer, form.Record, form.Second}, nil
	case "no_match", "unavailable":
		if form.Record != nil || form.Second {
			return said{}, &source.Fault{Reason: source.Malformed, What: "a record beside no match"}
		}
		return said{verdict: form.Answer}, nil
	}
	return said{}, &source.Fault{Reason: source.Malformed, What: "the answer is neither match, no_match nor unavailable"}
}
