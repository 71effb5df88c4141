// Package login is the pages on which customers sign in and out. It parses what
// a browser sends, asks service/signin, and renders the answer with web/design;
// what a customer sees next is decided by pure/journey.
//
//	GET  /signin?t=…        the page of a ticket; &back=1 returns to the first
//	                        &recovery=1 asks for a recovery code instead of a code
//	                        &codes=1 gives the recovery codes that it shows as a file
//	                        &instead=registration, recovery or sign-in leads there
//	                        &k=… came by a link that was sent, and shows a button
//	POST /signin?t=…        step and what it asks for, of a task; act and way, of what
//	                        is wanted besides; username, or username and password; behind these code,
//	                        recovery-code or codes-kept
//	GET  /signout           asks whether to
//	POST /signout           does
//	GET  /assets/…          style sheets and logos
//
// &language=es, on any of them, has the pages in another language from then on.
//
// # Languages
//
// The pages are in English and in whatever language has a catalogue, LANGUAGE.txt,
// in this folder. A new text is written in English: in a template {{say "Step %d of
// %d" .Step .Of}}, and {{with parts "… [a link] …"}} where there is something within
// it; in code a literal, which whatever shows it says, or x.say("Go to %s", title)
// where it has values. A test misses it in es.txt: the English line, and below it,
// indented by a tab, what it is in Spanish (formal: usted). In which language a page
// is: see design.Words.Speak.
//
// These paths lie below an environment's URL. The pages need no script. Their
// ids and names are fixed, since other people's tools rely on them: username,
// password, code, recovery-code, codes-kept, login-submit, logout-confirm, error.
package login
