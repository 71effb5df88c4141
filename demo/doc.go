// Package demo is the invented utility, Harbourlight Energy, as the outside
// world that Sallyport serves: its My Account web application (an OpenID
// Connect relying party with a standard client library), its Billing server,
// the two partners that call it, and a start page that leads through the story.
//
// It knows only what any customer of Sallyport would: addresses, client ids,
// secrets and subscription keys. It speaks HTTP to the rest, and imports nothing of
// it but web/design, so that its pages look as their sign-in does. Its configuration tree lies in harbourlight/, the export of its old
// system in meterman/. The command "sallyport demo" wires it up.
package demo
