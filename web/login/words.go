package login

import (
	"embed"

	"sallyport/web/design"
)

//go:embed es.txt
var catalogues embed.FS

// words are what these pages say in other languages than English.
var words = design.NewWords(catalogues, "t", "recovery", "given", "k")
