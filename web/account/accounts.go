package account

import (
	"encoding/hex"
	"errors"
	"net/http"
	"slices"
	"strings"

	"sallyport/pure/customer"
	"sallyport/service/audit"
	"sallyport/service/directory"
	"sallyport/web/design"
)

var (
	accountsTemplate = parse("accounts")
	sharedTemplate   = parse("shared-account")
)

// accountsAtOnce is how many accounts a page lists.
const accountsAtOnce = 20

// accountList is what the page of accounts shows.
type accountList struct {
	common
	Accounts []linked
	Empty    design.Empty
	Claim    string // address of the page on which one is claimed; empty where none can be
	Pager    design.Pager
}

// linked is an account in a list.
type linked struct {
	Title, Number, Role string
	Closed              bool
	URL                 string
}

func (x *exchange) titleOfAccount(a customer.Account) string {
	if a.Name != "" {
		return a.Name
	}
	return x.phrase("Account %s", a.Number)
}

// roles are what people are to an account, in words.
var roles = map[customer.Role]string{customer.Owner: "Owner", customer.Occupier: "Occupier", customer.Agent: "Agent"}

func (x *exchange) showAccounts() {
	var after customer.AccountID
	before := x.r.URL.Query().Get("before")
	if before != "" && after.UnmarshalText([]byte(before)) != nil {
		x.fail(x.cfg.Invalid)
		return
	}
	all, next, err := x.cfg.Directory.Memberships(x.r.Context(), x.live.ID, x.current.Customer.ID, after, accountsAtOnce)
	if err != nil {
		x.fail(err)
		return
	}
	page := accountList{
		common: x.common("Accounts and premises"), Claim: x.claimLink(),
		Empty: design.Empty{What: "No account is linked to you.", Do: "When somebody shares one with you, the link in their message leads here."},
	}
	if page.Claim != "" {
		page.Empty.Do, page.Empty.Ways = "Link yours by its number, which stands on your bill.", []design.Button{{Label: "Link an account", URL: page.Claim, ID: "account-claim"}}
	}
	for _, m := range all {
		page.Accounts = append(page.Accounts, linked{
			Title: x.titleOfAccount(m.Account), Number: m.Account.Number, Role: roles[m.Member.Role], Closed: m.Account.State != customer.AccountOpen,
			URL: x.link("/accounts/one", "account", m.Account.ID.String()),
		})
	}
	following := ""
	if !next.IsZero() {
		following = next.String()
	}
	page.Pager = x.pager("/accounts", before, following)
	page.Pager.NewerLabel, page.Pager.OlderLabel = "First", "More"
	x.render(accountsTemplate, http.StatusOK, page.Title, page)
}

// membership finds the account that the address names among the customer's own; false
// if it was answered. One of somebody else's looks like what never was.
func (x *exchange) membership() (customer.Member, directory.Account, bool) {
	id, err := customer.ParseAccountID(x.r.URL.Query().Get("account"))
	if err != nil {
		x.noAccount()
		return customer.Member{}, directory.Account{}, false
	}
	mine, found, err := x.memberOf(id)
	switch {
	case err != nil:
		x.fail(err)
		return mine, directory.Account{}, false
	case !found:
		x.noAccount()
		return mine, directory.Account{}, false
	}
	a, err := x.cfg.Directory.ShowAccount(x.r.Context(), x.live.ID, id)
	if err != nil {
		x.fail(err)
		return mine, a, false
	}
	a.Premises = slices.DeleteFunc(a.Premises, func(p customer.Premises) bool { return !mine.Sees(p.ID) })
	return mine, a, true
}

// memberOf is what the customer is to an account.
func (x *exchange) memberOf(id customer.AccountID) (customer.Member, bool, error) {
	var after customer.AccountID
	for {
		all, next, err := x.cfg.Directory.Memberships(x.r.Context(), x.live.ID, x.current.Customer.ID, after, 200)
		if err != nil {
			return customer.Member{}, false, err
		}
		for _, m := range all {
			if m.Account.ID == id {
				return m.Member, true, nil
			}
		}
		if next.IsZero() {
			return customer.Member{}, false, nil
		}
		after = next
	}
}

func (x *exchange) noAccount() {
	x.refuse(http.StatusNotFound, "There is no such account of yours", "It may not be shared with you any more.")
}

// sharedAccount is what the page of one account shows.
type sharedAccount struct {
	common
	Number, Role string
	Closed       bool
	Premises     []place
	Members      []member
	Invited      []invited
	More         bool
	Owner        bool

	Share, Remove, Uninvite, Leave string // addresses
}

type place struct{ Lines []string }

// member is somebody who shares the account: by the name that they chose, and nothing
// else about them.
type member struct {
	Key, Name, Role string
	Since           instant
	You             bool
}

type invited struct {
	Key, Whom, Role string
	Until           instant
}

func (x *exchange) showAccount() {
	mine, a, ok := x.membership()
	if !ok {
		return
	}
	id := a.ID.String()
	page := sharedAccount{
		common: x.common(x.titleOfAccount(a.Account)), Number: a.Number, Role: roles[mine.Role], Closed: a.State != customer.AccountOpen, More: a.More,
		Owner: mine.Role.MayShare(), Share: x.link("/accounts/share", "account", id), Remove: x.link("/accounts/remove", "account", id),
		Uninvite: x.link("/accounts/uninvite", "account", id), Leave: x.link("/accounts/leave", "account", id),
	}
	for _, p := range a.Premises {
		page.Premises = append(page.Premises, place{x.linesOf(p)})
	}
	for _, m := range a.Members {
		page.Members = append(page.Members, member{
			Key: x.keyOf(m.Member), Name: nameOf(m), Role: roles[m.Member.Role], Since: instant{m.Member.Since}, You: m.Member.Customer == x.current.Customer.ID,
		})
	}
	if page.Owner { // others need not know who else may come
		for _, i := range a.Invitations {
			if i.Expires.After(x.cfg.Now()) {
				page.Invited = append(page.Invited, invited{hex.EncodeToString(i.Hash[:]), masked(i.Kind, i.Value), roles[i.Role], instant{i.Expires}})
			}
		}
	}
	x.render(sharedTemplate, http.StatusOK, page.Title, page)
}

func nameOf(m directory.AccountMember) string {
	if m.Name == "" {
		return "Somebody without a name"
	}
	return m.Name
}

func (x *exchange) linesOf(p customer.Premises) []string {
	lines := slices.Clone(p.Address.Lines)
	for _, more := range []string{strings.TrimSpace(p.Address.Town + " " + p.Address.Region + " " + p.Address.Postcode), p.Address.Country} {
		if more != "" {
			lines = append(lines, more)
		}
	}
	if p.Reference != "" {
		lines = append(lines, x.phrase("Reference %s", p.Reference))
	}
	return lines
}

// keyOf names a member to the owner's forms, and to nothing else: their id is none of
// other customers' business.
func (x *exchange) keyOf(m customer.Member) string {
	tag := x.secret.MAC(slices.Concat([]byte("member of an account\x00"), m.Account[:], m.Customer[:], x.current.Session.ID[:]))
	return hex.EncodeToString(tag[:16])
}

// askLeave asks before somebody leaves.
func (x *exchange) askLeave() {
	_, a, ok := x.membership()
	if !ok {
		return
	}
	x.confirm(x.phrase("Leave %s?", x.titleOfAccount(a.Account)), []string{
		"You will not see it here any more, nor in our applications.", "To come back you need an invitation of somebody who owns it.",
	}, design.Button{Label: "Leave account", ID: "account-leave", Danger: true}, "/accounts")
}

func (x *exchange) leaveAccount() {
	mine, a, ok := x.membership()
	if !ok {
		return
	}
	err := x.changes().Leave(x.r.Context(), x.live, directory.Parting{Account: a.ID, Customer: mine.Customer}, x.actor())
	if x.failSharing(err) {
		return
	}
	x.say("account-left")
	x.lead("/accounts")
}

// removeMember ends what the owner shared with somebody.
func (x *exchange) removeMember() {
	mine, a, ok := x.membership()
	if !ok {
		return
	}
	at := slices.IndexFunc(a.Members, func(m directory.AccountMember) bool { return x.keyOf(m.Member) == x.r.PostForm.Get("member") })
	if at < 0 || !mine.Role.MayShare() || a.Members[at].Member.Customer == mine.Customer {
		x.refuse(http.StatusNotFound, "There is no such member", "They may have left already.")
		return
	}
	err := x.changes().Leave(x.r.Context(), x.live, directory.Parting{Account: a.ID, Customer: a.Members[at].Member.Customer}, x.actor())
	if x.failSharing(err) {
		return
	}
	x.say("member-removed")
	x.leadTo(x.url("/accounts/one", "account", a.ID.String()))
}

// uninvite takes an invitation back.
func (x *exchange) uninvite() {
	_, a, ok := x.membership()
	if !ok {
		return
	}
	var hash [32]byte
	raw, err := hex.DecodeString(x.r.PostForm.Get("invitation"))
	if err != nil || len(raw) != len(hash) {
		x.failSharing(directory.ErrInvitation)
		return
	}
	copy(hash[:], raw)
	if x.failSharing(x.changes().Uninvite(x.r.Context(), x.live, a.ID, hash, x.actor())) {
		return
	}
	x.say("uninvited")
	x.leadTo(x.url("/accounts/one", "account", a.ID.String()))
}

// failSharing answers for an error about accounts; false for none.
func (x *exchange) failSharing(err error) bool {
	switch {
	case err == nil:
		return false
	case errors.Is(err, directory.ErrLastOwner):
		x.refuse(http.StatusConflict, "An account needs an owner", "You are the only one. Share it with another owner first, or ask us to close it.")
	case errors.Is(err, directory.ErrNotOwner):
		x.refuse(http.StatusForbidden, "Only owners share an account", "Ask somebody who owns it.")
	case errors.Is(err, directory.ErrClosed):
		x.refuse(http.StatusConflict, "This account is closed", "Nobody joins it any more.")
	case errors.Is(err, directory.ErrTooManyInvitations):
		x.refuse(http.StatusConflict, "There are as many invitations as may be", "Take one back, or wait until one is accepted.")
	case errors.Is(err, directory.ErrMember):
		x.refuse(http.StatusConflict, "This account is linked to you already", "There is nothing to accept.")
	case errors.Is(err, directory.ErrInvitation):
		x.refuse(http.StatusNotFound, "This invitation does not count",
			"It was used, taken back, or is older than a week; or it was sent to an address that you have not proved here. Add that address to yours, or ask for another invitation.")
	case errors.Is(err, x.cfg.Missing):
		x.noAccount()
	case errors.Is(err, x.cfg.Conflict):
		x.refuse(http.StatusConflict, "Something else changed at the same moment", "Nothing was done here. Look at it, and try again.")
	default:
		x.fail(err)
	}
	return true
}

// actor is whoever is signed in, as the ledger names them.
func (x *exchange) actor() audit.Actor { return audit.Customer(x.current.Customer.ID.String()) }
