package customer

import (
	"errors"
	"strings"
	"testing"
)

func TestNamesThatCanBeTakenForOthersAreRefused(t *testing.T) {
	tests := map[string]struct {
		kind IdentifierKind
		raw  string
		err  error
	}{
		"plain letters":                                 {Username, "dana.reyes", nil},
		"an accent":                                     {Username, "josé", nil},
		"Polish":                                        {Username, "łukasz", nil},
		"a Greek name":                                  {Username, "νίκος", nil},
		"a Cyrillic name":                               {Username, "парусник", nil},
		"Japanese mixes three scripts":                  {Username, "山田たろうタロウ", nil},
		"Korean with Latin":                             {Username, "lg김철수", nil},
		"two words of two scripts":                      {Username, "dana Жукова", nil},
		"a Cyrillic letter among Latin ones":            {Username, "d\u0430na", ErrLookalike},
		"a Greek letter among Latin ones":               {Username, "dan\u03b1", ErrLookalike},
		"a Cyrillic word that reads as a Latin one":     {Username, "\u0440\u0430\u0443\u0440\u0430", ErrLookalike},
		"the same before a plain word":                  {Username, "\u0440\u0430\u0443 pal", ErrLookalike},
		"digits of two systems":                         {Username, "dana1\u0662", ErrLookalike},
		"marks upon marks":                              {Username, "d" + strings.Repeat("\u0323", 4) + "ana", ErrLookalike},
		"full-width letters are letters":                {Username, "\uff44ana", nil},
		"a letter in an address that is none of its":    {Email, "d\u0430na@mail.test", ErrLookalike},
		"a domain of another script that reads as ours": {Email, "dana@\u0440\u0430\u0443.test", ErrLookalike},
		"a domain in its own script":                    {Email, "info@bücher.example", nil},
		"a number has no letters":                       {Phone, "+12125550123", nil},
		"64 kB":                                         {Username, strings.Repeat("a", 64<<10), ErrTooLong},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if _, err := Register(test.kind, test.raw, "US"); !errors.Is(err, test.err) {
				t.Errorf("got %v, want %v", err, test.err)
			}
		})
	}
}

func TestTextIsOneVisibleLine(t *testing.T) {
	for raw, want := range map[string]string{
		"  Dana \t Reyes\n":              "Dana Reyes",
		"Jose\u0301":                     "José",
		"\u0646\u0645\u06cc\u200c\u062f": "\u0646\u0645\u06cc\u200c\u062f", // a joiner is a letter's own
		"":                               "",
	} {
		if got, err := Text(raw, MaxName); err != nil || got != want {
			t.Errorf("%q gives %q, %v", raw, got, err)
		}
	}
	for raw, want := range map[string]error{
		"a\u202eb":                   ErrCharacter,
		"a\x00b":                     ErrCharacter,
		"a\ufeffb":                   ErrCharacter,
		"a\xffb":                     ErrCharacter,
		strings.Repeat("a", 64<<10):  ErrTooLong,
		strings.Repeat("\u0958", 60): ErrTooLong, // grows as it is normalised
	} {
		if _, err := Text(raw, MaxName); !errors.Is(err, want) {
			t.Errorf("%.20q gives %v, want %v", raw, err, want)
		}
	}
}

func FuzzRegisterTakesWhatItGives(f *testing.F) {
	for _, seed := range []string{"dana", "парус", "d\u0430na", "山田たろう", "x\u0323\u0323", "dana@bücher.example"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		for _, kind := range []IdentifierKind{Username, Email} {
			once, err := Register(kind, raw, "")
			if err != nil {
				continue
			}
			if twice, err := Register(kind, once.Value, ""); err != nil || twice.Value != once.Value {
				t.Errorf("%s: %q became %q, then %q (%v)", kind, raw, once.Value, twice.Value, err)
			}
		}
	})
}
