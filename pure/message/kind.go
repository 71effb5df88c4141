package message

import "slices"

// Channel is how a message travels.
type Channel string

// The channels.
const (
	Email  Channel = "email"
	SMS    Channel = "sms"
	Voice  Channel = "voice"  // a call that speaks it
	Letter Channel = "letter" // on paper
)

// Channels lists them.
func Channels() []Channel { return []Channel{Email, SMS, Voice, Letter} }

// Name names a kind of message.
type Name string

// Kinds that hand out a secret: whoever has the message can go on with it.
const (
	VerifyCode   Name = "verify-code"
	SignInCode   Name = "sign-in-code"
	RecoveryCode Name = "recovery-code"
	FactorCode   Name = "factor-code"
	VerifyLink   Name = "verify-link"
	SignInLink   Name = "sign-in-link"
	RecoveryLink Name = "recovery-link"
	CodeCard     Name = "code-card"
	Invitation   Name = "account-invitation"
)

// Kinds that tell somebody what was changed.
const (
	PasswordChanged Name = "password-changed"
	PasswordReset   Name = "password-reset"
	AppAdded        Name = "app-added"
	AppRemoved      Name = "app-removed"
	PasskeyAdded    Name = "passkey-added"
	PasskeyRemoved  Name = "passkey-removed"
	CodesRenewed    Name = "recovery-codes-renewed"
	CodeUsed        Name = "recovery-code-used"
	PhoneAdded      Name = "phone-added"
	PhoneRemoved    Name = "phone-removed"
	CardOrdered     Name = "code-card-ordered"
	CardEnded       Name = "code-card-ended"
	AddressAdded    Name = "address-added"
	AddressRemoved  Name = "address-removed"
	FirstAddress    Name = "first-address-changed"
	ChangeUndone    Name = "change-undone"
	SignedOut       Name = "signed-out-everywhere"
	AccountLinked   Name = "account-linked"
	AccountShared   Name = "account-shared"
	AccountLeft     Name = "account-left"
	ClaimGranted    Name = "claim-granted"
	ClaimRefused    Name = "claim-refused"
	AccessReady     Name = "access-ready"
	AnswersAdded    Name = "security-questions-set"
	AnswersRemoved  Name = "security-questions-removed"
	Disabled        Name = "sign-in-disabled"
	Erased          Name = "erased"
	Test            Name = "test"
)

// Form is what a value is.
type Form string

// The forms.
const (
	Text  Form = "text"  // from people: one line, without anything that would become a link
	Word  Form = "word"  // ours: one line
	Code  Form = "code"  // letters, digits and dashes, to be typed
	Link  Form = "link"  // an address that is opened
	Lines Form = "lines" // several codes, a line each
)

// Value is one value of a kind.
type Value struct {
	Name     string
	Form     Form
	Optional bool   // may be left out
	Example  string // for previews and tests
}

// Kind is one kind of message.
type Kind struct {
	Name     Name
	Title    string // for operators
	Values   []Value
	Secret   bool // hands one out: is delivered once at most, and dropped when it is worth nothing
	Channels []Channel
}

// common are values that every message has, of the brand.
var common = []Value{
	{"brand", Word, false, "Harbourlight Energy"},
	{"help", Link, true, "https://help.harbourlight.example/"},
	{"phone", Word, true, "555 0100"},
}

// Value finds a value of the kind, or of every kind.
func (k Kind) Value(name string) (Value, bool) {
	for _, list := range [][]Value{k.Values, common} {
		if i := slices.IndexFunc(list, func(v Value) bool { return v.Name == name }); i >= 0 {
			return list[i], true
		}
	}
	return Value{}, false
}

// Placeholders lists what a sheet of the kind may say, sorted.
func (k Kind) Placeholders() []string {
	var names []string
	for _, v := range slices.Concat(k.Values, common) {
		names = append(names, v.Name)
	}
	slices.Sort(names)
	return names
}

// Travels tells whether a kind is sent by a channel.
func (k Kind) Travels(by Channel) bool { return slices.Contains(k.Channels, by) }

// must are values without which a message is of no use.
func (k Kind) must() (names []string) {
	for _, v := range k.Values {
		if !v.Optional && (v.Form == Code || v.Form == Link || v.Form == Lines) {
			names = append(names, v.Name)
		}
	}
	return names
}

// Kinds lists all, by name.
func Kinds() []Kind {
	var all []Kind
	for _, group := range [][]Kind{secrets(), notices()} {
		all = append(all, group...)
	}
	slices.SortFunc(all, func(a, b Kind) int { return compare(a.Name, b.Name) })
	return all
}

func compare(a, b Name) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// Lookup finds a kind.
func Lookup(name Name) (Kind, bool) {
	for _, k := range Kinds() {
		if k.Name == name {
			return k, true
		}
	}
	return Kind{}, false
}

func secrets() []Kind {
	code := []Value{{"code", Code, false, "204 981"}, {"minutes", Word, false, "10"}, {"link", Link, true, "https://my.harbourlight.example/signin/link?t=example"}}
	link := []Value{{"link", Link, false, "https://my.harbourlight.example/signin/link?t=example"}, {"minutes", Word, false, "30"}}
	spoken, written := []Channel{Email, SMS, Voice}, []Channel{Email, SMS}
	return []Kind{
		{VerifyCode, "Code that proves an address", code, true, spoken},
		{SignInCode, "Code to sign in with", code, true, spoken},
		{RecoveryCode, "Code to set a new password with", code, true, spoken},
		{FactorCode, "Code as a second factor", code, true, []Channel{SMS, Voice}},
		{VerifyLink, "Link that proves an address", link, true, written},
		{SignInLink, "Link to sign in with", link, true, written},
		{RecoveryLink, "Link to set a new password with", link, true, written},
		{CodeCard, "Card of codes", []Value{{"name", Text, true, "Aroha Ngata"}, {"codes", Lines, false, "1  4821-9930\n2  1189-2044\n3  9055-7713"}}, true, []Channel{Letter}},
		{Invitation, "Invitation to share an account", []Value{
			{"link", Link, false, "https://my.harbourlight.example/account/invited?t=example"},
			{"days", Word, false, "7"},
			{"account", Text, true, "12 Wharf Lane"},
			{"by", Text, true, "Aroha Ngata"},
		}, true, written},
	}
}

// lately are what was added in the last thirty days to how somebody signs in: how many,
// or of phones the ends of their numbers.
var lately = []Value{
	{"apps", Word, true, "1"},
	{"passkeys", Word, true, "2"},
	{"phones", Word, true, "…0123"},
	{"cards", Word, true, "1"},
	{"codes", Word, true, "1"},
	{"addresses", Word, true, "1"},
}

func notices() (kinds []Kind) {
	rest := []Value{
		{"device", Text, true, "Firefox on Linux"},
		{"name", Text, true, "Aroha Ngata"},
		{"account", Text, true, "12 Wharf Lane"},
		{"link", Link, true, "https://my.harbourlight.example/account"},
	}
	for _, n := range told {
		when := Value{"when", Word, n.short(), "22 November 2026, 16:30 UTC"}
		values := append([]Value{when}, rest...)
		if n.name == PasswordReset {
			values = append(values, lately...)
		}
		kinds = append(kinds, Kind{n.name, n.title, values, false, []Channel{Email, SMS, Letter}})
	}
	return kinds
}
