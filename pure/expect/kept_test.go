package expect_test

import (
	"strings"
	"testing"

	"sallyport/pure/expect"
)

func TestAStatementThatIsTakenOutByWhatItWouldStopIsTold(t *testing.T) {
	const stops, holds = "must: never, application: kiosk, scopes: [outage.write.report]", "must: never, application: kiosk, scopes: [billing.write.payment]"
	for _, test := range []struct {
		name, before, after string
		told                bool
	}{
		{"taken out, and it would not hold", list(stops), "", true},
		{"turned into one that holds", list(stops), list(holds), true},
		{"still there, to fail by itself", list(stops), list(stops), false},
		{"still there, for another reason and in another list", list(stops), strings.Replace(list(stops), "name: board", "name: others", 1), false},
		{"taken out, and it would hold", list(holds), "", false},
		{"never there", "", list(stops), false},
	} {
		t.Run(test.name, func(t *testing.T) {
			gates := expect.Dropped(acme(t, test.before, nil), acme(t, test.after, nil))
			if told := len(gates) == 1; told != test.told {
				t.Fatalf("gates: %+v", gates)
			}
			if test.told && (gates[0].Name != expect.DroppedName || !strings.Contains(gates[0].Text, "kiosk must never obtain outage.write.report (scope board: Decided in May.)")) {
				t.Errorf("gate: %+v", gates[0])
			}
		})
	}
	if gates := expect.Dropped(nil, acme(t, list(stops), nil)); len(gates) > 0 {
		t.Errorf("of the first revision: %+v", gates)
	}
}
