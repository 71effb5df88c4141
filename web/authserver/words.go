package authserver

import (
	"embed"

	"sallyport/pure/config"
	"sallyport/web/design"
)

//go:embed es.txt
var catalogues embed.FS

// words are what the few pages here say in other languages than English; web/login
// tells how to add a text.
var words = design.NewWords(catalogues)

// Where a page of signing out leads: to an application.
const (
	stayTo = "Stay signed in, and go back to %s"
	goTo   = "Go to %s"
)

// frame surrounds a page: of an application's brand, nil for the default one, and in
// the first of the languages wanted that there is. It leads to no other language:
// what these pages are about stands in their addresses.
func (x *exchange) frame(application *config.Application, wanted ...string) design.Frame {
	frame := words.Speak(design.FrameOf(x.view.Snapshot, application, x.cfg.Ribbon), x.r, wanted...)
	frame.Others = nil
	return frame
}
