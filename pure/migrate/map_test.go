package migrate

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"sallyport/protocol/passhash"
	"sallyport/pure/customer"
)

func meterman() Spec {
	return Spec{
		Name: "meterman",
		Key:  "NO",
		Fields: []Field{
			{From: "LOGIN", To: "username", Required: true},
			{From: "EMAIL", To: "email", Verified: "EMAIL_OK"},
			{From: "PHONE", To: "phone", Country: "US"},
			{From: "FIRST", To: "name"},
			{From: "LAST", To: "name"},
			{From: "STATUS", To: "state", Values: map[string]string{"A": "active", "L": "disabled"}},
			{From: "SEGMENT", To: "group", Values: map[string]string{"R": "residential", "C": "business", "": ""}},
			{From: "CREATED", To: "created", Format: "2006-01-02"},
			{From: "ACCOUNT", To: "attribute.account"},
		},
		Groups:      []string{"meterman"},
		KnownGroups: []string{"meterman", "residential", "business"},
		Drops:       []Drop{{Field: "STATUS", Equals: []string{"D"}, Reason: "dormant"}},
		Hash:        Hash{From: "HASH", Scheme: "salted-sha1", Salt: "SALT", Encoding: "hex"},
	}
}

func compiled(t testing.TB, spec Spec) *Plan {
	t.Helper()
	plan, problems := Compile(spec)
	if problems != nil {
		t.Fatalf("problems: %v", problems)
	}
	return plan
}

const sum = "a9993e364706816aba3e25717850c26c9cd0d89d"

// dana is a record without anything wrong with it, changed as a test says.
func dana(changes map[string]string) map[string]string {
	record := map[string]string{
		"NO": "1001", "LOGIN": "Dana.Reyes", "EMAIL": "Dana@Harbourlight.test", "EMAIL_OK": "Y", "PHONE": "(212) 555-0123",
		"FIRST": "Dana", "LAST": "Reyes", "STATUS": "A", "SEGMENT": "R", "CREATED": "2011-03-04", "ACCOUNT": "HL-1",
		"HASH": sum, "SALT": "pepperpot",
	}
	for k, v := range changes {
		record[k] = v
	}
	return record
}

func TestMapTakesEverythingOver(t *testing.T) {
	plan := compiled(t, meterman())
	got := Map(plan, plan.Record(dana(nil)))
	want := Outcome{
		Key: "1001",
		Customer: customer.Customer{
			State: customer.Active, Name: "Dana Reyes", Groups: []string{"meterman", "residential"},
			Attributes: map[string]string{"account": "HL-1"}, Created: time.Date(2011, 3, 4, 0, 0, 0, 0, time.UTC),
		},
		Identifiers: []customer.Identifier{
			{Kind: customer.Username, Value: "dana.reyes", Display: "Dana.Reyes", Source: "migration/meterman"},
			{Kind: customer.Email, Value: "dana@harbourlight.test", Display: "Dana@Harbourlight.test", Verified: true, Source: "migration/meterman"},
			{Kind: customer.Phone, Value: "+12125550123", Display: "(212) 555-0123", Source: "migration/meterman"},
		},
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(Outcome{}, "Hash", "Marks")); diff != "" {
		t.Error(diff)
	}
	if got.Hash == nil || got.Hash.Scheme() != "salted-sha1" || !got.Hash.Weak() {
		t.Errorf("hash is %v", got.Hash)
	}
}

func TestMapJudgesOneRecord(t *testing.T) {
	tests := map[string]struct {
		change   map[string]string
		verdict  Verdict
		reason   Reason
		warnings []Warning
	}{
		"nothing wrong":                              {verdict: Accept},
		"no key":                                     {change: map[string]string{"NO": " "}, verdict: Hold, reason: MissingKey},
		"a key that could be one of ours":            {change: map[string]string{"NO": "#unkeyed-00"}, verdict: Hold, reason: BadKey},
		"a key of 257 bytes":                         {change: map[string]string{"NO": strings.Repeat("9", 257)}, verdict: Hold, reason: BadKey},
		"a required column is empty":                 {change: map[string]string{"LOGIN": ""}, verdict: Hold, reason: MissingField},
		"a required column makes no sense":           {change: map[string]string{"LOGIN": "da\u200bna"}, verdict: Hold, reason: BadField},
		"a login that is an address":                 {change: map[string]string{"LOGIN": "dana@x.test"}, verdict: Accept, warnings: []Warning{{AddressAsName, "LOGIN"}}},
		"an address that is none is left out":        {change: map[string]string{"EMAIL": "n/a"}, verdict: Accept, warnings: []Warning{{LeftOut, "EMAIL"}}},
		"a phone number that is none is left out":    {change: map[string]string{"PHONE": "12"}, verdict: Accept, warnings: []Warning{{LeftOut, "PHONE"}}},
		"a state that nobody explained":              {change: map[string]string{"STATUS": "X"}, verdict: Hold, reason: UnknownState},
		"no state at all":                            {change: map[string]string{"STATUS": ""}, verdict: Hold, reason: UnknownState},
		"a state to be left out":                     {change: map[string]string{"STATUS": "D"}, verdict: Leave, reason: "dormant"},
		"left out even if broken":                    {change: map[string]string{"STATUS": "D", "HASH": "x", "LOGIN": ""}, verdict: Leave, reason: "dormant"},
		"a segment that nobody explained":            {change: map[string]string{"SEGMENT": "Q"}, verdict: Accept, warnings: []Warning{{LeftOut, "SEGMENT"}}},
		"a date that is none":                        {change: map[string]string{"CREATED": "soon"}, verdict: Accept, warnings: []Warning{{LeftOut, "CREATED"}}},
		"a date before there were computers":         {change: map[string]string{"CREATED": "1899-12-30"}, verdict: Accept, warnings: []Warning{{LeftOut, "CREATED"}}},
		"a verified flag that says neither":          {change: map[string]string{"EMAIL_OK": "maybe"}, verdict: Accept, warnings: []Warning{{UnclearVerified, "EMAIL_OK"}}},
		"an attribute with a line break":             {change: map[string]string{"ACCOUNT": "a\nb"}, verdict: Accept, warnings: []Warning{{LeftOut, "ACCOUNT"}}},
		"no password in the source":                  {change: map[string]string{"HASH": ""}, verdict: Accept, warnings: []Warning{{NoPassword, "HASH"}}},
		"a hash that was cut short":                  {change: map[string]string{"HASH": sum[:30]}, verdict: Hold, reason: BrokenHash},
		"a hash in another spelling than was stated": {change: map[string]string{"HASH": "qZk+NkcGgWq6PiVxeFDCbJzQ2J0="}, verdict: Hold, reason: BrokenHash},
		"a hash without its salt":                    {change: map[string]string{"SALT": ""}, verdict: Hold, reason: BrokenHash},
	}
	plan := compiled(t, meterman())
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := Map(plan, plan.Record(dana(test.change)))
			if got.Verdict() != test.verdict || got.Reason() != test.reason {
				t.Errorf("got %s %q, want %s %q", got.Verdict(), got.Reason(), test.verdict, test.reason)
			}
			if diff := cmp.Diff(test.warnings, got.Warnings); diff != "" && test.verdict == Accept {
				t.Error(diff)
			}
			if got.Key == "" {
				t.Error("no key for the ledger")
			}
			if r := got.Rejection; r != nil {
				for column, value := range test.change {
					if len(value) > 1 && strings.Contains(r.Detail, value) {
						t.Errorf("detail %q repeats the value of %s", r.Detail, column)
					}
				}
			}
		})
	}
}

func TestMapReadsSelfDescribingHashes(t *testing.T) {
	spec := meterman()
	spec.Hash = Hash{From: "HASH"}
	plan := compiled(t, spec)
	tests := map[string]Reason{
		"$2b$10$6ziMlbqD2wzNEyr1qLv5ie3jgZr221HB2rzNRrTx/jD2TK0KVdeu.": "",
		"$2b$31$6ziMlbqD2wzNEyr1qLv5ie3jgZr221HB2rzNRrTx/jD2TK0KVdeu.": CostlyHash,
		"$2b$10$6ziMlbqD2wzNEyr1qLv5ie3jgZr221HB":                      BrokenHash,
		"correct horse battery staple":                                 UnknownHash,
	}
	for encoded, want := range tests {
		if got := Map(plan, plan.Record(dana(map[string]string{"HASH": encoded}))); got.Reason() != want {
			t.Errorf("%s: got %q, want %q", encoded[:7], got.Reason(), want)
		}
	}
}

func TestMappedHashesVerify(t *testing.T) {
	// SHA-1 of "abc", FIPS 180-2 appendix A.1, taken apart into salt and password.
	tests := map[string]struct {
		hash           Hash
		salt, password string
	}{
		"salt before the password": {Hash{Order: "salt-password", SaltAs: "text"}, "a", "bc"},
		"salt behind the password": {Hash{Order: "password-salt"}, "c", "ab"},
		"salt as hex":              {Hash{SaltAs: "hex"}, "61", "bc"},
		"salt as base64":           {Hash{SaltAs: "base64"}, "YQ==", "bc"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			spec := meterman()
			test.hash.From, test.hash.Salt, test.hash.Scheme = "HASH", "SALT", "salted-sha1"
			spec.Hash = test.hash
			plan := compiled(t, spec)
			got := Map(plan, plan.Record(dana(map[string]string{"SALT": test.salt})))
			if got.Hash == nil {
				t.Fatalf("held: %v", got.Rejection)
			}
			if ok, err := got.Hash.Verify([]byte(test.password)); !ok || err != nil {
				t.Errorf("got %v, %v", ok, err)
			}
		})
	}
}

func TestAnAddressMappedTwiceIsOneIdentifier(t *testing.T) {
	plan := compiled(t, meterman())
	got := Map(plan, plan.Record(dana(map[string]string{"LOGIN": "dana@harbourlight.test"})))
	if len(got.Identifiers) != 2 || !got.Identifiers[0].Verified {
		t.Errorf("got %+v", got.Identifiers)
	}
}

func TestASpaceInASaltCounts(t *testing.T) {
	plan := compiled(t, meterman())
	with := Map(plan, plan.Record(dana(map[string]string{"SALT": "a "})))
	without := Map(plan, plan.Record(dana(map[string]string{"SALT": "a"})))
	if with.Hash.Encode() == without.Hash.Encode() {
		t.Error("the space was lost")
	}
}

func TestARecordWithoutKeyIsKnownAgainByItsContent(t *testing.T) {
	plan := compiled(t, meterman())
	key := func(login string) string {
		return Map(plan, plan.Record(dana(map[string]string{"NO": "", "LOGIN": login}))).Key
	}
	first, again, other := key("a"), key("a"), key("b")
	if first != again || first == other {
		t.Errorf("got %s, %s and for another %s", first, again, other)
	}
}

func TestCompileTellsEveryMistake(t *testing.T) {
	spec := meterman()
	spec.Name = "Meter Man"
	spec.Key = ""
	spec.Source = Source{Format: "xlsx", Delimiter: "::", Encoding: "ebcdic"}
	spec.Groups = []string{"strangers"}
	spec.Fields = []Field{
		{From: "", To: "name"},
		{From: "A", To: "shoe-size"},
		{From: "B", To: "state", Values: map[string]string{"A": "alive"}},
		{From: "C", To: "state"},
		{From: "D", To: "created", Format: "yesterday"},
		{From: "E", To: "name", Verified: "F", Country: "US"},
		{From: "G", To: "attribute.unknown"},
		{From: "H", To: "group", Values: map[string]string{"x": "strangers"}},
	}
	spec.KnownAttributes = []string{"account"}
	spec.Drops = []Drop{{Reason: "No Reason"}}
	spec.Hash = Hash{From: "P", Scheme: "rot13", Order: "upside-down", Encoding: "binary", SaltAs: "smoke"}
	want := []string{
		"name", "source.format", "source.delimiter", "source.encoding", "key", "groups[0]", "map[0].from", "map[1].to", `map[2].values["A"]`,
		"map[3].to", "map[4].format", "map[5].verified", "map[5].country", "map[6].to", `map[7].values["x"]`, "map",
		"drop[0].field", "drop[0].equals", "drop[0].reason", "hash.order", "hash.encoding", "hash.salt_as", "hash.scheme",
	}
	plan, problems := Compile(spec)
	var got []string
	for _, p := range problems {
		got = append(got, p.Path)
		if p.Fix == "" || p.What == "" {
			t.Errorf("%v says too little", p)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" || plan != nil {
		t.Errorf("plan %v\n%s", plan, diff)
	}
}

func TestSummaryCountsByReason(t *testing.T) {
	plan := compiled(t, meterman())
	var s Summary
	for i, change := range []map[string]string{nil, {"STATUS": "D"}, {"HASH": "x"}, {"HASH": "y"}, {"HASH": "z"}, {"HASH": "q"}, {"PHONE": "1"}} {
		record := plan.Record(dana(change))
		record.Row = int64(i + 1)
		s.Add(Map(plan, record))
	}
	want := Summary{
		Records:  7,
		Verdicts: map[Verdict]int64{Accept: 2, Hold: 4, Leave: 1},
		Reasons:  map[Reason]int64{BrokenHash: 4, "dormant": 1},
		Warnings: map[Reason]int64{LeftOut: 1},
		Schemes:  map[passhash.Scheme]int64{"salted-sha1": 2}, Weak: 2,
	}
	if diff := cmp.Diff(want, s, cmpopts.IgnoreFields(Summary{}, "Examples")); diff != "" {
		t.Error(diff)
	}
	if examples := s.Examples[BrokenHash]; len(examples) != 3 || examples[0].Row != 3 {
		t.Errorf("examples %+v", examples)
	}
	if got := ByCount(s.Reasons); !cmp.Equal(got, []Reason{BrokenHash, "dormant"}) {
		t.Errorf("order %v", got)
	}
}

func BenchmarkMap(b *testing.B) {
	plan := compiled(b, meterman())
	record := plan.Record(dana(nil))
	for b.Loop() {
		Map(plan, record)
	}
}

// Whatever a record holds, it has a key and one verdict, the same each time; what
// is accepted can be found and, if it has a password, verified later.
func FuzzMap(f *testing.F) {
	f.Add("1", "dana", "a@x.test", "Y", "2125550123", "A", sum, "s")
	f.Add("", "\u202e", "@", "?", "+", "D", "$", "")
	plan := compiled(f, meterman())
	f.Fuzz(func(t *testing.T, no, login, email, ok, phone, status, hash, salt string) {
		record := plan.Record(map[string]string{
			"NO": no, "LOGIN": login, "EMAIL": email, "EMAIL_OK": ok, "PHONE": phone, "STATUS": status, "HASH": hash, "SALT": salt,
		})
		o, again := Map(plan, record), Map(plan, record)
		if o.Key == "" || o.Key != again.Key || o.Reason() != again.Reason() {
			t.Fatalf("%+v, then %+v", o, again)
		}
		if o.Verdict() == Accept && len(o.Identifiers) == 0 {
			t.Error("accepted without an identifier")
		}
		if o.Hash == nil {
			return
		}
		if _, err := passhash.Parse(o.Hash.Encode()); err != nil {
			t.Errorf("accepted a hash that does not read back: %v", err)
		}
	})
}
