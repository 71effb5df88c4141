package console

import (
	"crypto/subtle"
	"encoding/base64"
	"net/http"
	"strings"

	"sallyport/web/design"
)

// done is what can be said of a form that was sent, by the word in the address
// of the page that follows it. An address says nothing in words of its own, and
// nothing at all in another session: a stranger's link cannot make an operator
// believe that something was done.
var done = map[string]string{
	"secret-ended":           "The secret is at its end. Every node refuses it within five seconds.",
	"subscription-suspended": "The subscription is suspended. Its keys are refused within a second.",
	"subscription-resumed":   "The subscription works again.",
	"signed-out":             "They are signed out everywhere. What was issued before is refused within five seconds.",
	"session-ended":          "The session is at its end.",
	"disabled":               "They are disabled, and signed out everywhere.",
	"enabled":                "They may sign in again. What was issued before stays dead.",
	"erased":                 "They are erased, and told so. What stays of it is in the ledger.",
	"tagged":                 "The tags are changed.",
	"claim-granted":          "They are a member of the account.",
	"claim-refused":          "The claim is refused. They may claim the account again.",
	"rotated":                "The next key is the current one. The one before it stays published until its last token is dead.",
	"authority-rotated":      "The next authority is the current one. Give back ends the new list before the next rotation.",
	"applied":                "The revision is live.",
	"unchanged":              "The newest revision says the same already. Nothing was changed.",
	"change-proposed":        "The change is proposed. Nothing has happened yet.",
	"change-approved":        "Your approval is recorded.",
	"change-applied":         "The change is live. Every node serves by it within a second.",
	"change-rejected":        "The change is rejected.",
	"change-withdrawn":       "The change is withdrawn.",
	"change-rebased":         "This change stands in the place of the one before.",
	"change-undone":          "The change is taken back. What was issued for what it widened is refused within five seconds.",
	"change-undo-waits":      "Going back widens something, so this change waits for approval.",
	"granted":                "The role is granted. It counts from their next request on.",
	"message-queued":         "The message is queued again.",
	"job-paused":             "The import pauses at its next checkpoint.",
	"job-resumed":            "The import goes on.",
	"job-cancelled":          "The import is cancelled, and its files are removed. What it had imported stays.",
	"job-queued":             "The server has the export. This page follows its import.",
	"duplicates-decided":     "The decision is kept. Nobody is moved yet: the next import or retry carries it out.",
	"duplicates-taken-back":  "The decision is taken back. The records wait again.",
	"revoked":                "The role is taken. It counts from their next request on.",
}

// finish ends a form: back to a page, which says what was done.
func (x *exchange) finish(err error, word, page string) {
	if err != nil {
		x.failed(err)
		return
	}
	seal, err := x.sealed(word)
	if err != nil {
		x.broken(err)
		return
	}
	x.leadTo(x.origin() + query(page, "done", word+"."+seal))
}

// sealed binds a word to the session.
func (x *exchange) sealed(word string) (string, error) {
	secret, err := x.formSecret()
	if err != nil {
		return "", err
	}
	tag := secret.MAC(append(x.current.Session.ID[:], "done "+word...))
	return base64.RawURLEncoding.EncodeToString(tag[:12]), nil
}

// wasDone is what the address says was done just now; empty for nothing.
func (x *exchange) wasDone() string {
	word, seal, _ := strings.Cut(x.r.URL.Query().Get("done"), ".")
	said := done[word]
	if said == "" || x.current == nil {
		return ""
	}
	want, err := x.sealed(word)
	if err != nil || subtle.ConstantTimeCompare([]byte(want), []byte(seal)) != 1 {
		return ""
	}
	return said
}

// origin is the scheme and host of the console.
func (x *exchange) origin() string {
	u := x.system.Snapshot().URL
	return u.Scheme + "://" + u.Host
}

// maxReason is how long a reason may be, in bytes.
const maxReason = 500

// reasonField asks why.
func reasonField(wrong string) design.Field {
	return design.Field{
		Name: "reason", Label: "Reason", Hint: "It stands in the ledger, for colleagues. No personal data.",
		Autocomplete: "off", MaxLength: maxReason, Wrong: wrong,
	}
}

// confirm asks whether something is to be done.
func (x *exchange) confirm(title string, form design.Form, trail ...design.Place) {
	s := sheet{Title: title, Trail: trail, Parts: []part{{Form: &form}}}
	if form.Cancel == "" && len(trail) > 0 {
		form.Cancel = trail[len(trail)-1].URL
	}
	if form.Problem != nil {
		s.Status = http.StatusUnprocessableEntity
	}
	x.show(s)
}

// declined answers a form that asks for what cannot be; nothing was done.
func (x *exchange) declined(what, do string) {
	x.say(http.StatusConflict, "Nothing was changed", what, do)
}

// wrong answers for a search that cannot be read.
func (x *exchange) wrong(err error) {
	x.say(http.StatusBadRequest, "This cannot be searched for", err.Error(), "Go back and change the search.")
}

// say answers with what is so, and what to do.
func (x *exchange) say(status int, title, what, do string) {
	note := design.Note{Mark: design.Mark{Tone: "bad"}, Text: what, Do: do}
	x.show(sheet{Status: status, Title: title, Parts: []part{{Note: &note}}})
}
