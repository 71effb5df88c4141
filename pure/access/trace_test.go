package access_test

import (
	"encoding/json"
	"flag"
	"net/netip"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sallyport/pure/access"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s: -want +got\n%s", path, diff)
	}
}

// guarded has a rule for each condition to fail at.
func guarded() access.Spec {
	zone := time.FixedZone("Harbour", 3600)
	return utility(both(narrow, fallThrough, assign("bill.read.invoice", "bill.write.payment", "meter.write.sync"),
		entitle(map[access.Group][]access.Scope{"tenants": {"bill.read.invoice", "bill.write.payment"}}),
		func(s *access.Spec) {
			s.Policies = append([]access.PolicySpec{{Name: "partners", Applications: []access.ApplicationID{"other"}, Rules: rules{allowAll("partner")}}}, s.Policies...)
		},
		then(access.PolicySpec{Name: "step-up", All: true, Rules: rules{
			with(allow("pay-strongly", "bill.write.payment", "bill.read.invoice"), func(r *access.RuleSpec) { r.Assurance = access.TwoFactor }),
		}}, access.PolicySpec{Name: "last", All: true, Rules: rules{allow("bills", "bill.read.invoice")}})),
		with(allowAll("nightly"), func(r *access.RuleSpec) { r.Grants = []access.GrantType{machine} }),
		with(allowAll("landlords-only"), func(r *access.RuleSpec) { r.AnyOf = groups{"landlords"} }),
		with(allowAll("not-for-tenants"), func(r *access.RuleSpec) { r.NoneOf = groups{"tenants"} }),
		with(denyAll("quarantine"), func(r *access.RuleSpec) {
			r.Networks = []netip.Prefix{netip.MustParsePrefix("198.51.100.0/24")}
		}),
		with(allowAll("morning"), func(r *access.RuleSpec) {
			r.Windows = []access.Window{{Days: []time.Weekday{time.Monday, time.Tuesday}, From: 8 * time.Hour, To: 12 * time.Hour, Zone: zone}}
		}),
		allow("bills-only", "bill.read.invoice"),
	)
}

func TestTraceReadsWell(t *testing.T) {
	m := compile(t, guarded())
	for _, row := range []struct {
		file    string
		request access.Request
	}{
		{"granted-after-step-up.txt", assured(access.TwoFactor, from("192.0.2.7", member("tenants", "openid", "bill.write.payment", "meter.read.usage")))},
		{"refused-for-assurance.txt", from("192.0.2.7", member("tenants", "bill.write.payment"))},
		{"refused-by-deny.txt", member("tenants", "bill.write.payment")},
		{"refused-above-ceilings.txt", member("tenants", "meter.write.sync")},
		{"empty-request.txt", from("192.0.2.7", member("tenants"))},
		{"machine.txt", machineAsks("meter.write.sync")},
	} {
		t.Run(row.file, func(t *testing.T) { golden(t, row.file, access.Explain(m, row.request).String()) })
	}
}

func TestTraceMarshalsToJSON(t *testing.T) {
	trace := access.Explain(compile(t, guarded()), assured(access.TwoFactor, from("192.0.2.7", member("tenants", "bill.write.payment"))))
	data, err := json.MarshalIndent(trace, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "trace.json", string(data)+"\n")
	var back access.Trace
	if err := json.Unmarshal(data, &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(trace, back, cmp.Comparer(func(a, b netip.Addr) bool { return a == b })); diff != "" {
		t.Errorf("round trip: %s", diff)
	}
}

func TestARecordedRequestCanBeReplayed(t *testing.T) {
	for _, want := range []access.Request{
		assured(access.TwoFactor, from("2001:db8::1", member("tenants", "bill.read.invoice"))),
		refresh(scopes{"openid"}), refresh(scopes{}), machineAsks(),
	} {
		data, err := json.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		var got access.Request
		if err := json.Unmarshal(data, &got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b netip.Addr) bool { return a == b })); diff != "" {
			t.Errorf("%s: %s", data, diff)
		}
	}
}
