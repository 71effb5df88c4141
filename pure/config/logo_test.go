package config_test

import (
	"strings"
	"testing"

	"sallyport/pure/config"
)

func TestALogoMayDrawAndNothingElse(t *testing.T) {
	svg := func(inner string) string { return `<svg xmlns="http://www.w3.org/2000/svg">` + inner + `</svg>` }
	for _, c := range []struct {
		what, logo string
		fine       bool
	}{
		{"a path", svg(`<path d="M0 0"/>`), true},
		{"a gradient of its own", svg(`<linearGradient id="g"><stop offset="0"/></linearGradient><rect fill="url(#g)"/>`), true},
		{"a use of its own", svg(`<g id="a"/><use href="#a"/>`), true},
		{"a declaration and a comment", `<?xml version="1.0"?><!-- x -->` + svg(``), true},
		{"a script", svg(`<script>alert(1)</script>`), false},
		{"a style sheet", svg(`<style>@import "https://x.example"</style>`), false},
		{"a handler", svg(`<path onload="alert(1)"/>`), false},
		{"a handler in capitals", svg(`<path ONCLICK="alert(1)"/>`), false},
		{"an image", svg(`<image href="#x"/>`), false},
		{"foreign content", svg(`<foreignObject/>`), false},
		{"an animation", svg(`<animate attributeName="href"/>`), false},
		{"a link", svg(`<a href="#x"/>`), false},
		{"a use of another's", svg(`<use href="https://x.example/#a"/>`), false},
		{"a use of another's by xlink", svg(`<use xmlns:xlink="http://www.w3.org/1999/xlink" xlink:href="https://x.example/#a"/>`), false},
		{"a fill from elsewhere", svg(`<rect fill="url(https://x.example/#g)"/>`), false},
		{"a fill from elsewhere, second", svg(`<rect style="fill:url(#g);stroke:url('//x.example')"/>`), false},
		{"an escaped url", svg(`<rect style="fill:u\72l(//x.example)"/>`), false},
		{"an entity", `<!DOCTYPE svg [<!ENTITY x "y">]>` + svg(`&x;`), false},
		{"a style sheet by instruction", `<?xml-stylesheet href="x"?>` + svg(``), false},
		{"HTML within", svg(`<p xmlns="http://www.w3.org/1999/xhtml"/>`), false},
		{"no namespace", `<svg/>`, false},
		{"two roots", svg(``) + svg(``), false},
		{"no root", `  `, false},
		{"an open element", `<svg xmlns="http://www.w3.org/2000/svg">`, false},
		{"HTML", `<html/>`, false},
		{"too much", svg(strings.Repeat(" ", config.MaxLogo)), false},
	} {
		files := readTree(t, "testdata/base")
		files["b.yaml"], files["l.svg"] = []byte("kind: brand\nname: b\nlogo: l.svg\n"), []byte(c.logo)
		tree, _ := config.Parse(files)
		if problems := config.Check(tree, builtin); (len(problems) == 0) != c.fine {
			t.Errorf("%s: %v", c.what, problems)
		}
	}
}
