// Package account is the pages on which customers see and change how they sign
// in, and who uses their data. It parses what a browser sends, asks the
// services, and renders the answer with web/design; what may be done, and how
// fresh a sign-in it takes, is decided by service/signin, service/issue and
// service/directory.
//
//	/account                        who is signed in, and the ways from here
//	/account/sessions               browsers in which they are signed in
//	  /end  /end-others             POST
//	/account/ways                   how they sign in
//	/account/password               change it
//	/account/passkey/add  /remove   make one, or add a security key; take it away
//	/account/app  /app/remove       set up an authenticator app, take it away
//	/account/phone/add  /remove     a phone that gets codes
//	  /prove                        POST: with the code that was sent to it
//	/account/card                   have a card of codes posted
//	/account/recovery-codes         new ones
//	/account/applications           who can have something of theirs
//	  /withdraw                     POST
//	/account/activity               what the ledger holds of them, in sentences
//	  /one                          was this you?
//	/account/addresses              by what they are found and reached
//	  /add  /prove  /username  /remove
//	/account/recent                 by what they sign in since a short while
//	/account/you                    their name, and what else they say of themselves
//	/account/accounts               what they share with others, and with whom
//	  /one  /claim  /share  /remove  /uninvite  /leave  /invited
//	/account/agreements             what we may do, and what they accepted
//	  /proof                        POST: a file of what was said when
//	/account/data                   everything of theirs
//	  /download  /delete
//	/account/undo                   take a change back, by a link in the notice of it
//	/account/sign-out-everywhere    end everything, this browser too
//
// The pages are in English and in what es.txt and its like say; web/login tells how to
// add a text. Besides what a browser asks for, the customer's attribute language counts.
//
// These paths lie below an environment's URL; the environment of operators has
// none of them. ?application= names the application that the customer came
// from: the pages wear its brand and lead back to it.
//
// # Invariants
//
//   - Nothing is changed by GET, and nothing is shown or done without a session but what
//     the link of a notice is for.
//
//   - A form is taken from our own pages only, and only in the session that it
//     was shown in: whoever signed in as somebody else in another tab sends none
//     of their forms.
//
//   - Whose data it is comes from the session alone. What an address or a form
//     names is looked for among theirs; what is somebody else's looks like what
//     never was.
//
//   - Nothing that a stranger wrote, such as the name of a browser, is shown as it
//     is: it is described in our own words.
//
//   - Of others who share an account, their chosen name and their role is shown,
//     and nothing else: no address, and no id.
//
// The pages need no script, but the one on which a passkey is made. Their ids are fixed for tools that drive them:
// account-name, sessions-end-others, old-password, new-password,
// password-change, totp-key, code, app-set-up, app-remove, recovery-codes,
// recovery-codes-renew, sign-out-everywhere, passkey-make, passkey-add, key-add,
// phone-add, phone-send, phone-number, phone-prove, phone-remove, card-order, card-post,
// address-add, address-prove, username-add, address-remove, account-claim, claim,
// share, account-share, leave, account-leave, invitation-accept, was-me, was-not-me,
// details-keep, agreements-proof, take-back, taken-back, recover,
// data-download, data-delete, error, status; so are the names of
// buttons of lists: session, and from for an application.
package account
