package journey

// Ask is what one step asks for.
type Ask string

// What a step can ask for. Identifier, password and second factor have their own
// ways; what stands below them are tasks, which all go the same way.
const (
	Identifier Ask = "identifier"
	Password   Ask = "password"
	TOTP       Ask = "totp" // a second factor: a code of an authenticator app, or another that they have

	Verify      Ask = "verify"       // a code or link that was sent to an address
	NewPassword Ask = "new-password" // a password to be
	Terms       Ask = "terms"        // acceptance of documents, in their newest version
	Profile     Ask = "profile"      // attributes that are missing
	Questions   Ask = "questions"    // answers to security questions, of earlier systems
	Claim       Ask = "claim"        // an account of the business's own, to be theirs
	Access      Ask = "access"       // nothing: waits until their rights are everywhere
)

// task tells whether it is one of those that go the same way.
func (a Ask) task() bool {
	switch a {
	case Verify, NewPassword, Terms, Profile, Questions, Claim, Access:
		return true
	}
	return false
}

// proof is what the attempts at it are counted as; empty where nothing is to be
// guessed.
func (a Ask) proof() Proof {
	switch a {
	case Verify:
		return ByAddress
	case Questions:
		return ByAnswers
	case Claim:
		return ByFacts
	}
	return ""
}

// page is where a task is asked for.
func (a Ask) page() Page { return Page(a) }
