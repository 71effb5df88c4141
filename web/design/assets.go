package design

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"sallyport/pure/config"
)

//go:embed css/sallyport.css
var styles []byte

//go:embed css/components.css
var componentStyles []byte

//go:embed css/console.css
var consoleStyles []byte

// The scripts are made from script/src by tools/bundle.

//go:embed script/bundle/console.js
var consoleProgram []byte

//go:embed script/bundle/page.js
var pageProgram []byte

//go:embed script/bundle/passkey.js
var passkeyProgram []byte

//go:embed script/bundle/newpasskey.js
var newPasskeyProgram []byte

// asset is a file that pages refer to by a name that changes with its content.
type asset struct {
	stem, extension string
	kind            string // media type
	content         []byte
	digest          string
	squeezed        []byte // gzip of content; nil: not worth it
}

func newAsset(stem, extension, kind string, content []byte) *asset {
	sum := sha256.Sum256(content)
	return &asset{stem: stem, extension: extension, kind: kind, content: content, digest: hex.EncodeToString(sum[:8])}
}

// name is the last part of the asset's address.
func (a *asset) name() string { return a.stem + "-" + a.digest + a.extension }

// styleSheet is the one of all pages, made once.
var styleSheet = sync.OnceValue(func() *asset { return newText("pages", ".css", styles) })

// componentSheet is what wide pages and the console have besides.
var componentSheet = sync.OnceValue(func() *asset { return newText("components", ".css", componentStyles) })

// consoleSheet is what operators' pages have besides.
var consoleSheet = sync.OnceValue(func() *asset { return newText("console", ".css", consoleStyles) })

// consoleScript is htmx and the islands of operators' pages.
var consoleScript = sync.OnceValue(func() *asset { return newText("console", ".js", consoleProgram) })

// pageScript is the islands of customers' pages that have a script.
var pageScript = sync.OnceValue(func() *asset { return newText("page", ".js", pageProgram) })

// passkeyScript asks the browser for a passkey, on pages of sign-in that can take one.
var passkeyScript = sync.OnceValue(func() *asset { return newText("passkey", ".js", passkeyProgram) })

// newPasskeyScript has the browser make one.
var newPasskeyScript = sync.OnceValue(func() *asset { return newText("newpasskey", ".js", newPasskeyProgram) })

func newText(stem, extension string, content []byte) *asset {
	kind := "text/css; charset=utf-8"
	if extension == ".js" {
		kind = "text/javascript; charset=utf-8"
	}
	a := newAsset(stem, extension, kind, content)
	var squeezed bytes.Buffer
	writer, _ := gzip.NewWriterLevel(&squeezed, gzip.BestCompression) // a valid level
	_, _ = writer.Write(content)
	_ = writer.Close() // a buffer never fails
	a.squeezed = squeezed.Bytes()
	return a
}

// brandSheet gives a brand's colours, which were checked for contrast when they
// were configured; nil if it has none.
func brandSheet(b *config.LiveBrand) *asset {
	if b == nil || b.Accent == "" && b.Dark == "" {
		return nil
	}
	var css strings.Builder
	if b.Accent != "" {
		fmt.Fprintf(&css, ":root{--accent:%s}\n", b.Accent)
	}
	if b.Dark != "" {
		fmt.Fprintf(&css, "@media (prefers-color-scheme:dark){:root{--accent:%s}}\n", b.Dark)
	} else { // a colour made for white is not one for the dark
		css.WriteString("@media (prefers-color-scheme:dark){:root{--accent:#6cb4f5}}\n")
	}
	return newAsset("brand-"+b.Name, ".css", "text/css; charset=utf-8", []byte(css.String()))
}

// logo gives a brand's logo; nil if it has none.
func logo(b *config.LiveBrand) *asset {
	if b == nil || len(b.LogoSVG) == 0 {
		return nil
	}
	return newAsset("logo-"+b.Name, ".svg", "image/svg+xml", b.LogoSVG)
}

// Assets serves what pages refer to, by the last part of the path: the style
// sheet, and the colours and logos of brands. What is asked for by the name of
// its content may be kept for ever. While nodes run different releases, a page
// of one may ask another for a content it does not have; it gets the present
// one, which nobody keeps.
func Assets(brands map[string]*config.LiveBrand) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:]
		stem, digest, extension := splitName(name)
		a := find(brands, stem, extension)
		if a == nil {
			Policy{}.Apply(w.Header())
			http.NotFound(w, r)
			return
		}
		a.serve(w, r, digest == a.digest)
	})
}

// splitName undoes asset.name.
func splitName(name string) (stem, digest, extension string) {
	if dot := strings.LastIndexByte(name, '.'); dot >= 0 {
		name, extension = name[:dot], name[dot:]
	}
	if dash := strings.LastIndexByte(name, '-'); dash >= 0 {
		name, digest = name[:dash], name[dash+1:]
	}
	return name, digest, extension
}

func find(brands map[string]*config.LiveBrand, stem, extension string) *asset {
	for _, common := range []*asset{styleSheet(), componentSheet(), consoleSheet(), consoleScript(), pageScript(), passkeyScript(), newPasskeyScript()} {
		if stem == common.stem && extension == common.extension {
			return common
		}
	}
	if name, is := strings.CutPrefix(stem, "brand-"); is && extension == ".css" {
		return brandSheet(brands[name])
	}
	if name, is := strings.CutPrefix(stem, "logo-"); is && extension == ".svg" {
		return logo(brands[name])
	}
	return nil
}

func (a *asset) serve(w http.ResponseWriter, r *http.Request, exact bool) {
	h := w.Header()
	h.Set("Content-Type", a.kind)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	// An SVG that is opened by itself is a document: it may do nothing.
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set("Cache-Control", "no-store")
	if exact {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	content := a.content
	if a.squeezed != nil {
		h.Set("Vary", "Accept-Encoding")
		if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
			h.Set("Content-Encoding", "gzip")
			content = a.squeezed
		}
	}
	h.Set("Content-Length", strconv.Itoa(len(content)))
	if r.Method != http.MethodHead {
		_, _ = w.Write(content)
	}
}
