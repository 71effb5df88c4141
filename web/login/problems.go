package login

import (
	"net/http"
	"time"

	"sallyport/pure/journey"
	"sallyport/service/claim"
	"sallyport/service/signin"
)

// noCookies is seen by this package alone: what was to be kept did not come back.
const noCookies journey.Problem = "no-cookies"

// linkElsewhere too: a link came to a browser that had not asked for it.
const linkElsewhere journey.Problem = "link-elsewhere"

// told is a problem in words for customers.
type told struct {
	what, fix string
	field     bool // whether it is about the field that the page asks for
}

var problems = map[journey.Problem]told{
	journey.IdentifierMissing: {what: "Enter your email address, phone number or username", field: true},
	journey.IdentifierTooLong: {what: "This is too long to be an email address, phone number or username", field: true},
	journey.PasswordMissing:   {what: "Enter your password", field: true},
	journey.CodeMissing:       {what: "Enter the code that your app shows", field: true},
	journey.CodeRefused: {
		what: "This code does not match, or was used already.",
		fix:  "Wait until your app shows the next code, and enter that one. The clock of your phone must be right.",
	},
	journey.RecoveryMissing: {what: "Enter one of your recovery codes", field: true},
	journey.RecoveryRefused: {
		what: "This is none of your unused recovery codes.",
		fix:  "Each code works once. Check the list that you kept, and take the next one.",
	},
	journey.PasskeyRefused: {
		what: "This passkey did not let you in.",
		fix:  "It may be for another name, or have waited too long. Try once more, or go on in another way.",
	},
	journey.PasskeyUnverified: {
		what: "This key did not check that it is you.",
		fix:  "It asked for no PIN and no fingerprint, so it is not enough alone. Sign in with your password.",
	},
	journey.AnswerMissing: {what: "Enter the code that we sent", field: true},
	journey.AnswerRefused: {
		what: "We cannot take this answer.",
		fix:  "Check what you entered, and send it once more.",
	},
	signin.CodeOver: {
		what: "That code is not good any more.",
		fix:  "Have another one sent, and take that. It works for 10 minutes.",
	},
	signin.AnswersWrong: {
		what: "These are not the answers that you gave before.",
		fix:  "Check them, and send them once more. Upper case and spaces do not matter.",
	},
	signin.AnswersPoor: {
		what: "Choose a different question each time, and answer each differently.",
		fix:  "An answer has at least two characters.",
	},
	signin.CardWrong: {
		what: "This is none of the unused codes of your card.",
		fix:  "Each code works once. Cross it out, and take another one.",
	},
	signin.CodeWrong: {
		what: "This is not the code that we sent.",
		fix:  "Check the newest message, and type its six digits. Spaces do not matter.",
	},
	claim.NumberWrong: {what: "This cannot be an account number. Take the one on your bill", field: true},
	claim.NotProved: {
		what: "What you entered does not match our records.",
		fix:  "Check it with your newest bill. Leave a question out rather than guess: a wrong answer counts against you.",
	},
	claim.TooFew: {
		what: "This is not enough to show that the account is yours.",
		fix:  "Answer more of the questions. Nothing was counted.",
	},
	claim.ClaimWaits: {
		what: "We could not link this account by ourselves.",
		fix:  "Somebody looks at it, and you hear from us. You can go on without it.",
	},
	linkElsewhere: {
		what: "This link works only where you began.",
		fix:  "Open it in the browser in which you asked for it, or type the code of the same message there.",
	},
	signin.TermsMissing: {
		what: "You can go on once you agree to what is needed.",
		fix:  "Read it, and tick the box below it. If you do not agree, close this page; nothing was changed.",
	},
	signin.AddressRefused:    {what: "This is no address that we can send a code to", field: true},
	signin.PasswordUnchosen:  {what: "Choose a password, and type it here", field: true},
	signin.PasswordShort:     {what: "This password is too short", field: true},
	signin.PasswordLong:      {what: "This password is too long", field: true},
	signin.PasswordText:      {what: "This password has characters that cannot be typed again", field: true},
	signin.PasswordGuessable: {what: "This password is easily guessed. Choose one that has nothing to do with your name, and no pattern", field: true},
	signin.PasswordCommon:    {what: "This password is one of the most common ones. Choose another", field: true},
	signin.PasswordBreached:  {what: "This password was stolen from another website before. Choose another", field: true},
	journey.PhoneRefused: {
		what: "We cannot send a code to this number.",
		fix:  "Check it, and write it with its area code, or give another one.",
	},
	journey.PhoneTwice: {
		what: "Your phone cannot give both proofs.",
		fix:  "A code of this phone is your second proof, so begin with something else: your password, or go back and give your email address. If you have neither, ask us for help.",
	},
	signin.PhoneFirst: {
		what: "Your first code came to this phone.",
		fix:  "Your second proof has to be another one: another phone, or an app.",
	},
	journey.PasswordNeeded: {
		what: "For what you want to do, we need your password.",
		fix:  "Enter it, and give your second proof after it. If you forgot it, you can choose a new one.",
	},
	journey.NotRecognised: {
		what: "The name and the password do not match what we know.",
		fix:  "Check that the name below is yours, and that Caps Lock is off. Then type your password again.",
	},
	journey.TooManyAttempts: {
		what: "There were too many attempts to sign in.",
		fix:  "To keep the account safe, we have paused sign-in. Nobody has changed anything.",
	},
	journey.CheckUnavailable: {
		what: "We could not check what you entered just now.",
		fix:  "This is our fault, not yours; it may well be right.",
	},
	journey.Interrupted: {
		what: "Your sign-in was interrupted.",
		fix:  "Perhaps you went on in another tab. Please check that the name is yours, and go on from here.",
	},
	noCookies: {
		what: "Your browser does not accept our cookies.",
		fix:  "We need them to sign you in, and for nothing else. Allow cookies for this website, then try again.",
	},
}

// status is that of the page which tells of a problem. It must not depend on
// whether an account exists.
func status(problem journey.Problem) int {
	switch problem {
	case "":
		return http.StatusOK
	case journey.TooManyAttempts:
		return http.StatusTooManyRequests
	case journey.CheckUnavailable:
		return http.StatusServiceUnavailable
	}
	return http.StatusUnprocessableEntity
}

// speaker says a text in the language of a page.
type speaker func(text string, with ...any) string

// inWords gives a time to wait, rounded up so that it is not too early.
func inWords(say speaker, d time.Duration) string {
	up := func(unit time.Duration) int { return int((d + unit - 1) / unit) }
	switch {
	case d <= time.Minute:
		return say("a minute")
	case d <= time.Hour:
		return say("%d minutes", up(time.Minute))
	case d <= 24*time.Hour:
		return say("%d hours", up(time.Hour))
	}
	return say("%d days", up(24*time.Hour))
}
