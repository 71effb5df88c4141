// Package assessment shows an assess.Report as one file of HTML: whole in
// itself, without script, for screens of any width, for paper, in light and in
// dark.
//
// It decides nothing: each figure and each sentence about what to do is the
// report's. It owns their order on the page, the words around them and the
// drawings, each of which has its figures as text beside it. The command line
// writes the file, and the console gives it to take away.
//
// Whatever stands in a report came from somebody else's file, names of fields and
// keys above all: html/template puts it in its place, and a policy within the page
// forbids everything but its own style.
package assessment
