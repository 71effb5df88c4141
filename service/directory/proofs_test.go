package directory_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sallyport/protocol/passkey/passkeytest"
	"sallyport/service/directory"
	"sallyport/service/signin/signintest"
	"sallyport/store"
)

func TestWhatACustomerHasBesidesThePasswordIsListed(t *testing.T) {
	w := signintest.New(t, signintest.URL, nil)
	dana := w.Customer("dana", "")
	w.Passkey(dana, passkeytest.New(t, passkeytest.ES256, "harbourlight.test"), func(p *store.Passkey) { p.Created = w.Now() })
	begun := store.Factor{ID: [16]byte{1}, Customer: dana, Kind: store.FactorPhone, Sealed: []byte("x"), Created: w.Now()}
	app := store.Factor{ID: [16]byte{2}, Customer: dana, Kind: store.FactorTOTP, Label: "Tablet", Source: "migration/orchard", Sealed: []byte("x"), Confirmed: w.Now()}
	err := w.Store.Write(t.Context(), w.Live.ID, func(tx store.Tx) error {
		if err := tx.PutFactor(t.Context(), begun); err != nil {
			return err
		}
		return tx.PutFactor(t.Context(), app)
	})
	if err != nil {
		t.Fatal(err)
	}
	got, err := w.Directory.Proofs(t.Context(), w.Live.ID, dana)
	now := w.Now().Truncate(time.Microsecond)
	want := []directory.Proof{
		{Kind: "totp", Label: "Tablet", Source: "migration/orchard", Since: now},
		{Kind: "passkey", Label: "Phone", Source: "migration/orchard", For: "harbourlight.test", Since: now},
	}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v (-want +got)\n%s", err, diff)
	}
	if other, err := w.Directory.Proofs(t.Context(), w.Preview.ID, dana); err != nil || len(other) > 0 {
		t.Errorf("another environment has %+v, %v", other, err)
	}
}
