package journey

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the stories")

// TestStories plays scripts: a line with > is an event, # a remark, and what
// lies between them is what followed.
func TestStories(t *testing.T) {
	files, err := filepath.Glob("testdata/stories/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no stories", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got := play(t, string(text))
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(string(text), got); diff != "" && !*update {
				t.Error(diff)
			}
		})
	}
}

func play(t *testing.T, script string) string {
	t.Helper()
	j, s := Default(), State{}
	var out strings.Builder
	for line := range strings.Lines(script) {
		line = strings.TrimSuffix(line, "\n")
		if name, is := strings.CutPrefix(line, "journey "); is {
			j = journeys(t)[name]
			fmt.Fprintln(&out, line)
			continue
		}
		if line == "" || strings.HasPrefix(line, "#") {
			fmt.Fprintln(&out, line)
			continue
		}
		typed, isEvent := strings.CutPrefix(line, "> ")
		if !isEvent {
			continue
		}
		var effects []Effect
		s, effects = Step(j, s, readEvent(t, typed))
		fmt.Fprintln(&out, line)
		for _, e := range effects {
			fmt.Fprintln(&out, "    "+describe(e))
		}
		if kept := s.Encode(); kept != nil { // what lies between two requests is what was sealed
			resumed, err := Decode(kept)
			if err != nil {
				t.Fatalf("after %q: %v", typed, err)
			}
			if s.phase == asking {
				s = resumed
			}
		}
	}
	return out.String()
}

func readEvent(t *testing.T, text string) Event {
	t.Helper()
	words := append(strings.Fields(text), "", "")
	switch words[0] {
	case "begin":
		return Begin{Hint: words[1]}
	case "identifier":
		return IdentifierGiven{strings.TrimPrefix(text, "identifier")}
	case "password-of":
		return PasswordGiven{Of: words[1], Empty: words[2] == "empty"}
	case "allowed":
		return AttemptAllowed{}
	case "limited":
		d, err := time.ParseDuration(words[1])
		if err != nil {
			t.Fatal(err)
		}
		return AttemptLimited{d}
	case "busy":
		return AttemptUnavailable{5 * time.Second}
	case "match":
		return PasswordChecked{Verdict: Match}
	case "no-match":
		return PasswordChecked{Verdict: NoMatch}
	case "unavailable":
		return PasswordChecked{Verdict: Unavailable, RetryAfter: 2 * time.Second}
	case "no-factors":
		return FactorsFound{}
	case "passkey-made-to-be-second":
		return FactorsFound{Passkey: true, Second: true}
	case "passkey-to-sign-in-by":
		return FactorsFound{Passkey: true}
	case "app-and-passkey":
		return FactorsFound{Enrolled: true, Kept: true, Passkey: true}
	case "required-and-passkey":
		return FactorsFound{Required: true, Passkey: true}
	case "passkey-of":
		return PasskeyGiven{Of: words[1]}
	case "right-passkey":
		return PasskeyChecked{Verdict: Match, Verified: words[1] == "verified" || words[2] == "verified", Hardware: words[1] == "hardware"}
	case "wrong-passkey":
		return PasskeyChecked{Verdict: NoMatch, Verified: true}
	case "unchecked-passkey":
		return PasskeyChecked{Verified: true}
	case "required":
		return FactorsFound{Required: true}
	case "enrolled":
		return FactorsFound{Enrolled: true, Kept: true}
	case "codes-not-kept":
		return FactorsFound{Enrolled: true}
	case "code":
		return CodeGiven{Empty: words[1] == "empty"}
	case "ask-recovery":
		return RecoveryAsked{}
	case "recovery":
		return RecoveryGiven{Empty: words[1] == "empty"}
	case "right-code":
		return CodeChecked{Verdict: Match}
	case "wrong-code":
		return CodeChecked{Verdict: NoMatch}
	case "unchecked-code":
		return CodeChecked{Verdict: Unavailable}
	case "overtaken":
		return CodeChecked{Overtaken: true}
	case "has":
		return FactorsFound{
			Enrolled: strings.Contains(text, "app"), Text: strings.Contains(text, "text"), Call: strings.Contains(text, "call"), Card: strings.Contains(text, "card"),
			Kept: strings.Contains(text, "codes"), Phones: strings.Contains(text, "phones"), Deferrable: strings.Contains(text, "can-wait"), Required: strings.Contains(text, "must"),
		}
	case "code-sent":
		return CodeSent{Refused: words[1] == "refused"}
	case "another-way":
		return AnotherWay{}
	case "choose":
		return FactorChosen{Proof(words[1])}
	case "ask-phone":
		return PhoneAsked{Phone: true}
	case "phone":
		return PhoneGiven{Empty: words[1] == "empty", Call: words[1] == "call"}
	case "later":
		return Later{}
	case "ask-code":
		return CodeAsked{Of: words[1]}
	case "sent":
		return Sent{}
	case "needed":
		return Found{Needed: true}
	case "not-needed":
		return Found{}
	case "give":
		return TaskGiven{Step: words[1], Empty: words[2] == "empty"}
	case "skip":
		return TaskSkipped{Step: words[1]}
	case "again":
		return SendAgain{Step: words[1]}
	case "done":
		return Performed{Verdict: Match, Known: words[1] == "known"}
	case "not-done":
		return Performed{Verdict: NoMatch, Problem: Problem(words[1])}
	case "kept":
		return CodesKept{}
	case "back":
		return Back{}
	case "expired":
		return Expired{}
	case "returned":
		return Returned{}
	}
	t.Fatalf("unknown event %q", text)
	return nil
}

func describe(e Effect) string {
	switch e := e.(type) {
	case ShowPage:
		text := fmt.Sprintf("show %s", e.Page)
		if e.Of > 0 {
			text += fmt.Sprintf(" (%d of %d)", e.Step, e.Of)
		}
		if e.Identifier != "" {
			text += " with " + e.Identifier
		}
		if e.Problem != "" {
			text += ": " + string(e.Problem)
		}
		for _, extra := range []struct {
			is   bool
			word string
		}{{e.Skippable, "can be passed over"}, {e.Choice, "or another way"}, {e.Codes, "or by a code"}, {e.Phone, "or a phone"}} {
			if extra.is {
				text += ", " + extra.word
			}
		}
		if e.RetryAfter > 0 {
			text += fmt.Sprintf(" for %v", e.RetryAfter)
		}
		return text
	case ReserveAttempts:
		if e.Identifier == "" {
			return "reserve an attempt of nobody named at " + string(e.Of)
		}
		if e.Of != ByPassword {
			return "reserve an attempt of " + e.Identifier + " at " + string(e.Of)
		}
		return "reserve an attempt of " + e.Identifier
	case CheckPassword:
		return "check the password of " + e.Identifier
	case LookUpFactors:
		return "look the second factors up"
	case CheckCode:
		if e.Enrol {
			return "check and take the code that makes a factor of " + string(e.By)
		}
		return "check and take the " + string(e.By)
	case SendCode:
		return "send a code by " + string(e.By)
	case Send:
		return "send a code to be given at " + e.Step
	case Consult:
		return "look up what is left to do at " + e.Step
	case Perform:
		return "do " + e.Step
	case Skip:
		return "note that " + e.Step + " was passed over"
	case CheckPasskey:
		whose := "of whom it names"
		switch {
		case e.Second:
			whose = "of who proved the first factor"
		case e.Identifier != "":
			whose = "of " + e.Identifier
		}
		return "check and take the passkey " + whose
	case UpgradeCredential:
		return "upgrade the credential"
	case StartSession:
		return fmt.Sprintf("start a session of %v by %v at %s", e.Lifetime, e.Methods, e.Assurance)
	case Record:
		if e.Of != ByPassword {
			return "record " + string(e.Outcome) + " of " + string(e.Of)
		}
		return "record " + string(e.Outcome)
	}
	return fmt.Sprintf("%T", e)
}
