package access_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"sallyport/pure/access"
)

func TestExpectationsAreJudgedWithAWitness(t *testing.T) {
	m := compile(t, utility(nil, allow("bill", "bill.read.invoice"), with(allow("pay", "bill.write.payment"), func(r *access.RuleSpec) {
		r.AnyOf, r.Assurance = groups{"landlords"}, access.TwoFactor
	})))
	x, err := access.Prove(m, access.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		sentence string
		expect   access.Expectation
		want     []string // of the failures
	}{
		{"never holds of what cannot be had", access.Expectation{Must: access.MustNever, Application: "app", Scopes: scopes{"meter.read.usage"}}, nil},
		{
			"never fails with who gets it",
			access.Expectation{Must: access.MustNever, Application: "app", Scopes: scopes{"bill.write.payment"}},
			[]string{"application app can obtain bill.write.payment: by rule main/pay, authorization_code, a customer in landlords, with two-factor"},
		},
		{"never holds of the future application, which no policy names", access.Expectation{Must: access.MustNever, Scopes: scopes{"bill.write.payment"}}, nil},
		{
			"obtain fails of what cannot be had",
			access.Expectation{Must: access.MustObtain, Application: "app", Scopes: scopes{"bill.read.invoice", "meter.read.usage"}},
			[]string{"application app can obtain meter.read.usage in no context"},
		},
		{
			"only fails of anything else",
			access.Expectation{Must: access.MustOnly, Application: "app", Scopes: scopes{"bill.read.invoice", "meter.read.usage"}},
			[]string{"application app can obtain bill.write.payment besides: by rule main/pay, authorization_code, a customer in landlords, with two-factor"},
		},
		{"only of nothing means nothing at all", access.Expectation{Must: access.MustOnly, Application: "other"}, nil},
		{
			"exactly fails both ways",
			access.Expectation{Must: access.MustExactly, Application: "app", Scopes: scopes{"bill.write.payment", "meter.read.usage"}},
			[]string{"application app can obtain bill.read.invoice besides: by rule main/bill, authorization_code, a customer in no group", "application app can obtain meter.read.usage in no context"},
		},
		{"nobody but holds of those named", access.Expectation{Must: access.MustNobodyBut, Scopes: scopes{"bill.write.payment"}, Applications: []access.ApplicationID{"app"}}, nil},
		{
			"nobody but fails of others",
			access.Expectation{Must: access.MustNobodyBut, Scopes: scopes{"bill.read.invoice"}, Applications: []access.ApplicationID{"other"}},
			[]string{"application app can obtain bill.read.invoice: by rule main/bill, authorization_code, a customer in no group"},
		},
		{
			"a typing error never passes for safety",
			access.Expectation{Must: access.MustNever, Application: "ap", Scopes: scopes{"bill.write.paymnt"}},
			[]string{"the server does not know scope bill.write.paymnt", "the server does not serve application ap"},
		},
		{"nor does a statement without scopes", access.Expectation{Must: access.MustNever, Application: "app"}, []string{"it names no scope, so it says nothing"}},
		{"nor one that is none", access.Expectation{Must: "neverr", Application: "app", Scopes: scopes{"bill.read.invoice"}}, []string{`"neverr" is no statement`}},
	} {
		t.Run(row.sentence, func(t *testing.T) {
			v := access.Judge(x, []access.Expectation{row.expect})[0]
			var got []string
			for _, f := range v.Failures {
				got = append(got, f.Text)
				if f.Witness != nil {
					if d := access.Decide(m, f.Witness.Request(f.Application)); !d.Allowed {
						t.Errorf("the witness %+v is refused", f.Witness)
					}
				}
			}
			if fmt.Sprint(got) != fmt.Sprint(row.want) || v.Holds() != (row.want == nil) {
				t.Errorf("got %q, want %q", got, row.want)
			}
		})
	}
}

func TestASheetsMistakesNameTheirRowAndColumn(t *testing.T) {
	for sheet, want := range map[string]string{
		"":                             "row 1: the header names no scope",
		"app":                          "row 1: the header names no scope",
		",a.read.x,,a.read.x\n":        "row 1, column 3: the header names no scope here\nrow 1, column 4: scope a.read.x has a column already",
		",a.read.x\none,maybe\n":       "row 2, column 2: this is neither yes nor no",
		",a.read.x\none,yes\none,no\n": "row 3, column 1: application one has row 2 already",
		",a.read.x\n,yes\n":            "row 2, column 1: this is no name of an application",
		",a.read.x\none,yes,no\n":      "row 2, column 3: the header names no scope here",
		",a.read.x\none,\"yes\n":       "row 2: it is no CSV: a quote is wrong",
		",a.read.x\n\none,yes\ntwo,?":  "row 4, column 2: this is neither yes nor no",
		",a read x\none,yes\n":         "row 1, column 2: this is no name of a scope",
	} {
		_, err := access.ParseSheet([]byte(sheet), "")
		var mistake *access.SheetMistake
		if err == nil || err.Error() != want || !errors.As(err, &mistake) {
			t.Errorf("%q: got %v, want %s", sheet, err, want)
		}
	}
}

// FuzzParseSheet: whatever is read has its cell at its place, says what it says
// there, and nothing is said twice.
func FuzzParseSheet(f *testing.F) {
	f.Add("\ufeffapplication,a.read.x,a.write.x\r\none,yes,\r\ntwo,Should  Not,X\r\n")
	f.Add(",a\n\"o\nne\",no\n")
	f.Fuzz(func(t *testing.T, sheet string) {
		all, err := access.ParseSheet([]byte(sheet), "o")
		if (err != nil) && all != nil {
			t.Fatal("expectations beside a mistake")
		}
		places := map[string]bool{}
		for _, e := range all {
			if places[e.Place] || e.Owner != "o" || len(e.Scopes) != 1 || e.Application == "" || (e.Must != access.MustObtain && e.Must != access.MustNever) {
				t.Fatalf("%+v", e)
			}
			places[e.Place] = true
			if !strings.Contains(sheet, string(e.Scopes[0])) {
				t.Fatalf("scope %q is not in the sheet", e.Scopes[0])
			}
		}
	})
}
