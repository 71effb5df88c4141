package expect_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sallyport/pure/access"
	"sallyport/pure/expect"
)

// noon is on a Sunday, when the reports of testdata are closed.
var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

const walked = `kind: expectations
name: board
server: apps
owner: scope board
reason: Decided in May.
statements:
  - {must: only, application: my-account, scopes: [billing.read.bill, billing.write.payment]}
  - {must: never, application: kiosk, scopes: [billing.write.payment]}
  - {must: obtain, server: enterprise, application: sunshare, scopes: [usage.read.interval]}
  - {must: never, server: enterprise, application: sunshare, scopes: [payments.write.posting]}
  - {must: never, application: any future application, scopes: [billing.read.bill]}
  - {must: never, application: payright, scopes: [billing.read.bill]}
`

func TestWalksAreOneForEachCellAndOneForEachRule(t *testing.T) {
	walks, err := expect.Walks(acme(t, walked, nil), expect.WalkOptions{Now: noon})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, w := range walks {
		got = append(got, fmt.Sprintf("%s %s %v: %s; %s; %s", w.Application, w.Scope, w.Groups, w.Expected, w.Why, w.Skipped))
	}
	want := []string{
		"payright payments.read.posting []: payments.read.posting; boundary of rule partners/post; ",
		"sunshare payments.write.posting []: refused with invalid_scope; board.yaml:10; ",
		"sunshare usage.read.interval []: refused with access_denied; board.yaml:9; it needs another time of the week",
		"kiosk billing.read.bill [landlords]: billing.read.bill; boundary of rule own/residential-do-all; ",
		"my-account billing.read.bill [landlords]: billing.read.bill; board.yaml:7; ",
		"my-account outage.write.report [landlords residential]: refused with invalid_scope; board.yaml:7; ",
		"kiosk billing.read.bill []: refused with invalid_scope; boundary of rule own/landlords-see; ",
		"kiosk billing.write.payment [residential]: refused with invalid_scope; board.yaml:8; ",
		"my-account billing.write.payment [residential]: billing.write.payment; board.yaml:7; ",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestTooManyWalksAreRefusedBeforeAnythingIsMade(t *testing.T) {
	if _, err := expect.Walks(acme(t, walked, nil), expect.WalkOptions{Now: noon, Most: 3}); !errors.Is(err, expect.ErrTooMany) {
		t.Error(err)
	}
	if _, err := expect.Walks(acme(t, walked, nil), expect.WalkOptions{Options: expect.Options{Lists: []string{"gone"}}}); !errors.Is(err, expect.ErrUnknown) {
		t.Error(err)
	}
}

func TestOutcomesAgreeByWhatIsGranted(t *testing.T) {
	for _, c := range []struct {
		a, b   expect.Outcome
		agrees bool
	}{
		{expect.Outcome{Error: "access_denied"}, expect.Outcome{Error: "invalid_scope"}, true},
		{expect.Outcome{Error: "access_denied"}, expect.Outcome{}, false},
		{expect.Outcome{Granted: []access.Scope{"a", "b"}}, expect.Outcome{Granted: []access.Scope{"b", "a"}}, true},
		{expect.Outcome{Granted: []access.Scope{"a"}}, expect.Outcome{Granted: []access.Scope{"a", "b"}}, false},
	} {
		if c.a.Agrees(c.b) != c.agrees {
			t.Errorf("%s and %s", c.a, c.b)
		}
	}
}
