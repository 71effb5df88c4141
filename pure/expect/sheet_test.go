package expect_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"sallyport/pure/access"
	"sallyport/pure/config"
	"sallyport/pure/expect"
)

func TestASheetOfWhatIsIsMet(t *testing.T) {
	s := acme(t, "", nil)
	for name, server := range s.Servers {
		matrix, err := access.Prove(server.Access, access.Options{})
		if err != nil {
			t.Fatal(err)
		}
		list := expect.List{Name: "as-it-is", Server: name, Owner: "testers", Reason: "What there was on 14 May.", Sheet: "who.csv"}
		with := acme(t, string(expect.File(list)), map[string]string{"who.csv": string(expect.Sheet(matrix))})
		verdicts := judged(t, with, expect.Options{})
		if all, failed := expect.Count(verdicts); failed > 0 || all != len(matrix.Rows)*len(matrix.Scopes) {
			t.Errorf("%s: %d judged, %d failed", name, all, failed)
		}
		for _, c := range expect.Cover(with) {
			if c.Server == name && len(c.Untested) > 0 {
				t.Errorf("%s: untested %v", name, c.Untested)
			}
		}
	}
}

func FuzzAFileSaysWhatItWasGiven(f *testing.F) {
	f.Add("scope board", "Decided: \"never\" ${x} \u2028 # yes")
	f.Add("yes", "-")
	f.Add("1.10", "a\\b\n\tc")
	f.Fuzz(func(t *testing.T, owner, reason string) {
		unfit := func(r rune) bool { return r >= 0xfdd0 && r <= 0xfdef || r&0xfffe == 0xfffe }
		if owner == "" || reason == "" || !utf8.ValidString(owner) || !utf8.ValidString(reason) || strings.ContainsFunc(owner+reason, unfit) {
			t.Skip()
		}
		if len(owner)+len(reason) > 4000 || strings.Contains(owner+reason, "PRIVATE KEY-----") {
			t.Skip() // refused by the tree for what it says
		}
		file := expect.File(expect.List{Name: "a", Server: "apps", Owner: owner, Reason: reason, Sheet: "who.csv"})
		s := acme(t, string(file), map[string]string{"who.csv": "application,billing.read.bill\nkiosk,yes\n"})
		if got := s.Expectations["a"]; got.Owner != owner || got.Reason != reason {
			t.Errorf("%q, %q from\n%s", got.Owner, got.Reason, file)
		}
	})
}

func TestAnyFutureApplicationIsNoNameOfAnApplication(t *testing.T) {
	_, problems := config.Parse(map[string][]byte{"t.yaml": []byte("kind: application\nname: " + config.AnyFuture + "\n")})
	if !config.Refused(problems) {
		t.Error("it was taken")
	}
}
