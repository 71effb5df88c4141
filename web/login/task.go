package login

import (
	"cmp"
	_ "embed"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"sallyport/pure/customer"
	"sallyport/pure/journey"
	"sallyport/service/claim"
	"sallyport/service/code"
	"sallyport/service/signin"
	"sallyport/web/design"
)

//go:embed task.html
var taskHTML string

var taskTemplate = parse(taskHTML)

// tasks gives the heading and the one field of the page of a task; a page without a
// field has a zero one.
var tasks = map[journey.Page]func(*exchange, *question, *signin.Answer) (string, design.Field){
	journey.VerifyPage:      verifying,
	journey.NewPasswordPage: choosing,
	journey.TextPage:        verifying,
	journey.CallPage:        verifying,
	journey.CardPage:        carding,
	journey.ChoicePage: func(*exchange, *question, *signin.Answer) (string, design.Field) {
		return "How do you want to make sure that it is you?", design.Field{}
	},
	journey.PhonePage: naming,
	journey.ProfilePage: func(*exchange, *question, *signin.Answer) (string, design.Field) {
		return "A few things about you", design.Field{}
	},
	journey.TermsPage: func(_ *exchange, q *question, _ *signin.Answer) (string, design.Field) {
		return "Please read and agree", design.Field{}
	},
	journey.ClaimPage:  claiming,
	journey.AccessPage: preparing,
	journey.QuestionsPage: func(_ *exchange, q *question, answer *signin.Answer) (string, design.Field) {
		if shown, is := answer.Shown.(signin.SecurityQuestions); is && shown.Asked != nil {
			return "Answer your security questions", design.Field{}
		}
		q.Lead = "We ask them, beside everything else, when somebody wants a new password for your account. Choose what others do not know."
		return "Choose security questions", design.Field{}
	},
}

// task is what the template of a task shows.
type task struct {
	question
	Name     string // of the step, which the form brings back
	Fields   []design.Field
	Link     string // the token of a link that was followed; the page has a button alone
	Again    bool   // another code can be had
	Instead  string // by which other way the same phone can get it: call, text; empty for none
	Skip     bool
	Submit   string
	Terms    []termsItem
	Second   bool // it is of the second factor: its forms name no step
	Ways     []wayOf
	Call     bool   // a phone can be called
	Text     bool   // or be sent a text
	Other    bool   // another second factor can be given
	App      bool   // an app can be set up instead of a phone
	Recovery string // where a recovery code can be given; empty for nowhere
	GoOn     string // what a link says that leads on, where nothing is asked
	Reload   int    // seconds after which the page is asked for again; zero: never
	Patient  bool   // who waits may go on without
	Here     string // its address
	Action   string // where the form of a followed link goes: the same without the token
}

func (x *exchange) renderTask(q question, answer *signin.Answer) error {
	t := task{
		question: q, Here: x.pageURL(""), Action: x.pageURL(""),
		Name: answer.Page.Name, Again: q.Page == journey.VerifyPage, Skip: answer.Page.Skippable, Submit: "Continue",
	}
	if q.Field.Name != "" {
		t.Fields = []design.Field{q.Field}
	}
	switch q.Page {
	case journey.VerifyPage:
		if answer.Sent != nil {
			t.Instead = map[code.Channel]string{code.Voice: "call", code.SMS: "text"}[answer.Sent.Other]
		}
		if token := x.r.URL.Query().Get(code.LinkKey); token != "" && len(token) <= 64 && q.Problem == nil {
			t.Link, t.Fields = token, nil
		}
	case journey.TextPage, journey.CallPage:
		t.Second, t.Again, t.Other, t.Submit = true, true, answer.Page.Choice, "Sign in"
		if answer.Sent == nil || !answer.Sent.New {
			t.Recovery = x.pageURL("recovery")
		} else {
			t.Submit = "Continue"
		}
	case journey.CardPage:
		t.Second, t.Other, t.Submit, t.Recovery = true, answer.Page.Choice, "Sign in", x.pageURL("recovery")
	case journey.ChoicePage:
		t.Second, t.Ways, t.Recovery = true, waysOf(answer.Ways), x.pageURL("recovery")
	case journey.PhonePage:
		t.Second, t.Text, t.Call, t.App = true, answer.Texts, answer.Calls, true
	case journey.ProfilePage:
		t.Fields = x.profileFields(answer, q.Problem != nil)
		if q.Problem != nil {
			*t.Problem = wrongFields(t.Fields)
		}
	case journey.TermsPage:
		t.Terms = x.termsOf(answer)
	case journey.ClaimPage:
		t.Fields = claimFields(answer, answer.Page.Problem)
		if q.told == claim.NumberWrong {
			t.Problem.Field = claim.NumberInput
		}
		if t.Fields == nil {
			t.GoOn, t.Skip = "Continue", false
		}
	case journey.QuestionsPage:
		t.Fields = questionFields(x, answer)
	case journey.AccessPage:
		if shown, is := answer.Shown.(signin.Preparing); is {
			t.Reload, t.Patient = max(1, int(shown.Again/time.Second)), shown.Patient
		}
	}
	if t.Reload > 0 {
		x.w.Header().Set("Refresh", fmt.Sprintf("%d; url=%s", t.Reload, t.Here)) // without a script
	}
	return taskTemplate.Render(x.w, x.r, status(q.told), design.Page{
		Frame: x.frame(), Title: q.Heading, Failed: q.Problem != nil, Policy: design.LeadingTo(x.application), Data: t,
	})
}

// preparing tells somebody to wait until their access is there. Nothing is asked of them.
func preparing(_ *exchange, q *question, answer *signin.Answer) (string, design.Field) {
	q.Lead = "This takes a few seconds. The page goes on by itself."
	if shown, is := answer.Shown.(signin.Preparing); is && shown.Patient {
		q.Lead = "This takes longer than usual, and you have nothing to do. The page goes on by itself. If you go on now, we send you a message when your access is there."
	}
	return "We are preparing your access", design.Field{}
}

// termsItem is a document, or a purpose, with what one says to it.
type termsItem struct {
	Title, URL string
	Paragraphs []string
	Seen       string
	Version    string
	Field      design.Field
}

func (x *exchange) termsOf(answer *signin.Answer) []termsItem {
	asked, _ := answer.Shown.([]signin.TermsItem)
	var items []termsItem
	for _, a := range asked {
		item := termsItem{Title: a.Wording.Title, URL: a.Wording.URL, Seen: a.Seen, Version: a.Version}
		if a.Wording.Text != "" {
			item.Paragraphs = strings.Split(strings.TrimSpace(a.Wording.Text), "\n\n")
		}
		if item.Title == "" {
			item.Title = a.Name
		}
		label := x.say("I agree to: %s", item.Title)
		if !a.Required {
			label = x.say("Yes, you may: %s", item.Title)
		}
		item.Field = design.Field{
			Name: a.Input, Label: item.Title, Choices: design.Many, Optional: !a.Required, Options: []design.Option{{Value: a.Version, Label: label}},
		}
		if a.Wrong {
			item.Field.Wrong = "You can go on only if you agree to this"
		}
		items = append(items, item)
	}
	return items
}

// wayOf is a second factor to choose.
type wayOf struct{ By, Label, Why string }

var ways = map[journey.Proof]wayOf{
	journey.ByCode:    {Label: "A code of your authenticator app", Why: "Works without a network"},
	journey.ByPasskey: {Label: "Your passkey or security key", Why: "The safest"},
	journey.ByText:    {Label: "A code in a text message", Why: "To the phone that you gave us"},
	journey.ByCall:    {Label: "A code told by a call", Why: "A phone at home will do"},
	journey.ByCard:    {Label: "A code of your card", Why: "The card that we posted to you"},
}

func waysOf(all []journey.Proof) []wayOf {
	var list []wayOf
	for _, by := range all {
		way := ways[by]
		way.By = string(by)
		list = append(list, way)
	}
	return list
}

// naming asks for the number of a phone that is to be a second factor.
func naming(*exchange, *question, *signin.Answer) (string, design.Field) {
	return "Give the number of a phone", design.Field{
		Name: "phone", Type: "tel", Label: "Phone number", Hint: "We send a code to it now, and whenever you sign in",
		Autocomplete: "tel", InputMode: "tel", MaxLength: 40,
	}
}

// carding asks for a code of a card that was posted.
func carding(*exchange, *question, *signin.Answer) (string, design.Field) {
	return "Enter a code of your card", design.Field{
		Name: "code", Type: "text", Label: "Code", Hint: "Any one of the card that you have not used yet. Cross it out afterwards",
		Autocomplete: "off", InputMode: "numeric", MaxLength: 32,
	}
}

// verifying asks for a code that was sent. Where nobody looked whether there is anybody,
// or nobody may know, it says so.
func verifying(x *exchange, q *question, answer *signin.Answer) (string, design.Field) {
	sent := answer.Sent
	if sent == nil {
		sent = &signin.Sent{To: q.Identifier}
	}
	how, where := "We sent a code to %s. It works for 10 minutes.", "If we know %s, we sent a code to the address that we have. It works for 10 minutes."
	if sent.Channel == code.Voice {
		how, where = "We call %s and tell you a code. It works for 10 minutes.", "If we know %s, we call the number that we have and tell you a code. It works for 10 minutes."
	}
	if q.Lead = x.say(how, sent.To); !sent.Certain {
		q.Lead = x.say(where, sent.To)
	}
	if sent.Delayed {
		q.Lead += " " + x.say("We cannot reach part of our records now. If nothing comes, try again later: nothing is lost.")
	}
	return "Enter the code that we sent", design.Field{
		Name: "code", Type: "text", Label: "Code", Hint: "Six digits",
		Autocomplete: "one-time-code", InputMode: "numeric", MaxLength: 64,
	}
}

// choosing asks for a new password.
func choosing(x *exchange, q *question, answer *signin.Answer) (string, design.Field) {
	hint := "Use a long one, such as a few words"
	if shown, ok := answer.Shown.(signin.NewPassword); ok {
		hint = x.say("At least %d characters, such as a few words", shown.Least)
	}
	return "Choose a password", design.Field{
		Name: "new-password", Type: "password", Label: "New password", Hint: hint, Autocomplete: "new-password", MaxLength: 2048,
	}
}

// profileFields are the questions about what is missing.
func (x *exchange) profileFields(answer *signin.Answer, failed bool) []design.Field {
	asked, _ := answer.Shown.([]signin.ProfileField)
	var fields []design.Field
	for i, a := range asked {
		f := design.Field{Name: a.Input, Label: a.Title, Value: a.Value, Autocomplete: "off", MaxLength: 200, Focus: i == 0 && !failed}
		switch a.Type {
		case "number":
			f.InputMode = "decimal"
		case "date":
			f.Type = "date"
		case "boolean":
			f.Choices, f.Options = design.One, []design.Option{
				{Value: "true", Label: "Yes", Chosen: a.Value == "true"}, {Value: "false", Label: "No", Chosen: a.Value == "false"},
			}
		}
		if a.Name == "name" {
			f.Label, f.Autocomplete = "Your name", "name"
		}
		if x.frame().Language == cmp.Or(x.snapshot.BrandOf(x.application).Language, "en") { // in which purposes are written
			f.Hint = a.Why
		}
		if a.Wrong {
			f.Wrong = x.say("Answer this: %s", x.say(f.Label))
			if a.Type == "number" && strings.TrimSpace(a.Value) != "" {
				f.Wrong = x.say("Answer this with a number: %s", a.Title)
			}
		}
		fields = append(fields, f)
	}
	return fields
}

func wrongFields(fields []design.Field) design.Summary {
	var s design.Summary
	for _, f := range fields {
		switch {
		case f.Wrong == "":
		case s.What == "":
			s.What, s.Field = f.Wrong, f.Name
		default:
			s.More = append(s.More, design.Mistake{What: f.Wrong, Field: f.Name})
		}
	}
	if s.What == "" {
		s.What = "Answer the questions"
	}
	return s
}

// addressField asks with which address somebody registers.
func addressField(answer *signin.Answer, value string) design.Field {
	f := identifierField(value)
	mail, phone := slices.Contains(answer.Addresses, customer.Email), slices.Contains(answer.Addresses, customer.Phone)
	switch {
	case mail && phone:
		f.Label = "Email address or phone number"
	case phone:
		f.Label, f.Type, f.InputMode, f.Autocomplete = "Phone number", "tel", "tel", "tel"
	default:
		f.Label, f.InputMode, f.Autocomplete = "Email address", "email", "email"
	}
	f.Hint = "We send a code there, to make sure that it is yours"
	return f
}

// offer says what else can be done from a page.
func (q *question) offer(x *exchange, answer *signin.Answer) {
	q.Purpose = answer.Purpose
	instead := func(to journey.Purpose) string {
		return x.snapshot.URL.String() + "/signin?" + url.Values{"instead": {string(to)}, "t": {x.r.URL.Query().Get("t")}}.Encode()
	}
	switch q.Page {
	case journey.IdentifierPage, journey.PasswordPage:
	default:
		return
	}
	if answer.Purpose != journey.SignIn && answer.Purpose != "" {
		q.SignIn = instead(journey.SignIn)
		return
	}
	if answer.Registers && q.Page == journey.IdentifierPage {
		q.Register = instead(journey.Registration)
	}
	if answer.Recovers {
		q.Recover = instead(journey.Recovery)
	}
	q.Codes = answer.Page.Codes
}
