package journey

// Problems of proofs that have to be two, apart from each other. Whoever sees one has
// proved something, and begins anew by something else.
const (
	// PhoneTwice: the first code came to the phone that is their second factor. Whoever
	// took that phone would have both.
	PhoneTwice Problem = "phone-twice"
	// PasswordNeeded: two factors are wanted, and they had a code sent although they have
	// a password. A mailbox is no factor beside another, and a phone is one alone.
	PasswordNeeded Problem = "password-needed"
)

// apart says why what was proved first cannot stand beside a second factor; empty if it
// can. Nobody is held up who has another second factor than that phone, be it a code
// that they keep for an emergency.
func (j *Journey) apart(s State, e FactorsFound) Problem {
	switch {
	case e.Password && !s.proofs.has(provedPassword) && j.steps[1].ask == Password:
		return PasswordNeeded
	case e.Same && !e.factors().has(haveFactors|haveCodes):
		return PhoneTwice
	}
	return ""
}

// anew forgets what was proved, and shows where something else is. Who has no password
// changes the name there.
func (j *Journey) anew(s State, why Problem) (State, []Effect) {
	step := 0
	if j.steps[1].ask == Password {
		step = 1
	}
	s = s.back(step)
	return s, show(j, s, why, 0)
}
