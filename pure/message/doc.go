// Package message owns what messages to customers say: which there are, what they
// say in each language, and how that becomes a mail, a text message, a call or a
// letter. It sends nothing and knows no addresses.
//
//	Kind ── says which values there are ──┐
//	Sheet ─ says it in one language ──────┴─ Render(values, look) ─▶ Rendered
//
// package config checks the sheets that a tenant writes; service/notify renders.
//
// # Sheets
//
// A sheet is plain text with {placeholders}. A body is paragraphs, parted by empty
// lines; one that is {code} alone becomes a box to read from, {link} alone a button,
// {codes} alone a list. A paragraph whose only placeholder stands for something that
// was left out is left out too. There is nothing else to it: no conditions, no
// markup, so that text and HTML always say the same and a value can be nothing but
// text.
//
// # Values
//
// Values come from strangers. Each is one line of visible characters, cut where it is
// too long; text from people is written so that no reader of mail makes a link of
// it, or an advertisement would only need a name of its own to be sent by us.
package message
