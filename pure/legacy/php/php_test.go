package php_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"sallyport/pure/legacy/php"
)

func TestValuesAreReadAsPHPWritesThem(t *testing.T) {
	v, err := php.Parse(`a:4:{s:1:"a";b:1;i:0;i:-7;i:1;d:0.5;s:2:"é";a:1:{i:0;N;}}`)
	if err != nil || v.Kind != php.Array || len(v.Members) != 4 {
		t.Fatalf("%+v, %v", v, err)
	}
	for i, want := range []php.Value{{Kind: php.Bool, Text: "1"}, {Kind: php.Number, Text: "-7"}, {Kind: php.Number, Text: "0.5"}} {
		if got := v.Members[i].Value; got.Kind != want.Kind || got.Text != want.Text {
			t.Errorf("%d: %+v", i, got)
		}
	}
	if last := v.Members[3]; last.Key != "é" || last.Value.Kind != php.Array || last.Value.Members[0].Value.Kind != php.Null {
		t.Errorf("%+v", last)
	}
}

func TestTextsMayHoldAnything(t *testing.T) {
	if v, err := php.Parse(`s:6:"a";b:"";`); err != nil || v.Text != `a";b:"` {
		t.Errorf("%+v, %v", v, err)
	}
}

func TestBombsAndObjectsAreRefused(t *testing.T) {
	for name, text := range map[string]string{
		"an object":                  `O:8:"stdClass":0:{}`,
		"an object within":           `a:1:{i:0;O:8:"stdClass":0:{}}`,
		"a reference":                `a:2:{i:0;i:1;i:1;R:2;}`,
		"a class that reads itself":  `C:1:"A":0:{}`,
		"a length that is a lie":     `s:2000000000:"a";`,
		"a negative length":          `s:-1:"";`,
		"members that are a lie":     `a:1000000000:{}`,
		"nested too deeply":          strings.Repeat(`a:1:{i:0;`, 100) + `N;` + strings.Repeat(`}`, 100),
		"too many members":           `a:10001:{` + strings.Repeat(`i:0;N;`, 10001) + `}`,
		"a list as a key":            `a:1:{a:0:{}N;}`,
		"something behind":           `N;N;`,
		"a long number":              `i:` + strings.Repeat("9", 100_000) + `;`,
		"too long":                   `s:2000000:"` + strings.Repeat("x", 2_000_000) + `";`,
		"half a text":                `s:5:"ab`,
		"nothing":                    "",
		"a truth that is neither":    `b:2;`,
		"a length with a plus":       `s:+1:"a";`,
		"many small arrays, bounded": `a:10000:{` + strings.Repeat(`i:0;a:1:{i:0;N;}`, 10000) + `}`,
	} {
		if _, err := php.Parse(text); !errors.Is(err, php.ErrValue) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(`a:1:{s:10:"subscriber";b:1;}`)
	f.Add(`s:4:"abcd";`)
	f.Fuzz(func(t *testing.T, text string) {
		v, err := php.Parse(text)
		if err != nil {
			return
		}
		if v.Kind == php.Text && text != fmt.Sprintf(`s:%d:"%s";`, len(v.Text), v.Text) && !strings.HasPrefix(text, "s:0") {
			t.Errorf("%q is read out of %q", v.Text, text)
		}
	})
}

func ExampleParse() {
	v, _ := php.Parse(`a:1:{s:10:"subscriber";b:1;}`)
	fmt.Println(v.Members[0].Key, v.Members[0].Value.Text)
	// Output: subscriber 1
}
