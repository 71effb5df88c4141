package jose

import (
	"crypto"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"testing"

	gojose "github.com/go-jose/go-jose/v4"
)

// goJoseSign signs as a peer would, with go-jose's own header.
func goJoseSign(t testing.TB, key *PrivateKey, typ, payload string) string {
	t.Helper()
	options := (&gojose.SignerOptions{}).WithHeader("kid", string(key.KeyID()))
	if typ != "" {
		options = options.WithType(gojose.ContentType(typ))
	}
	signer, err := gojose.NewSigner(gojose.SigningKey{Algorithm: gojose.SignatureAlgorithm(key.Algorithm()), Key: key.private.Signer}, options)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := signer.Sign([]byte(payload))
	if err != nil {
		t.Fatal(err)
	}
	token, err := signed.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func TestGoJoseVerifiesWhatWeSign(t *testing.T) {
	for _, alg := range algorithms {
		t.Run(string(alg), func(t *testing.T) {
			key := newKey(t, alg)
			token, err := gojose.ParseSignedCompact(mustSign(t, key, "at+jwt", `{"a":1}`), []gojose.SignatureAlgorithm{gojose.SignatureAlgorithm(alg)})
			if err != nil {
				t.Fatal(err)
			}
			// Their reading of the set that we publish, not our own key.
			published, err := json.Marshal(KeySet{key.Public()})
			if err != nil {
				t.Fatal(err)
			}
			var set gojose.JSONWebKeySet
			if err := json.Unmarshal(published, &set); err != nil {
				t.Fatal(err)
			}
			theirs := set.Key(string(key.KeyID()))
			if len(theirs) != 1 || theirs[0].Use != "sig" || theirs[0].Algorithm != string(alg) {
				t.Fatalf("they read %+v", theirs)
			}
			payload, err := token.Verify(theirs[0])
			if err != nil || string(payload) != `{"a":1}` {
				t.Errorf("got %q, %v", payload, err)
			}
			thumbprint, err := theirs[0].Thumbprint(crypto.SHA256)
			if err != nil || base64.RawURLEncoding.EncodeToString(thumbprint) != string(key.KeyID()) {
				t.Errorf("their thumbprint differs from our kid: %v", err)
			}
		})
	}
}

func TestWeVerifyWhatGoJoseSigns(t *testing.T) {
	for _, alg := range algorithms {
		t.Run(string(alg), func(t *testing.T) {
			key := newKey(t, alg)
			for _, typ := range []string{"at+jwt", "application/at+jwt"} {
				payload, kid, err := mustVerifier(t, "at+jwt", key).Verify(goJoseSign(t, key, typ, `{"a":1}`))
				if err != nil || string(payload) != `{"a":1}` || kid != key.KeyID() {
					t.Errorf("typ %s: got %q, %q, %v", typ, payload, kid, err)
				}
			}
		})
	}
}

func TestWeReadTheKeySetsThatGoJoseWrites(t *testing.T) {
	var theirs gojose.JSONWebKeySet
	var want []KeyID
	for _, alg := range algorithms {
		key := newKey(t, alg)
		theirs.Keys = append(theirs.Keys, gojose.JSONWebKey{Key: key.Public().Key, KeyID: string(key.KeyID()), Algorithm: string(alg), Use: "sig"})
		want = append(want, key.KeyID())
	}
	written, err := json.Marshal(theirs)
	if err != nil {
		t.Fatal(err)
	}
	ours, err := ParseKeySet(written)
	if err != nil || len(ours) != len(want) {
		t.Fatalf("got %d keys, %v", len(ours), err)
	}
	for i, key := range ours {
		if thumbprint, err := key.Thumbprint(); key.KeyID != want[i] || thumbprint != want[i] || key.Algorithm != algorithms[i] || err != nil {
			t.Errorf("key %d: %q, %q, %v", i, key.Algorithm, key.KeyID, err)
		}
	}
}

// FuzzBothVerifiersAgreeWithGoJose: what our verifier accepts, go-jose accepts too and reads the
// same; it is laxer than we are, so not the other way round.
func FuzzBothVerifiersAgreeWithGoJose(f *testing.F) {
	key := newKey(f, EdDSA)
	verifier := mustVerifier(f, "at+jwt", key)
	foreign, err := NewForeignVerifier(Foreign{Keys: KeySet{key.Public()}, Algorithms: []Algorithm{EdDSA}, Types: []string{"at+jwt"}})
	if err != nil {
		f.Fatal(err)
	}
	signer, err := NewSigner(key, "at+jwt")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(`{"alg":"EdDSA","kid":"x","typ":"at+jwt"}`, []byte("{}"))
	f.Add(`{"typ":"at+jwt","alg":"EdDSA"}`, []byte(""))
	f.Add(`{"alg":"EdDSA","alg":"EdDSA"}`, []byte("{}"))
	f.Add(`{"alg":"EdDSA","crit":["b64"],"b64":false}`, []byte("{}"))
	f.Fuzz(func(t *testing.T, header string, payload []byte) {
		// Any header at all, and a good signature over it: the key's owner gone mad.
		input := base64url.EncodeToString([]byte(header)) + "." + base64url.EncodeToString(payload)
		signature, err := key.sign(rand.Reader, []byte(input), nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, token := range []string{input + "." + base64url.EncodeToString(signature), header} {
			ours, _, err := verifier.Verify(token)
			theirPayload, _, theirErr := foreign.Verify(token)
			if err == nil && (theirErr != nil || string(ours) != string(theirPayload)) {
				t.Fatalf("we accept %q, they say %v", token, theirErr)
			}
		}
		if token, err := signer.Sign(nil, payload); err == nil {
			if ours, _, err := verifier.Verify(token); err != nil || string(ours) != string(payload) {
				t.Fatalf("round trip: %v", err)
			}
		}
	})
}
