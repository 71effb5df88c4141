package password_test

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"sallyport/pure/password"
)

func TestWhichPasswordsAreTaken(t *testing.T) {
	tests := []struct {
		name, text string
		least      int
		want       error
	}{
		{"a few words", "correct horse battery", password.Alone, nil},
		{"words without spaces", "blauweiesseadler", password.Alone, nil},
		{"letters of any script, counted as people do", "ひみつのあいことばをここにおく", password.Alone, nil},
		{"as long as a manager makes it", strings.Repeat("xK9#mQ2v", 4) + "q", password.Alone, nil},
		{"short, where a code is asked for too", "xK9#mQ2v", password.Beside, nil},
		{"the same where it stands alone", "xK9#mQ2v", password.Alone, password.ErrShort},
		{"nothing", "", password.Alone, password.ErrShort},
		{"nothing, where nothing is asked for", "", 0, password.ErrGuessable},
		{"one letter short", "correct horse", 14, password.ErrShort},
		{"longer than is hashed", strings.Repeat("xK9#mQ2v", 129), password.Alone, password.ErrLong},
		{"bytes that are no text", "xK9#mQ2v\xff\xfe", password.Beside, password.ErrText},
		{"a character that nobody can type", "xK9#mQ2v\x00", password.Beside, password.ErrText},
		{"one letter over again", strings.Repeat("a", 20), password.Alone, password.ErrGuessable},
		{"a unit over again", "tractortractortractor", password.Alone, password.ErrGuessable},
		{"the alphabet", "abcdefghijklmnop", password.Alone, password.ErrGuessable},
		{"digits in order", "123456789012345", password.Alone, password.ErrGuessable},
		{"backwards", "9876543210987654", password.Alone, password.ErrGuessable},
		{"rows of the keyboard", "qwertyuiopasdfghjkl", password.Alone, password.ErrGuessable},
		{"the commonest word, decorated", "Password123456!", password.Alone, password.ErrGuessable},
		{"two of them", "welcomepassword2026", password.Alone, password.ErrGuessable},
		{"the username, twice", "DanaWhitfieldDanaWhitfield", password.Alone, password.ErrGuessable},
		{"the address", "dana.whitfield@mail.test", password.Alone, password.ErrGuessable},
		{"a part of the address, decorated", "whitfield-2345-whitfield", password.Alone, password.ErrGuessable},
		{"a name that has another one in it", "Harbourlight2026", password.Alone, password.ErrGuessable},
		{"a name within much else", "dana rows to the far island", password.Alone, nil},
		{"one that many people chose, long as it is", "mailcreated5240", password.Alone, password.ErrCommon},
		{"a common one in capitals, decorated", "SunFlower123456!", password.Alone, password.ErrCommon},
		{"a short one of them", "drowssap", password.Beside, password.ErrCommon},
		{"the first of the list", "!QAZ2wsx", password.Beside, password.ErrCommon},
		{"spaces", strings.Repeat(" ", 20), password.Alone, password.ErrGuessable},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			err := password.Check(test.text, test.least, "danawhitfield", "dana.whitfield@mail.test", "al", "", "harbour", "harbourlight")
			if !errors.Is(err, test.want) {
				t.Errorf("got %v, want %v", err, test.want)
			}
		})
	}
}

// The list is searched by lines; each of them is found, and nothing that only looks
// like one.
func TestEachCommonPasswordIsRefusedAndNoOther(t *testing.T) {
	list, err := os.ReadFile("common/common.txt")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Fields(string(list))
	if len(lines) < 10_000 || !slices.IsSorted(lines) {
		t.Fatalf("%d lines, or not in order", len(lines))
	}
	for _, line := range lines {
		if err := password.Check(line, password.Beside); !errors.Is(err, password.ErrCommon) && !errors.Is(err, password.ErrGuessable) {
			t.Fatalf("%q: %v", line, err)
		}
		for _, other := range []string{line + "\u00e9t\u00e9 quick brown", line + "\n" + line} {
			if err := password.Check(other, password.Beside); errors.Is(err, password.ErrCommon) {
				t.Fatalf("%q: %v", other, err)
			}
		}
	}
}

// What is taken keeps to every rule that can be told without repeating the code.
func FuzzWhatIsTakenIsLongTextAndNoName(f *testing.F) {
	f.Add("correct horse battery", "dana")
	f.Add("Password123456!", "al")
	f.Add("\x00\xff", "")
	f.Fuzz(func(t *testing.T, text, name string) {
		if password.Check(text, password.Alone, name) != nil {
			return
		}
		if utf8.RuneCountInString(text) < password.Alone || len(text) > password.MaxBytes || !utf8.ValidString(text) {
			t.Fatalf("%q was taken", text)
		}
		if len(name) >= 3 && strings.EqualFold(text, name) {
			t.Fatalf("%q was taken, which is the name", text)
		}
		if password.Check(strings.ToLower(text), password.Alone, name) != nil && len(strings.ToLower(text)) == len(text) {
			t.Fatalf("%q was taken, but not in small letters", text)
		}
	})
}

func ExampleCheck() {
	fmt.Println(password.Check("tractor", password.Alone))
	fmt.Println(password.Check("danadanadanadana", password.Alone, "dana"))
	fmt.Println(password.Check("a tractor in the rain", password.Alone, "dana"))
	// Output:
	// the password is too short
	// the password is easily guessed
	// <nil>
}
