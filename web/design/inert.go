package design

import (
	"regexp"
	"strings"
)

// formula is a beginning of a cell that spreadsheets compute: of a field, and of
// what follows a separator within one, for they take a semicolon or a tab for the
// end of a cell where their language does, quotation marks or not. Full-width
// signs are signs to them too (OWASP, CSV Injection).
var formula = regexp.MustCompile(`(^|[;\t\r\n])([" ]*)([=+\-@＝＋－＠])`)

// Inert keeps spreadsheets from computing a cell of a file that others wrote: what
// would be a formula gets an apostrophe before it.
func Inert(cell string) string {
	if strings.IndexAny(cell, "\t\r\n") == 0 {
		cell = "'" + cell
	}
	return formula.ReplaceAllString(cell, "$1$2'$3")
}
