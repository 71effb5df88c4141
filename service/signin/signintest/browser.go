package signintest

import (
	"context"
	"maps"
	"net/netip"
	"net/url"
	"strings"

	"sallyport/pure/journey"
	"sallyport/service/environment"
	"sallyport/service/signin"
)

// Browser is a visitor of the service who keeps cookies. It is for one
// goroutine.
type Browser struct {
	World   *World
	Live    *environment.Live
	Cookies map[string]string
	Address netip.Addr
}

// Browser gives one without cookies.
func (w *World) Browser() *Browser {
	return &Browser{World: w, Live: w.Live, Cookies: map[string]string{}, Address: netip.MustParseAddr("192.0.2.7")}
}

// Ticket begins a sign-in for My Account, and gives what the address holds.
func (b *Browser) Ticket(change ...func(*signin.Ticket)) string {
	b.World.T.Helper()
	t := signin.Ticket{Return: "/customers/authorize/continue?r=abc", Application: "my-account"}
	for _, c := range change {
		c(&t)
	}
	location, err := b.World.SignIn.Begin(context.Background(), b.Live, t)
	b.World.must(err)
	return strings.TrimPrefix(location, "/signin?t=")
}

// Visit is what the browser sends along.
func (b *Browser) Visit(ticket string) signin.Visit {
	return signin.Visit{Ticket: ticket, Cookies: maps.Clone(b.Cookies), Address: b.Address, Agent: "Test/1.0"}
}

// Open opens the page of a ticket.
func (b *Browser) Open(ticket string) *signin.Answer {
	b.World.T.Helper()
	answer, err := b.World.SignIn.Show(context.Background(), b.Live, b.Visit(ticket), false)
	return b.took(answer, err)
}

// Back goes back to the first page.
func (b *Browser) Back(ticket string) *signin.Answer {
	b.World.T.Helper()
	answer, err := b.World.SignIn.Show(context.Background(), b.Live, b.Visit(ticket), true)
	return b.took(answer, err)
}

// Name gives an identifier.
func (b *Browser) Name(ticket, identifier string) *signin.Answer {
	b.World.T.Helper()
	answer, err := b.World.SignIn.Give(context.Background(), b.Live, b.Visit(ticket), signin.Given{Identifier: identifier})
	return b.took(answer, err)
}

// Password gives a password on a page that shows identifier.
func (b *Browser) Password(ticket, identifier, password string) *signin.Answer {
	b.World.T.Helper()
	given := signin.Given{Identifier: identifier, Password: password, Secret: true}
	answer, err := b.World.SignIn.Give(context.Background(), b.Live, b.Visit(ticket), given)
	return b.took(answer, err)
}

// Passkey brings the assertion of a passkey, from a page that shows identifier.
func (b *Browser) Passkey(ticket, identifier string, assertion []byte) *signin.Answer {
	b.World.T.Helper()
	return b.give(ticket, signin.Given{Identifier: identifier, Passkey: string(assertion)})
}

// Code gives a code of an app.
func (b *Browser) Code(ticket, code string) *signin.Answer {
	b.World.T.Helper()
	return b.give(ticket, signin.Given{Code: code, CodeOf: journey.ByCode})
}

// Recovery gives a recovery code.
func (b *Browser) Recovery(ticket, code string) *signin.Answer {
	b.World.T.Helper()
	return b.give(ticket, signin.Given{Code: code, CodeOf: journey.ByRecovery})
}

// Kept says that recovery codes are kept.
func (b *Browser) Kept(ticket string) *signin.Answer {
	b.World.T.Helper()
	return b.give(ticket, signin.Given{Kept: true})
}

// Do gives whatever a form brought.
func (b *Browser) Do(ticket string, given signin.Given) *signin.Answer {
	b.World.T.Helper()
	return b.give(ticket, given)
}

func (b *Browser) give(ticket string, given signin.Given) *signin.Answer {
	b.World.T.Helper()
	answer, err := b.World.SignIn.Give(context.Background(), b.Live, b.Visit(ticket), given)
	return b.took(answer, err)
}

// SignIn goes all the way, and gives the last answer.
func (b *Browser) SignIn(identifier, password string) *signin.Answer {
	b.World.T.Helper()
	ticket := b.Ticket()
	b.Name(ticket, identifier)
	return b.Password(ticket, identifier, password)
}

// Session is the value of the session cookie.
func (b *Browser) Session() string { return b.Cookies[signin.CookieName(b.Live.ID, true)] }

func (b *Browser) took(answer *signin.Answer, err error) *signin.Answer {
	b.World.T.Helper()
	b.World.must(err)
	for _, c := range answer.Cookies {
		if c.Value == "" {
			delete(b.Cookies, c.Name)
		} else {
			b.Cookies[c.Name] = c.Value
		}
	}
	return answer
}

// Answer answers a task of a step with what a form brings.
func (b *Browser) Answer(ticket, step string, form map[string]string) *signin.Answer {
	b.World.T.Helper()
	values := url.Values{"step": {step}}
	for name, value := range form {
		values.Set(name, value)
	}
	given := signin.Given{Step: step, Form: values, Code: form["code"]}
	if _, is := form["code"]; is {
		given.CodeOf = journey.ByAddress
	}
	return b.give(ticket, given)
}

// Act wants something besides the obvious, at a step or, if that is empty, none.
func (b *Browser) Act(ticket, step string, act signin.Act) *signin.Answer {
	b.World.T.Helper()
	return b.give(ticket, signin.Given{Step: step, Act: act})
}
