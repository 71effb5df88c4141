package account

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"net/http"
	"slices"
	"strings"

	"sallyport/pure/customer"
	"sallyport/service/code"
	"sallyport/service/directory"
	"sallyport/service/environment"
	"sallyport/service/notify"
	"sallyport/web/design"
)

var addressesTemplate = parse("addresses")

// Codes sends codes to addresses and checks them: code.Service has it.
type Codes interface {
	Send(ctx context.Context, live *environment.Live, ask code.Ask) (code.Challenge, error)
	Check(ctx context.Context, live *environment.Live, sealed []byte, typed string, b code.Binding) (code.Verdict, error)
}

// addressList is what the page shows by which the customer is found and written to.
type addressList struct {
	common
	Addresses []address

	Add, Username string // addresses of pages; Add is empty where nothing can be proved
}

type address struct {
	name
	First  bool   // among several of its kind that are proved
	Choose string // address, to make it the first; empty: it is, or cannot be
	Remove string // empty: it is the last
}

func (x *exchange) showAddresses() {
	profile, err := x.cfg.Directory.Show(x.r.Context(), x.live.ID, x.current.Customer.ID)
	if err != nil {
		x.fail(err)
		return
	}
	page := addressList{common: x.common("Addresses and names"), Username: x.link("/addresses/username")}
	if x.cfg.Codes != nil && (x.sends(code.Email) || x.sends(code.SMS)) {
		page.Add = x.link("/addresses/add")
	}
	names := namesOf(profile.Identifiers)
	for i, id := range profile.Identifiers {
		one := address{name: names[i]}
		if len(profile.Identifiers) > 1 {
			one.Remove = x.link("/addresses/remove", "one", x.keyOfName(id))
		}
		if first, more := firstOf(profile.Identifiers, id.Kind); more && id.Verified {
			if one.First = first.Value == id.Value; !one.First {
				one.Choose = x.link("/addresses/first", "one", x.keyOfName(id))
			}
		}
		page.Addresses = append(page.Addresses, one)
	}
	x.render(addressesTemplate, http.StatusOK, page.Title, page)
}

func (x *exchange) sends(by code.Channel) bool {
	return x.cfg.Delivers == nil || x.cfg.Delivers(x.live, by)
}

// keyOfName names an identifier to this session's pages: addresses of pages are kept in
// histories, and hold no address of anybody.
func (x *exchange) keyOfName(id customer.Identifier) string {
	tag := x.secret.MAC(slices.Concat([]byte("identifier\x00"), x.current.Session.ID[:], []byte(id.Kind), []byte{0}, []byte(id.Value)))
	return hex.EncodeToString(tag[:16])
}

func (x *exchange) askAddress() { x.renderAddress(http.StatusOK, nil) }

func (x *exchange) renderAddress(status int, problem *design.Summary) {
	x.ask(status, "Add an address", design.Form{
		Problem: problem, Lead: []string{"We send a code there, so that nobody adds what is not theirs."},
		Submit: design.Button{Label: "Send code", ID: "address-add"}, Cancel: x.link("/addresses"),
		Fields: []design.Field{{
			Name: "address", Label: "E-mail address or mobile number", MaxLength: maxAddress, Autocomplete: "email", Focus: problem == nil,
			Value: short(x.r.PostForm.Get("address"), maxAddress),
		}},
	})
}

// added is the address that a form names, in its one form.
func (x *exchange) added() (id customer.Identifier, by code.Channel, ok bool) {
	typed := strings.TrimSpace(x.r.PostForm.Get("address"))
	kind := kindOf(typed)
	if kind == "" || len(typed) > maxAddress {
		return id, "", false
	}
	id, err := customer.Register(kind, typed, x.cfg.Region)
	by = code.Email
	if kind == customer.Phone {
		by = code.SMS
	}
	return id, by, err == nil && x.sends(by)
}

// sendProof sends a code to an address that is to be added. Whose it is, if anybody's,
// makes no difference to what is done and said.
func (x *exchange) sendProof() {
	if x.cfg.Codes == nil {
		x.lead("/addresses")
		return
	}
	id, by, ok := x.added()
	if !ok {
		x.renderAddress(http.StatusUnprocessableEntity, &design.Summary{What: "Enter an e-mail address or a mobile number", Fix: "With the code of its country, if it is not from here.", Field: "address"})
		return
	}
	again, _ := base64.RawURLEncoding.DecodeString(short(x.r.PostForm.Get("challenge"), 2*code.MaxSealed))
	if len(again) == 0 {
		again = nil
	}
	challenge, err := x.cfg.Codes.Send(x.r.Context(), x.live, code.Ask{
		Purpose: code.Verify, Channel: by, Address: id.Value, Subject: x.current.Customer.ID.String(), Flow: x.token, Known: true, Again: again,
		Source: code.Source{Address: x.cfg.Address(x.r)}, Customer: x.current.Customer.ID, Application: x.applicationName(),
		Language: string(notify.LanguageOf(x.current.Customer)), Brand: x.brand(),
	})
	var limited *code.LimitedError
	switch {
	case errors.As(err, &limited):
		x.retryAfter(limited.RetryAfter)
		x.renderAddress(http.StatusTooManyRequests, &design.Summary{What: "Too many codes were sent.", Fix: x.phrase("Try again in %s.", inWords(x.phrase, limited.RetryAfter))})
	case errors.Is(err, notify.ErrAddress), errors.Is(err, notify.ErrNoChannel), errors.Is(err, code.ErrNumber):
		x.renderAddress(http.StatusUnprocessableEntity, &design.Summary{What: "We cannot send anything there. Enter another address", Field: "address"})
	case err != nil:
		x.fail(err)
	default:
		x.renderProof(http.StatusOK, nil, challenge.Sealed)
	}
}

// proveAddress makes an address the customer's own, once they gave the code that was
// sent to it. That it is proved is said by the code alone, and by no form.
func (x *exchange) proveAddress() {
	id, _, ok := x.added()
	sealed, err := base64.RawURLEncoding.DecodeString(short(x.r.PostForm.Get("challenge"), 2*code.MaxSealed))
	if x.cfg.Codes == nil || !ok || err != nil {
		x.lead("/addresses")
		return
	}
	verdict, err := x.cfg.Codes.Check(x.r.Context(), x.live, sealed, x.r.PostForm.Get("code"), code.Binding{
		Purpose: code.Verify, Subject: x.current.Customer.ID.String(), Address: id.Value, Flow: x.token, Source: code.Source{Address: x.cfg.Address(x.r)},
	})
	if err != nil {
		x.fail(err)
		return
	}
	switch verdict.Outcome {
	case code.Match:
		_, err := x.changes().Prove(x.r.Context(), x.live, x.current.Customer.ID, id.Kind, x.r.PostForm.Get("address"), x.cfg.Region, directory.ProvedByCode, x.actor())
		if !x.failAddress(err) {
			x.say(x.followed())
			x.lead("/addresses")
		}
	case code.Wrong, code.Malformed:
		x.renderProof(http.StatusUnprocessableEntity, notTheCode(), sealed)
	case code.Limited:
		x.retryAfter(verdict.RetryAfter)
		x.renderProof(http.StatusTooManyRequests, &design.Summary{What: "There were too many attempts.", Fix: x.phrase("Try again in %s.", inWords(x.phrase, verdict.RetryAfter))}, sealed)
	default:
		x.renderAddress(http.StatusUnprocessableEntity, &design.Summary{What: "That code is not good any more.", Fix: "Have another one sent."})
	}
}

// failAddress answers for an error about identifiers; false for none.
func (x *exchange) failAddress(err error) bool {
	var field *directory.FieldError
	switch {
	case err == nil:
		return false
	case errors.Is(err, directory.ErrTaken):
		x.refuse(http.StatusConflict, "Somebody else has this already", "If it is yours, sign in with it, or ask us for help.")
	case errors.Is(err, directory.ErrTooManyIdentifiers):
		x.refuse(http.StatusConflict, "You have as many as anybody may", "Remove one that you do not use.")
	case errors.Is(err, directory.ErrLastIdentifier):
		x.refuse(http.StatusConflict, "This is all that you can be found by", "Add another address first.")
	case errors.Is(err, directory.ErrUnproven):
		x.refuse(http.StatusConflict, "This address is not confirmed", "Only a confirmed one comes first. Add it once more: we send a code there.")
	case errors.As(err, &field):
		x.refuse(http.StatusUnprocessableEntity, "This cannot be used here", "Use letters of one alphabet, digits, dots and dashes.")
	case errors.Is(err, x.cfg.Missing):
		x.refuse(http.StatusNotFound, "There is no such address of yours", "It may be removed already.")
	case errors.Is(err, x.cfg.Conflict):
		x.refuse(http.StatusConflict, "Something else changed at the same moment", "Nothing was done here. Look at it, and try again.")
	default:
		x.fail(err)
	}
	return true
}

const maxUsername = 64

func (x *exchange) askUsername() { x.renderUsername(http.StatusOK, nil) }

func (x *exchange) renderUsername(status int, problem *design.Summary) {
	x.ask(status, "Add a username", design.Form{
		Problem: problem, Lead: []string{"You can sign in with it. Others who share an account with you do not see it."},
		Submit: design.Button{Label: "Add username", ID: "username-add"}, Cancel: x.link("/addresses"),
		Fields: []design.Field{{
			Name: "new-username", Label: "Username", MaxLength: maxUsername, Autocomplete: "off", Focus: problem == nil, Value: short(x.r.PostForm.Get("new-username"), maxUsername),
		}},
	})
}

// addUsername counts each try like one at a code: names that are taken are not to be
// found out by trying.
func (x *exchange) addUsername() {
	typed := x.r.PostForm.Get("new-username")
	if strings.TrimSpace(typed) == "" || len(typed) > maxUsername {
		x.renderUsername(http.StatusUnprocessableEntity, &design.Summary{What: "Enter a username of up to 64 characters", Field: "new-username"})
		return
	}
	err := x.cfg.SignIn.TryName(x.r.Context(), x.live, x.current, x.visit())
	if problem, status := x.problem(err, ""); problem != nil {
		x.renderUsername(status, problem)
		return
	}
	if err == nil {
		_, err = x.changes().Add(x.r.Context(), x.live, x.current.Customer.ID, customer.Username, typed, "", x.actor())
	}
	var field *directory.FieldError
	switch {
	case errors.Is(err, directory.ErrTaken):
		x.renderUsername(http.StatusConflict, &design.Summary{What: "Choose another username: this one is taken", Field: "new-username"})
	case errors.As(err, &field):
		x.renderUsername(http.StatusUnprocessableEntity, &design.Summary{What: "Enter a username of letters of one alphabet, digits, dots and dashes", Field: "new-username"})
	default:
		if !x.failAddress(err) {
			x.say("address-added")
			x.lead("/addresses")
		}
	}
}

// nameAsked finds the identifier that the address of the page names; false if it was
// answered.
func (x *exchange) nameAsked() (customer.Identifier, bool) {
	profile, err := x.cfg.Directory.Show(x.r.Context(), x.live.ID, x.current.Customer.ID)
	if err != nil {
		x.fail(err)
		return customer.Identifier{}, false
	}
	for _, id := range profile.Identifiers {
		if x.keyOfName(id) == x.r.URL.Query().Get("one") {
			return id, true
		}
	}
	x.lead("/addresses")
	return customer.Identifier{}, false
}

func (x *exchange) askAddressRemoval() {
	id, ok := x.nameAsked()
	if !ok {
		return
	}
	shown := namesOf([]customer.Identifier{id})[0]
	x.confirm(x.phrase("Remove %s?", shown.Text), []string{
		"You cannot sign in with it any more, and we write nothing to it.", x.hears(),
	}, design.Button{Label: "Remove", ID: "address-remove", Danger: true}, "/addresses")
}

func (x *exchange) removeAddress() {
	id, ok := x.nameAsked()
	if !ok {
		return
	}
	err := x.changes().Remove(x.r.Context(), x.live, x.current.Customer.ID, id.Kind, id.Value, x.cfg.Region, x.actor())
	if x.failAddress(err) {
		return
	}
	x.say("address-removed")
	x.leadBack("/addresses")
}

// hears tells who hears of a change of addresses.
func (x *exchange) hears() string {
	profile, err := x.cfg.Directory.Show(x.r.Context(), x.live.ID, x.current.Customer.ID)
	confirmed := func(kind customer.IdentifierKind) bool {
		return slices.ContainsFunc(profile.Identifiers, func(i customer.Identifier) bool { return i.Kind == kind && i.Verified })
	}
	switch {
	case err == nil && confirmed(customer.Email):
		return "We tell every e-mail address of yours that is confirmed, this one too if it is."
	case err == nil && confirmed(customer.Phone):
		return "We tell a phone of yours that is confirmed."
	}
	return "No address of yours is confirmed, so we tell none."
}
