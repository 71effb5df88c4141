package message_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"sallyport/pure/message"
)

// examples are the example of every value of a kind.
func examples(k message.Kind) map[string]string {
	values := map[string]string{}
	for _, v := range k.Values {
		values[v.Name] = v.Example
	}
	return values
}

var look = message.Look{Brand: "Harbourlight Energy", Accent: "#0b5fa5", AccentDark: "#6cb4f5", Help: "https://help.harbourlight.example/", Phone: "555 0100", Language: message.English}

func TestEveryKindIsSaidInEveryLanguageByEveryChannelItTravelsBy(t *testing.T) {
	for _, k := range message.Kinds() {
		for _, language := range message.Languages() {
			sheet, there := message.Builtin(k.Name, language)
			if !there {
				t.Errorf("%s says nothing in %s", k.Name, language)
			}
			for _, m := range sheet.Check(k) {
				t.Errorf("%s in %s: %+v", k.Name, language, m)
			}
			full, bare := examples(k), examples(k)
			for _, v := range k.Values {
				if v.Optional {
					delete(bare, v.Name)
				}
			}
			for _, by := range k.Channels {
				for _, values := range []map[string]string{full, bare} {
					got, err := message.Render(k, sheet, by, values, look)
					if err != nil || got.Text == "" {
						t.Errorf("%s in %s by %s: %v", k.Name, language, by, err)
					}
					for _, left := range []string{"{", "}", "\r", " .", ": \n"} {
						if strings.Contains(got.Text+got.Subject, left) {
							t.Errorf("%s in %s by %s leaves %q: %q %q", k.Name, language, by, left, got.Subject, got.Text)
						}
					}
					if by == message.SMS && utf8.RuneCountInString(got.Text) > 320 {
						t.Errorf("%s in %s is a text message of %d characters", k.Name, language, utf8.RuneCountInString(got.Text))
					}
				}
			}
		}
	}
}

func TestNothingOfOursIsNamedToCustomers(t *testing.T) {
	for _, k := range message.Kinds() {
		for _, language := range message.Languages() {
			sheet, _ := message.Builtin(k.Name, language)
			for _, by := range k.Channels {
				got, _ := message.Render(k, sheet, by, examples(k), look)
				if strings.Contains(strings.ToLower(got.Subject+got.Text+got.HTML), "sallyport") {
					t.Errorf("%s by %s names the vendor", k.Name, by)
				}
			}
		}
	}
}

func TestCodesAreSaidOneByOneOnThePhoneAndNeverInSubjects(t *testing.T) {
	k, _ := message.Lookup(message.SignInCode)
	sheet, _ := message.Builtin(k.Name, message.English)
	values := map[string]string{"code": "204 981", "minutes": "10"}
	call, err := message.Render(k, sheet, message.Voice, values, look)
	if err != nil || strings.Count(call.Text, "2, 0, 4, 9, 8, 1") != 2 {
		t.Errorf("%q %v", call.Text, err)
	}
	mail, err := message.Render(k, sheet, message.Email, values, look)
	if err != nil || strings.Contains(mail.Subject, "204") || !strings.Contains(mail.HTML, ">204 981<") || !strings.Contains(mail.Text, "    204 981\n") {
		t.Errorf("%+v %v", mail, err)
	}
	if strings.Contains(mail.Text, "button") || strings.Contains(mail.HTML, "<a class") {
		t.Errorf("a link is announced that is not there: %s", mail.Text)
	}
	if _, err := message.Render(k, sheet, message.Letter, values, look); !errors.Is(err, message.ErrChannel) {
		t.Errorf("a code by letter: %v", err)
	}
}

func TestWhatStrangersWriteIsOneLineOfPlainText(t *testing.T) {
	k, _ := message.Lookup(message.PasswordChanged)
	sheet, _ := message.Builtin(k.Name, message.English)
	for name, test := range map[string]struct{ wrote, unwanted string }{
		"a header of its own":            {"Eve\r\nBcc: all@victims.example", "\nBcc"},
		"a line separator":               {"Eve\u2028Bcc: x", "\u2028"},
		"a mark that turns text around":  {"Eve\u202egnp.exe", "\u202e"},
		"a NUL":                          {"Eve\x00", "\x00"},
		"broken UTF-8":                   {"Eve\xff\xfe", "\xff"},
		"an element":                     {`<img src=x onerror=alert(1)>`, "<img"},
		"an attribute":                   {`" onmouseover="x`, `" onmouseover`},
		"an advertisement":               {"Win at https://evil.example/now", "evil.example"},
		"an advertisement without https": {"evil.example", "evil.example"},
		"an advertisement by address":    {"write eve@evil.example", "eve@evil"},
		"another placeholder":            {"{link}", "https://my"},
	} {
		t.Run(name, func(t *testing.T) {
			values := map[string]string{"name": test.wrote, "when": "now", "device": test.wrote}
			for _, by := range k.Channels {
				got, err := message.Render(k, sheet, by, values, look)
				if err != nil {
					t.Fatal(err)
				}
				if strings.Contains(got.Subject+got.Text+got.HTML, test.unwanted) || strings.ContainsAny(got.Subject, "\r\n") {
					t.Errorf("%s lets %q through: %q %q", by, test.unwanted, got.Subject, got.Text)
				}
			}
		})
	}
}

func TestANameOf64KilobytesIsCut(t *testing.T) {
	k, _ := message.Lookup(message.PasswordChanged)
	sheet, _ := message.Builtin(k.Name, message.English)
	got, err := message.Render(k, sheet, message.Email, map[string]string{"name": strings.Repeat("ä.b", 1<<15), "when": "now"}, look)
	if err != nil || len(got.HTML) > 8<<10 {
		t.Errorf("%d bytes, %v", len(got.HTML), err)
	}
}

func TestValuesThatAreNotOfTheirFormAreRefusedWithoutRepeatingThem(t *testing.T) {
	k, _ := message.Lookup(message.SignInCode)
	for name, values := range map[string]map[string]string{
		"a code with a line break":     {"code": "204\n981", "minutes": "10"},
		"a code with markup":           {"code": "<b>1</b>", "minutes": "10"},
		"no code":                      {"minutes": "10"},
		"a script for a link":          {"code": "1", "minutes": "10", "link": "javascript:alert(1)"},
		"a link with a line break":     {"code": "1", "minutes": "10", "link": "https://a.example/\r\nBcc:x"},
		"a link with a name in it":     {"code": "1", "minutes": "10", "link": "https://bank.example@evil.example/"},
		"a link that leaves its quote": {"code": "1", "minutes": "10", "link": `https://a.example/"x`},
		"a link of 3000 bytes":         {"code": "1", "minutes": "10", "link": "https://a.example/" + strings.Repeat("x", 3000)},
		"a value that there is not":    {"code": "1", "minutes": "10", "password": "secret9"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := k.Clean(values)
			var refused *message.ValueError
			if !errors.As(err, &refused) {
				t.Fatalf("got %v", err)
			}
			for _, v := range values {
				if len(v) > 2 && strings.Contains(err.Error(), v) {
					t.Errorf("the error repeats a value: %v", err)
				}
			}
		})
	}
}

func TestSheetsSayOnlyWhatThereIs(t *testing.T) {
	code, _ := message.Lookup(message.SignInCode)
	for name, test := range map[string]struct {
		sheet message.Sheet
		want  string
	}{
		"a placeholder that there is not": {message.Sheet{Body: "{code} {custmer}"}, "{custmer}"},
		"a brace that does not close":     {message.Sheet{Body: "{code} {code"}, "no placeholder"},
		"a brace of a program":            {message.Sheet{Body: "{code} {{.Customer}}"}, "no placeholder"},
		"a body without the code":         {message.Sheet{Body: "Your code is ready."}, "nobody can go on"},
		"a text without the code":         {message.Sheet{Text: "Your code is ready."}, "nobody can go on"},
		"a code in the subject":           {message.Sheet{Subject: "{code}"}, "logs"},
		"a link in the subject":           {message.Sheet{Subject: "{link}"}, "logs"},
		"two lines in a subject":          {message.Sheet{Subject: "a\nBcc: b"}, "line break"},
		"two lines in a text message":     {message.Sheet{Text: "{code}\nb"}, "line break"},
		"a subject that is too long":      {message.Sheet{Subject: strings.Repeat("x", 201)}, "201 characters"},
	} {
		t.Run(name, func(t *testing.T) {
			found := test.sheet.Check(code)
			if len(found) == 0 || !strings.Contains(fmt.Sprint(found), test.want) || found[0].Fix == "" {
				t.Errorf("got %+v", found)
			}
		})
	}
}

func TestALanguageFallsBackToWhatIsNearest(t *testing.T) {
	there := []message.Language{"en", "es", "pt-BR"}
	for wanted, want := range map[message.Language]message.Language{
		"es": "es", "es-MX": "es", "ES_mx": "es", "pt": "pt-BR", "pt-PT": "pt-BR", "fr": "en", "": "en", "../x": "en", "es\r\nBcc": "en",
	} {
		if got := message.Choose(wanted, there); got != want {
			t.Errorf("%q gives %q, want %q", wanted, got, want)
		}
	}
	if got := message.Choose("fr", []message.Language{"de"}); got != "de" {
		t.Errorf("without English: %q", got)
	}
}

func FuzzNoValueLeavesItsPlace(f *testing.F) {
	f.Add("Aroha", "https://a.example/?t=1")
	f.Add("\r\n.\r\n<script>", "https://a.example/'><script>")
	k, _ := message.Lookup(message.PasswordChanged)
	sheet, _ := message.Builtin(k.Name, message.Spanish)
	tags := func(html string) int { return strings.Count(html, "<") }
	plain, err := message.Render(k, sheet, message.Email, map[string]string{"name": "x", "device": "x", "when": "x", "link": "https://a.example/"}, look)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, name, link string) {
		got, err := message.Render(k, sheet, message.Email, map[string]string{"name": "x" + name, "device": "x" + name, "when": "x", "link": link}, look)
		if err != nil || link == "" {
			return
		}
		if tags(got.HTML) != tags(plain.HTML) || !utf8.ValidString(got.HTML+got.Text) || strings.ContainsAny(got.Subject+got.Text, "\r\x00") {
			t.Errorf("%q %q change the form: %s", name, link, got.Text)
		}
	})
}

func ExampleRender() {
	kind, _ := message.Lookup(message.SignInCode)
	sheet, _ := message.Builtin(kind.Name, message.Spanish)
	got, err := message.Render(kind, sheet, message.SMS, map[string]string{"code": "204 981", "minutes": "10"}, message.Look{Brand: "Harbourlight Energy"})
	fmt.Println(got.Text, err)
	// Output: 204 981 es su código de Harbourlight Energy para iniciar sesión. Vale 10 minutos. No se lo diga a nadie. <nil>
}

func TestANewPasswordTellsWhatWasAddedLately(t *testing.T) {
	kind, _ := message.Lookup(message.PasswordReset)
	for language, want := range map[message.Language]string{message.English: "Passkeys added in the last 30 days: 2", message.Spanish: "últimos 30 días: 2"} {
		sheet, _ := message.Builtin(message.PasswordReset, language)
		got, err := message.Render(kind, sheet, message.Email, map[string]string{"when": "22 November 2026, 16:30 UTC", "passkeys": "2"}, message.Look{Brand: "Acme"})
		if err != nil || !strings.Contains(got.Text, want) || strings.Contains(got.Text, "{") || strings.Count(got.Text, "30 d") != 1 {
			t.Errorf("%s: %v\n%s", language, err, got.Text)
		}
	}
}

func TestWhatNobodyDidThemselvesAsksNobodyWhetherItWasThem(t *testing.T) {
	for _, name := range []message.Name{message.AccessReady, message.Disabled, message.Erased, message.ClaimGranted, message.ClaimRefused} {
		for _, language := range message.Languages() {
			sheet, _ := message.Builtin(name, language)
			for _, asks := range []string{"was you", "was not you", "fue usted"} {
				if strings.Contains(sheet.Body+sheet.Text, asks) {
					t.Errorf("%s in %s says %q: %s", name, language, asks, sheet.Body)
				}
			}
		}
	}
}
