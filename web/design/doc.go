// Package design is how every page looks: the tokens (colours, type, space) in
// one style sheet, the layout with the customer's brand, the components that
// pages are made of, and the headers that keep pages safe.
//
//	design.Parse(text)   a page's own template, within the layout
//	Template.Render      answers with it
//	design.ParseConsole  the same within the operators' console
//	design.Error         answers with what went wrong, and what to do
//	design.Assets        serves style sheets, scripts and logos
//	design.Living        shows every component, with its use and its markup
//
// Components are templates in components/, filled with the types of this package
// ([Table], [Form], [Fact], [Note] and so on), styled by css/. Pages are HTML that
// needs no script; what script/src adds for operators is bundled by tools/bundle
// into script/bundle, which is committed. Pages take their style and their script
// from files of their own, never from attributes or from within the page, so the
// policy has no exception; a brand's colours are a style sheet too. Light and dark,
// forced colours, 200 % text, 320 px, print and reduced motion are the style
// sheets' affair; WCAG 2.2 AA is the bar.
//
// Which page is shown when is decided elsewhere; nothing here knows a service.
package design
