package signin_test

import (
	"crypto/rand"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"testing"

	"sallyport/protocol/otp"
	"sallyport/protocol/passhash"
	"sallyport/pure/journey"
	"sallyport/service/audit"
	"sallyport/store"
)

// What an earlier system kept of recovery codes lets in once: digests, and hashes
// such as it made of passwords, which are as dear to check as those.
func TestRecoveryCodesOfAnEarlierSystemLetInOnce(t *testing.T) {
	w := world(t, nil)
	id := w.Customer("dana", w.Hash("tractor"))
	w.AskForCodes("enrolled")
	digest := sha512.Sum512([]byte("QUAY77GULL42"))
	slow, err := passhash.New(rand.Reader, []byte("tide-9031"), passhash.Argon2Cost{MemoryKiB: 64, Time: 1, Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	set, left, err := otp.ForeignRecovery(rand.Reader, []otp.ForeignCode{
		{Digest: []byte(base64.StdEncoding.EncodeToString(digest[:])), Scheme: "RS512"}, {Digest: []byte(slow)}, {Plain: "harbour 11"},
	})
	if err != nil || left != 0 {
		t.Fatal(left, err)
	}
	key, err := otp.NewKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for i, secret := range map[store.FactorKind][]byte{store.FactorRecovery: set.Encode(), store.FactorTOTP: key.Encode()} {
		f := store.Factor{Customer: id, Kind: i, Source: "migration/orchard", Confirmed: w.Now(), Created: w.Now()}
		_, _ = rand.Read(f.ID[:])
		if f.Sealed, err = w.Master.Seal(t.Context(), w.Live.ID, "factor/"+hex.EncodeToString(f.ID[:]), secret); err != nil {
			t.Fatal(err)
		}
		if err := w.Store.Write(t.Context(), w.Live.ID, func(tx store.Tx) error { return tx.PutFactor(t.Context(), f) }); err != nil {
			t.Fatal(err)
		}
	}
	for _, code := range []string{"quay-77gu-ll42", "tide-9031", "HARBOUR11"} {
		b := w.Browser()
		ticket, _ := first(b)
		goesOn(t, b.Recovery(ticket, code))
		if a, m := signedIn(t, b); a != "mfa" || m != "pwd mfa" {
			t.Errorf("the session is at %q by %q", a, m)
		}
		again := w.Browser()
		ticket, _ = first(again)
		shows(t, again.Recovery(ticket, code), journey.RecoveryPage, journey.RecoveryRefused)
	}
	if used := w.Events(audit.RecoveryUsed); len(used) != 3 {
		t.Errorf("the ledger says %+v", used)
	}
}
