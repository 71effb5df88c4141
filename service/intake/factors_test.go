package intake_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sallyport/pure/migrate"
	"sallyport/service/intake"
	"sallyport/store"
)

func TestTwoFilesAreJoinedAndNoRowOfEitherIsLeftOut(t *testing.T) {
	s := open(t)
	users, hashes := two(6)
	req := request(t, users, hashes)
	var factors strings.Builder
	for _, id := range []string{"nobody", firstUser(t, users)} {
		fmt.Fprintf(&factors, `{"user_id":%q,"mfa_factors":[{"totp":{"secret":"GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"}}]}`+"\n", id)
	}
	req.Joined[migrate.FactorsInput] = intake.Source{Name: "factors.ndjson", Reader: strings.NewReader(factors.String()), Size: int64(factors.Len())}
	with, err := service(s).Import(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := service(open(t)).Import(t.Context(), request(t, users, hashes))
	if err != nil {
		t.Fatal(err)
	}
	if with.Rows != plain.Rows+1 || with.Summary.Reasons[migrate.FactorsWithoutUser] != 1 || with.Digest == plain.Digest {
		t.Errorf("%d rows beside %d, %v", with.Rows, plain.Rows, with.Summary.Reasons)
	}
	want := plain.Ledger
	want[store.RecordHeld]++
	if diff := cmp.Diff(want, with.Ledger); diff != "" {
		t.Error(diff)
	}
}

// firstUser is the id of the first line.
func firstUser(t *testing.T, users string) string {
	t.Helper()
	_, rest, found := strings.Cut(users, `"user_id":"`)
	id, _, closed := strings.Cut(rest, `"`)
	if !found || !closed {
		t.Fatal("no user")
	}
	return id
}
