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
//	/account/app  /app/remove       set up an authenticator app, take it away
//	/account/recovery-codes         new ones
//	/account/applications           who can have something of theirs
//	  /withdraw                     POST
//	/account/activity               what the ledger holds of them, in sentences
//	/account/sign-out-everywhere    end everything, this browser too
//
// These paths lie below an environment's URL; the environment of operators has
// none of them. ?application= names the application that the customer came
// from: the pages wear its brand and lead back to it.
//
// # Invariants
//
//   - Nothing is shown or done without a session, and nothing is changed by GET.
//   - A form is taken from our own pages only, and only in the session that it
//     was shown in: whoever signed in as somebody else in another tab sends none
//     of their forms.
//   - Whose data it is comes from the session alone. What an address or a form
//     names is looked for among theirs; what is somebody else's looks like what
//     never was.
//   - Nothing that a stranger wrote, such as the name of a browser, is shown as it
//     is: it is described in our own words.
//
// The pages need no script. Their ids are fixed for tools that drive them:
// account-name, sessions-end-others, old-password, new-password,
// password-change, totp-key, code, app-set-up, app-remove, recovery-codes,
// recovery-codes-renew, sign-out-everywhere, error, status; so are the names of
// buttons of lists: session, and from for an application.
package account
