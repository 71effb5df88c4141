package journey

import (
	"slices"
	"time"
)

// alphabet has one event for each way in which events differ to Step.
func alphabet(j *Journey) []Event {
	all := []Event{
		Begin{},
		Begin{Hint: "dana"},
		IdentifierGiven{},
		IdentifierGiven{"dana"},
		IdentifierGiven{string(make([]byte, MaxIdentifier+1))},
		PasswordGiven{Of: "dana"},
		PasswordGiven{Of: "dana", Empty: true},
		PasswordGiven{Of: "otis"},
		CodeAsked{Of: "dana"},
		CodeAsked{Of: "otis"},
		AttemptAllowed{},
		AttemptLimited{time.Minute},
		AttemptUnavailable{time.Second},
		PasswordChecked{Verdict: Match},
		PasswordChecked{Verdict: NoMatch},
		PasswordChecked{Verdict: Unavailable},
		PasskeyGiven{},
		PasskeyGiven{Of: "dana"},
		PasskeyGiven{Of: "otis"},
		PasskeyChecked{Verdict: Match},
		PasskeyChecked{Verdict: Match, Verified: true},
		PasskeyChecked{Verdict: Match, Verified: true, Hardware: true},
		PasskeyChecked{Verdict: NoMatch, Verified: true},
		PasskeyChecked{Verdict: Unavailable, Verified: true},
		Back{},
		Expired{},
		Returned{},
	}
	all = append(all, factorEvents()...)
	all = append(all, FactorsFound{When: Never, Text: true}) // which no step says
	if slices.ContainsFunc(j.steps, func(s step) bool { return s.rules != 0 }) {
		all = append(all, ruledEvents()...)
	}
	all = append(all, Found{}, Found{Needed: true}, Sent{}, Sent{RetryAfter: time.Minute}, TaskGiven{Step: "another"}, TaskSkipped{Step: "another"}, SendAgain{Step: "another"})
	for _, verdict := range []Verdict{Unavailable, NoMatch, Match} {
		all = append(all, Performed{Verdict: verdict})
	}
	all = append(all, Performed{Verdict: Match, Known: true}, Performed{Verdict: Match, By: ByText}, Performed{Verdict: Match, Idle: true})
	for _, s := range j.steps {
		if s.ask.task() || s.codes {
			all = append(all, TaskGiven{Step: s.name}, TaskGiven{Step: s.name, Empty: true}, TaskSkipped{Step: s.name}, SendAgain{Step: s.name}, SendAgain{Step: s.name, By: ByCall}, SendAgain{Step: s.name, By: ByText})
		}
	}
	return all
}

// factorEvents are those of the second factor.
func factorEvents() []Event {
	return []Event{
		FactorsFound{},
		FactorsFound{Enrolled: true},
		FactorsFound{Enrolled: true, Kept: true},
		FactorsFound{Required: true},
		FactorsFound{Required: true, Deferrable: true},
		FactorsFound{Deferrable: true, Phones: true, Kept: true},
		FactorsFound{Required: true, Phones: true},
		FactorsFound{Passkey: true},
		FactorsFound{Passkey: true, Second: true},
		FactorsFound{Passkey: true, Required: true},
		FactorsFound{Passkey: true, Enrolled: true, Kept: true},
		FactorsFound{Text: true, Call: true, Card: true, Kept: true},
		FactorsFound{Call: true},
		FactorsFound{Card: true},
		FactorsFound{Same: true},
		FactorsFound{Same: true, Kept: true},
		FactorsFound{Same: true, Enrolled: true, Deferrable: true},
		FactorsFound{Same: true, Passkey: true},
		FactorsFound{Password: true, Required: true, Text: true},
		CodeGiven{},
		CodeGiven{Empty: true},
		RecoveryAsked{},
		RecoveryGiven{},
		RecoveryGiven{Empty: true},
		CodeChecked{Verdict: Match},
		CodeChecked{Verdict: NoMatch},
		CodeChecked{Verdict: Unavailable},
		CodeChecked{Overtaken: true},
		CodeSent{},
		CodeSent{Refused: true},
		CodeSent{RetryAfter: time.Minute},
		AnotherWay{},
		FactorChosen{ByCode},
		FactorChosen{ByPasskey},
		FactorChosen{ByText},
		FactorChosen{ByCall},
		FactorChosen{ByCard},
		PhoneAsked{},
		PhoneAsked{Phone: true},
		PhoneGiven{},
		PhoneGiven{Empty: true},
		PhoneGiven{Call: true},
		Later{},
		CodesKept{},
	}
}

// ruledEvents are those of a second factor about which rules decide.
func ruledEvents() []Event {
	return []Event{
		FactorsFound{When: Never, Enrolled: true},
		FactorsFound{When: Never, Required: true},
		FactorsFound{When: Never, Required: true, Enrolled: true, Kept: true},
		FactorsFound{When: Enrolled},
		FactorsFound{When: Enrolled, Text: true, Lacks: true},
		FactorsFound{When: Always},
		FactorsFound{When: Always, Deferrable: true, Phones: true},
		FactorsFound{When: Always, Text: true, Lacks: true},
		FactorsFound{When: Always, Card: true, Lacks: true, Required: true, Deferrable: true},
		FactorsFound{When: Always, Passkey: true, Lacks: true},
	}
}
