// Package design is how every page looks: the tokens (colours, type, space) in
// one style sheet, the layout with the customer's brand, the components that
// pages are made of, and the headers that keep pages safe.
//
//	design.MustParse(text)  a page's own template, within the layout
//	Template.Render         answers with it
//	design.MustParseConsole the same within the operators' console
//	design.Error            answers with what went wrong, and what to do
//	design.Assets           serves style sheets and logos
//
// Pages are HTML that needs no script. They take their style from files of
// their own, never from attributes, so the policy allows no inline style; a
// brand's colours are a style sheet too. Light and dark, forced colours, 200 %
// text, 320 px and reduced motion are the style sheet's affair; WCAG 2.2 AA is
// the bar.
//
// Which page is shown when is decided elsewhere; nothing here knows a service.
package design
