package access_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"sallyport/pure/access"
)

func TestATraceSaysWhichAttributeOrAgeWasMissing(t *testing.T) {
	m := compile(t, utility(described,
		with(allowAll("green"), asks(access.AttributeCond{Name: "tariff", Is: []string{"green", "eco"}})),
		with(allowAll("some"), asks(access.AttributeCond{Name: "balance", AtLeast: "10", Below: "20"}, access.AttributeCond{Name: "balance", Not: []string{"15"}})),
		with(allow("fresh", "bill.write.payment"), func(r *access.RuleSpec) { r.MaxAge = 10 * time.Minute }),
	))
	r := person("bill.write.payment")
	r.Subject.Attributes = map[access.Attribute]string{"tariff": "brown", "balance": "lots"}
	r.Authenticated = r.At.Add(-90 * time.Second * 10)
	text := access.Explain(m, r).String()
	for _, want := range []string{
		"REFUSED with access_denied: the customer needs to sign in again; at most 10m may have passed",
		"does not match by attributes: it needs that tariff is green or eco",
		"does not match by attributes: the customer has no balance that can be read, and it needs that balance is at least 10 and is below 20 and balance is not 15",
		"does not match by age: it needs a sign-in at most 10m ago, and it was 15m ago",
		`attribute    balance = "lots"`, "signed in    2026-03-03T11:45:00Z",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if text := access.Explain(m, machineAsks("meter.write.sync")).String(); !strings.Contains(text, "a machine has no attributes, and it needs that tariff is green or eco") {
		t.Error(text)
	}
	r.Authenticated = time.Time{}
	if text := access.Explain(m, r).String(); !strings.Contains(text, "it needs a sign-in at most 10m ago, and when it was is not known") {
		t.Error(text)
	}
}

// What is recorded or shown as JSON reads back as it was.
func TestWhatIsWrittenReadsBack(t *testing.T) {
	at := time.Date(2026, 3, 3, 12, 0, 0, 0, time.UTC)
	for _, value := range []any{
		access.Request{Application: "a", Grant: code, At: at, Authenticated: at.Add(-time.Minute), Subject: &access.Subject{Attributes: map[access.Attribute]string{"tariff": "green"}}},
		access.Decision{Allowed: true, Granted: scopes{"a"}, Rate: access.Rate{Calls: 1, Per: time.Minute, Burst: 2}},
		access.Decision{Error: access.Refusal{Code: access.AccessDenied, Check: access.CheckAge}, NeededAge: 10 * time.Minute},
		access.Witness{Grant: code, Attributes: map[access.Attribute]string{"tariff": "green"}, Age: time.Hour, Rate: access.Rate{Calls: 3, Per: time.Second, Burst: 3}},
		access.Population{Most: access.PhishingResistant, OlderThan: time.Minute, NoOlderThan: time.Hour, Has: []access.Holding{
			{Name: "balance", Type: access.Number, Ranges: []access.Range{{AtLeast: "1", Below: "2"}}, Lacking: true},
		}},
		access.Text, access.Number, access.Boolean, access.Date,
	} {
		data, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		back := reflect.New(reflect.TypeOf(value))
		if err := json.Unmarshal(data, back.Interface()); err != nil {
			t.Fatalf("%s: %v", data, err)
		}
		if got := back.Elem().Interface(); !reflect.DeepEqual(value, got) {
			t.Errorf("%s: got %+v", data, got)
		}
	}
	var kind access.AttributeType
	if _, err := kind.MarshalText(); err == nil || kind.UnmarshalText([]byte("whole")) == nil || kind.String() != "type(0)" {
		t.Error("a type that is none has a name")
	}
}

// ExampleProve_signIns tells by how weak and how old a sign-in something can be had.
func ExampleProve_signIns() {
	m, _ := access.Compile(access.Spec{
		Server: "apps",
		Scopes: []access.ScopeSpec{{Name: "bill.write.payment", Kind: access.CustomerWrite}},
		Attributes: []access.AttributeSpec{
			{Name: "prepaid", Type: access.Boolean},
		},
		Applications: []access.ApplicationSpec{{ID: "mobile", Scopes: []access.Scope{"bill.write.payment"}, Grants: []access.GrantType{access.AuthorizationCode}}},
		Policies: []access.PolicySpec{{Name: "pay", Applications: []access.ApplicationID{"mobile"}, Rules: []access.RuleSpec{
			{
				Name: "prepaid", Effect: access.Allow, Scopes: []access.Scope{"bill.write.payment"}, MaxAge: time.Hour,
				Attributes: []access.AttributeCond{{Name: "prepaid", Is: []string{"true"}}}, Rate: access.Rate{Calls: 10, Per: time.Minute},
			},
			{Name: "others", Effect: access.Allow, Scopes: []access.Scope{"bill.write.payment"}, MaxAge: 10 * time.Minute, Assurance: access.TwoFactor, Rate: access.Rate{Calls: 60, Per: time.Minute}},
		}}},
	})
	x, err := access.Prove(m, access.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	c, _ := x.Cell("mobile", "bill.write.payment")
	fmt.Println("weakest:", c.WeakestBy)
	fmt.Println("oldest: ", c.OldestBy)
	fmt.Println("highest:", c.HighestBy)
	// Output:
	// weakest: by rule pay/prepaid, authorization_code, a customer in no group, whose prepaid is true, signed in at most 1h before
	// oldest:  by rule pay/prepaid, authorization_code, a customer in no group, whose prepaid is true, signed in at most 1h before
	// highest: by rule pay/others, authorization_code, a customer in no group, with two-factor, signed in at most 10m before
}
