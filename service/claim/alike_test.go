package claim_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"sallyport/service/claim"
)

// A number that nobody has, one whose facts are others, and one that is somebody's are
// told apart by no answer, and by nothing that is asked of the store for it.
func TestAClaimTellsNobodyWhichNumbersThereAre(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		owner := w.somebody(t, "dana", "", "")
		if a := w.claim(t, owner, "HL-1", right); a.Outcome != claim.Linked {
			t.Fatalf("its owner: %+v", a)
		}
		walk := func(name, number string) (answers []claim.Answer, asked []string) {
			who := w.somebody(t, name, "", "")
			w.Asked()
			for range 7 { // until a person is to look
				a := w.claim(t, who, number, map[string]string{"postcode": "XY9 9XY", "last-bill": "1.00"})
				a.Reference, a.Claim = "", [16]byte{}
				answers = append(answers, a)
			}
			return answers, w.Asked()
		}
		walk("first", "HL-98") // what is made at first use is there
		answers, asked := walk("nobody", "HL-99")
		if len(asked) < 20 {
			t.Fatalf("only %d statements were asked", len(asked))
		}
		for name, number := range map[string]string{"known": "HL-2", "owned": "HL-1"} {
			got, cost := walk(name, number)
			if diff := cmp.Diff(answers, got); diff != "" {
				t.Errorf("%s is answered otherwise than a number that nobody has:\n%s", name, diff)
			}
			if diff := cmp.Diff(asked, cost); diff != "" {
				t.Errorf("%s costs other than a number that nobody has:\n%s", name, diff)
			}
		}
	})
}
