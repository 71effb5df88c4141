package journey

// Proof is by what a customer shows who they are.
type Proof string

// The proofs.
const (
	ByPassword  Proof = "password"
	ByCode      Proof = "code" // of an authenticator app
	ByRecovery  Proof = "recovery"
	ByEnrolment Proof = "enrolment" // the first code of a new key
	ByPasskey   Proof = "passkey"
	ByAddress   Proof = "address" // a code or link that was sent to an e-mail address
	ByText      Proof = "text"    // a code that was sent to a phone
	ByCall      Proof = "call"    // a code that was told to a phone
	ByCard      Proof = "card"    // a code of a card that was posted
	ByAnswers   Proof = "answers" // to security questions: counted, and no factor
	ByFacts     Proof = "facts"   // about an account that is claimed: counted, and no factor
)

// proofs is what was proved on the way, as a set.
type proofs uint16

const (
	provedPassword proofs = 1 << iota
	provedAddress
	provedText
	provedCall
	provedApp
	provedRecovery
	provedCard
	provedSoftKey // a passkey that may be on several devices
	provedHardKey // one that cannot leave its device
	provedOwner   // the passkey made sure of its owner
	provedAnswers
	provedChoice        // of a password, just now: they know it, and it says nothing of who they are
	allProofs    proofs = 1<<iota - 1
)

const (
	provedChannel = provedAddress | provedText | provedCall
	provedKey     = provedSoftKey | provedHardKey
	provedSecond  = provedApp | provedRecovery | provedCard | provedKey
)

// mark is the bit of a proof; zero for what proves nobody.
func (p Proof) mark() proofs {
	switch p {
	case ByPassword:
		return provedPassword
	case ByAddress:
		return provedAddress
	case ByText:
		return provedText
	case ByCall:
		return provedCall
	case ByCode, ByEnrolment:
		return provedApp
	case ByRecovery:
		return provedRecovery
	case ByCard:
		return provedCard
	case ByAnswers:
		return provedAnswers
	}
	return 0
}

func (p proofs) has(any proofs) bool { return p&any != 0 }

// first tells whether they say who somebody is: answers never do.
func (p proofs) first() bool { return p.has(provedPassword | provedChannel | provedOwner) }

// two tells whether they are of two kinds: what somebody knows, and what they have.
// A passkey that made sure of its owner is both. An e-mail address is neither: who
// has the password often has the mailbox (NIST SP 800-63B §3.1.3.1). A password that was
// chosen just now adds nothing to the phone that let them choose it: whoever took the
// phone would have both.
func (p proofs) two() bool {
	phone := p.has(provedText | provedCall)
	switch {
	case p.has(provedOwner), p.has(provedPassword) && (phone || p.has(provedSecond)):
		return true
	}
	return p.has(provedChoice) && (p.has(provedSecond) || phone && p.has(provedAddress))
}

// The assurance of a session (acr): one factor, whichever it was, or two.
const (
	oneFactor  = "pwd"
	twoFactors = "mfa"
)

func (p proofs) assurance() string {
	if p.two() {
		return twoFactors
	}
	return oneFactor
}

// methods says it in the words of RFC 8176 §2. It has none for a mailbox, for which
// "email" stands, nor for how an authenticator knew its owner, nor for codes that
// were kept for an emergency.
func (p proofs) methods() []string {
	var all []string
	for _, m := range []struct {
		of   proofs
		word string
	}{
		{provedPassword | provedChoice, "pwd"},
		{provedAddress, "email"},
		{provedText, "sms"},
		{provedCall, "tel"},
		{provedApp | provedCard, "otp"},
		{provedSoftKey, "swk"},
		{provedHardKey, "hwk"},
		{provedKey, "user"},
		{provedAnswers, "kba"},
	} {
		if p.has(m.of) {
			all = append(all, m.word)
		}
	}
	if p.has(provedRecovery) || p.has(provedOwner) && !p.has(provedPassword|provedChoice) {
		all = append(all, "mfa")
	}
	return all
}
