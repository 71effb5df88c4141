package customer

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/nyaruka/phonenumbers"
)

func TestNormalise(t *testing.T) {
	tests := map[string]struct {
		kind        IdentifierKind
		raw, region string
		want        string
		err         error
	}{
		"an address is compared without case":              {kind: Email, raw: " Dana.Reyes@Harbourlight.TEST\n", want: "dana.reyes@harbourlight.test"},
		"a plus tag belongs to the address":                {kind: Email, raw: "dana+meter@x.test", want: "dana+meter@x.test"},
		"composed and decomposed letters are one address":  {kind: Email, raw: "jose\u0301@x.test", want: "jos\u00e9@x.test"},
		"a domain may be in its own script":                {kind: Email, raw: "info@Bücher.example", want: "info@bücher.example"},
		"an address has one @":                             {kind: Email, raw: "a@b@c.test", err: ErrForm},
		"an address has an @":                              {kind: Email, raw: "nobody", err: ErrForm},
		"an address has a local part":                      {kind: Email, raw: "@c.test", err: ErrForm},
		"a customer's domain has a dot":                    {kind: Email, raw: "a@localhost", err: ErrForm},
		"dots stand apart":                                 {kind: Email, raw: "a..b@c.test", err: ErrForm},
		"a domain does not end with a dot":                 {kind: Email, raw: "a@c.test.", err: ErrForm},
		"a label does not begin with a dash":               {kind: Email, raw: "a@-c.test", err: ErrForm},
		"a quoted local part is refused":                   {kind: Email, raw: `"a b"@c.test`, err: ErrCharacter},
		"an address literal is refused":                    {kind: Email, raw: "a@[192.0.2.1]", err: ErrCharacter},
		"a second header line is refused":                  {kind: Email, raw: "a@c.test\r\nBcc: b@c.test", err: ErrForm},
		"a control character in an address":                {kind: Email, raw: "a\x00b@c.test", err: ErrCharacter},
		"a bidi override in an address":                    {kind: Email, raw: "a\u202eb@c.test", err: ErrCharacter},
		"bytes that are no text":                           {kind: Email, raw: "a\xffb@c.test", err: ErrCharacter},
		"a local part of 65 bytes":                         {kind: Email, raw: strings.Repeat("a", 65) + "@c.test", err: ErrTooLong},
		"a label of 64 bytes":                              {kind: Email, raw: "a@" + strings.Repeat("b", 64) + ".test", err: ErrForm},
		"an address of 255 bytes":                          {kind: Email, raw: "a@" + strings.Repeat("b.", 124) + "testx", err: ErrTooLong},
		"more than can be looked at":                       {kind: Email, raw: strings.Repeat("a", 1025), err: ErrTooLong},
		"nothing":                                          {kind: Email, raw: "  ", err: ErrEmpty},
		"a number with its country code":                   {kind: Phone, raw: "+1 (212) 555-0123", want: "+12125550123"},
		"the trunk zero in parentheses is not dialled":     {kind: Phone, raw: "+44 (0)20 7946 0000", want: "+442079460000"},
		"a national number in its region":                  {kind: Phone, raw: "212.555.0123", region: "us", want: "+12125550123"},
		"a national number with a trunk zero":              {kind: Phone, raw: "020 7946 0000", region: "GB", want: "+442079460000"},
		"a number dialled abroad from its region":          {kind: Phone, raw: "0044 20 7946 0000", region: "DE", want: "+442079460000"},
		"a national number without a region":               {kind: Phone, raw: "212 555 0123", err: ErrRegion},
		"a number without its area code":                   {kind: Phone, raw: "555-0123", region: "US", err: ErrForm},
		"a vanity number":                                  {kind: Phone, raw: "1-800-HARBOUR", region: "US", err: ErrCharacter},
		"an extension":                                     {kind: Phone, raw: "+12125550123;ext=4", err: ErrCharacter},
		"a plus sign in the middle":                        {kind: Phone, raw: "212+5550123", region: "US", err: ErrCharacter},
		"sixteen digits":                                   {kind: Phone, raw: "+1234567890123456", err: ErrTooLong},
		"a country code that begins with zero":             {kind: Phone, raw: "+0212555012", err: ErrForm},
		"no digits":                                        {kind: Phone, raw: "+", err: ErrForm},
		"a region that does not exist":                     {kind: Phone, raw: "212 555 0123", region: "XX", err: ErrForm},
		"a sign-in name is compared without case":          {kind: Username, raw: "Dana.Reyes", want: "dana.reyes"},
		"full-width letters are the same letters":          {kind: Username, raw: "\uff24\uff41na", want: "dana"},
		"a sharp s is two":                                 {kind: Username, raw: "STRASSE", want: "strasse"},
		"a sharp s is two, either way":                     {kind: Username, raw: "straße", want: "strasse"},
		"runs of space are one":                            {kind: Username, raw: "dana   reyes", want: "dana reyes"},
		"a sign-in name is not an address":                 {kind: Username, raw: "dana@x.test", err: ErrForm},
		"nor one with a full-width @":                      {kind: Username, raw: "dana\uff20x.test", err: ErrForm},
		"a sign-in name is not a phone number":             {kind: Username, raw: "+12125550123", err: ErrForm},
		"a tab in a sign-in name":                          {kind: Username, raw: "dana\treyes", err: ErrCharacter},
		"a zero-width joiner in a sign-in name":            {kind: Username, raw: "dana\u200d", err: ErrCharacter},
		"a bidi override in a sign-in name":                {kind: Username, raw: "\u202edana", err: ErrCharacter},
		"a letter that shows as nothing in a sign-in name": {kind: Username, raw: "dana\u3164", err: ErrCharacter},
		"a private character in a sign-in name":            {kind: Username, raw: "dana\ue000", err: ErrCharacter},
		"a sign-in name of 129 bytes":                      {kind: Username, raw: strings.Repeat("a", 129), err: ErrTooLong},
		"a kind that does not exist":                       {kind: "pager", raw: "1", err: ErrKind},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := Normalise(test.kind, test.raw, test.region)
			if !errors.Is(err, test.err) || got.Value != test.want {
				t.Fatalf("got %q, %v; want %q, %v", got.Value, err, test.want, test.err)
			}
			if err == nil && (got.Display != strings.TrimSpace(test.raw) || got.Kind != test.kind || got.Verified) {
				t.Errorf("unexpected %+v", got)
			}
			if err != nil && strings.Contains(err.Error(), test.raw) && strings.TrimSpace(test.raw) != "" && len(test.raw) > 2 {
				t.Errorf("error %q repeats the value", err)
			}
		})
	}
}

func TestClassify(t *testing.T) {
	type candidate struct {
		Kind  IdentifierKind
		Value string
	}
	tests := map[string]struct {
		typed, region string
		want          []candidate
	}{
		"an address is nothing else":                      {typed: "Dana@X.test", region: "US", want: []candidate{{Email, "dana@x.test"}}},
		"a plus makes it a phone number":                  {typed: "+1 212 555 0123", want: []candidate{{Phone, "+12125550123"}}},
		"digits are a name first, then a number":          {typed: "2125550123", region: "US", want: []candidate{{Username, "2125550123"}, {Phone, "+12125550123"}}},
		"digits are only a name where no region is known": {typed: "2125550123", want: []candidate{{Username, "2125550123"}}},
		"a word is a name":                                {typed: " Dana.Reyes ", region: "US", want: []candidate{{Username, "dana.reyes"}}},
		"half an address is nothing":                      {typed: "dana@", region: "US"},
		"nothing is nothing":                              {typed: " ", region: "US"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var got []candidate
			for _, c := range Classify(test.typed, test.region) {
				got = append(got, candidate{c.Kind, c.Value})
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func FuzzNormaliseIsIdempotent(f *testing.F) {
	for _, seed := range []string{"Dana@X.test", "jose\u0301@x.test", "+44 (0)20 7946 0000", "212 555 0123", "Stra\u1e9ee", "\u0130stanbul", "\u0345\u0390", "a b", "+(0)1234567"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		for _, kind := range []IdentifierKind{Email, Username, Phone} {
			once, err := Normalise(kind, raw, "US")
			if err != nil {
				continue
			}
			twice, err := Normalise(kind, once.Value, "")
			if err != nil || twice.Value != once.Value {
				t.Errorf("%s: %q became %q, then %q (%v)", kind, raw, once.Value, twice.Value, err)
			}
		}
	})
}

// The short way must never differ from the long one.
func FuzzNorthAmericanNumbersAreReadAsTheLibraryReadsThem(f *testing.F) {
	for _, seed := range []string{"2125550123", "12125550123", "9115550123", "0112079460", "8005550123"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		number, err := dialled(raw)
		if err != nil || strings.HasPrefix(number, "+") {
			t.Skip()
		}
		for _, region := range []string{"US", "CA"} {
			digits, short := northAmerican(number, region)
			parsed, err := phonenumbers.Parse(number, region)
			if !short {
				continue
			}
			if err != nil || phonenumbers.Format(parsed, phonenumbers.E164) != "+"+digits {
				t.Errorf("%s in %s: %s, but the library says %v (%v)", number, region, digits, parsed, err)
			}
		}
	})
}

func FuzzParseIDIsTheInverseOfString(f *testing.F) {
	f.Add("cus_" + strings.Repeat("0", 26))
	f.Add("cus_0123456789abcdefghjkmnpqrs")
	f.Fuzz(func(t *testing.T, text string) {
		if id, err := ParseID(text); err == nil && id.String() != text {
			t.Errorf("%q reads as %q", text, id)
		}
	})
}
