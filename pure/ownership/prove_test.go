package ownership

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"sallyport/pure/customer"
)

var (
	rules = Rules{
		Facts: []Fact{{"postcode", "zip", Code}, {"bill", "last_bill", Amount}, {"since", "since", Date}, {"name", "holder", Text}, {"phone-end", "phone_end", Digits}},
		Need:  2, Email: "mail", Phone: "tel", Region: "US",
	}
	record = Record{Number: "4711", Fields: map[string]string{
		"zip": "AB1 2CD", "last_bill": "1204.50", "since": "2019-03-31", "holder": "Dana  Müller-Lys", "mail": "Dana@Mail.test", "tel": "(212) 555-0142", "phone_end": "",
	}}
)

func TestFactsAreComparedByTheirForm(t *testing.T) {
	for name, test := range map[string]struct {
		said   map[string]string
		enough bool
		right  []string
	}{
		"as they are":                          {map[string]string{"postcode": "AB1 2CD", "bill": "1204.50"}, true, []string{"postcode", "bill"}},
		"as people write them":                 {map[string]string{"postcode": " ab12cd", "bill": "$1,204.5", "since": "31.3.2019"}, true, []string{"postcode", "bill", "since"}},
		"months first":                         {map[string]string{"since": "3/31/2019", "name": "dana MÜLLER lys"}, true, []string{"since", "name"}},
		"letters composed otherwise":           {map[string]string{"name": "Dana Mu\u0308ller-Lys", "bill": "1.204,50"}, true, []string{"bill", "name"}},
		"one alone":                            {map[string]string{"postcode": "AB12CD"}, false, []string{"postcode"}},
		"enough, and a wrong one":              {map[string]string{"postcode": "AB12CD", "bill": "1204.50", "since": "2020-01-01"}, false, []string{"postcode", "bill"}},
		"a fact that the record lacks":         {map[string]string{"postcode": "AB12CD", "phone-end": "0142"}, false, []string{"postcode"}},
		"nothing for what the record lacks":    {map[string]string{"postcode": "AB12CD", "phone-end": " "}, false, []string{"postcode"}},
		"a fact that nobody asks for":          {map[string]string{"postcode": "AB12CD", "mail": "Dana@Mail.test"}, false, []string{"postcode"}},
		"an amount with other cents":           {map[string]string{"bill": "1204.05", "postcode": "AB12CD"}, false, []string{"postcode"}},
		"an amount a hundred times as large":   {map[string]string{"bill": "120450", "postcode": "AB12CD"}, false, []string{"postcode"}},
		"a longer answer than one may give":    {map[string]string{"name": strings.Repeat(" ", 300) + "Dana Müller-Lys", "postcode": "AB12CD"}, false, []string{"postcode"}},
		"the right answers to other questions": {map[string]string{"postcode": "1204.50", "bill": "AB1 2CD"}, false, nil},
	} {
		t.Run(name, func(t *testing.T) {
			got := Prove(rules, record, test.said)
			if got.Enough != test.enough || !slices.Equal(got.Right, test.right) {
				t.Errorf("got %+v", got)
			}
			if Prove(rules, Record{}, test.said).Enough {
				t.Error("they are proved about nothing")
			}
		})
	}
}

func TestAddressesMakeAnAccountTheirsOnlyIfBothAreProvedAndRight(t *testing.T) {
	mail := customer.Identifier{Kind: customer.Email, Value: "dana@mail.test", Verified: true}
	phone := customer.Identifier{Kind: customer.Phone, Value: "+12125550142", Verified: true}
	unproved := func(i customer.Identifier) customer.Identifier { i.Verified = false; return i }
	other := func(i customer.Identifier) customer.Identifier { i.Value = "+12125550143"; return i }
	for name, test := range map[string]struct {
		theirs []customer.Identifier
		want   bool
	}{
		"both":                          {[]customer.Identifier{mail, phone}, true},
		"among others":                  {[]customer.Identifier{other(phone), phone, mail}, true},
		"the e-mail address alone":      {[]customer.Identifier{mail}, false},
		"the phone alone":               {[]customer.Identifier{phone}, false},
		"another phone":                 {[]customer.Identifier{mail, other(phone)}, false},
		"a phone that nobody proved":    {[]customer.Identifier{mail, unproved(phone)}, false},
		"an address that nobody proved": {[]customer.Identifier{unproved(mail), phone}, false},
		"a username like the address":   {[]customer.Identifier{{Kind: customer.Username, Value: "dana@mail.test", Verified: true}, phone}, false},
		"nothing":                       {nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := Follows(rules, record, test.theirs); got != test.want {
				t.Errorf("got %v", got)
			}
		})
	}
	without := rules
	without.Phone = ""
	if Follows(without, record, []customer.Identifier{mail, phone}) {
		t.Error("one address is enough where no other is named")
	}
	empty := Record{Number: "1", Fields: map[string]string{"mail": "", "tel": ""}}
	if Follows(rules, empty, []customer.Identifier{{Kind: customer.Email, Verified: true}, {Kind: customer.Phone, Verified: true}}) {
		t.Error("nothing equals nothing")
	}
}

func TestNoAnswersProveMoreThanTheyAre(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		said := rapid.MapOf(rapid.SampledFrom([]string{"postcode", "bill", "since", "name", "phone-end", "holder"}), rapid.OneOf(
			rapid.SampledFrom([]string{"AB1 2CD", "1204.50", "2019-03-31", "Dana Müller Lys", "0142", ""}), rapid.String())).Draw(t, "said")
		p := Prove(rules, record, said)
		if p.Enough && (len(p.Right) < rules.Need || len(p.Wrong) > 0) {
			t.Fatalf("enough: %+v", p)
		}
		for _, name := range slices.Concat(p.Right, p.Wrong) {
			if said[name] == "" {
				t.Fatalf("%s was compared and never said", name)
			}
		}
	})
}

func FuzzRead(f *testing.F) {
	for _, text := range []string{"1.204,50", "31.3.2019", "AB1 2CD", "−5", "\xff", ",", "٣"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, form := range Forms() {
			read, ok := form.read(text)
			if ok && read == "" {
				t.Errorf("%s reads %q as nothing", form, text)
			}
			if again, still := form.read(read); ok && (!still || again != read) {
				t.Errorf("%s reads %q as %q, and that as %q", form, text, read, again)
			}
		}
	})
}
