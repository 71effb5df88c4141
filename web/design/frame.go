package design

import (
	"html/template"
	"net/http"
	"strings"

	"sallyport/pure/config"
)

// Frame is what surrounds every page: whose it is, and where help is. The zero
// Frame is a page of nobody.
type Frame struct {
	Brand  *config.LiveBrand // nil: none
	Base   string            // path of the environment's URL, without a slash at the end
	Ribbon string            // word that marks an environment as no real one; empty: none
	// Language in which the page is, as BCP 47 writes it: one that its words have. Empty: English.
	Language string
	Others   []Tongue // the languages in which it can be had besides
}

// FrameOf gives the frame of an environment's pages. application may be nil:
// then pages wear the default brand. Ribbon is the word to wear whatever the
// environment; without one, environments not called production wear their
// title, but for the operators' own, which is real.
func FrameOf(s *config.Snapshot, application *config.Application, ribbon string) Frame {
	if ribbon == "" && s.Environment != "production" && s.Tenant.Name != "system" {
		if ribbon = s.Tenant.Environments[s.Environment].Title; ribbon == "" {
			ribbon = s.Environment
		}
	}
	return Frame{Brand: s.BrandOf(application), Base: s.URL.EscapedPath(), Ribbon: ribbon}
}

// Name is what the customer calls whose page this is.
func (f Frame) Name() string {
	switch {
	case f.Brand == nil:
		return ""
	case f.Brand.Title != "":
		return f.Brand.Title
	}
	return f.Brand.Name
}

// own is the language of whose page it is; empty: they did not say.
func (f Frame) own() string {
	if f.Brand == nil {
		return ""
	}
	return f.Brand.Language
}

// Help is where "Need help?" leads; empty for nowhere.
func (f Frame) Help() string {
	if f.Brand == nil {
		return ""
	}
	return f.Brand.Help
}

// Phone is the number beside it.
func (f Frame) Phone() string {
	if f.Brand == nil {
		return ""
	}
	return f.Brand.Phone
}

// PhoneURL calls that number. html/template knows no tel: links, so what is not
// part of a number is taken out here.
func (f Frame) PhoneURL() template.URL {
	return template.URL("tel:" + strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r == '+' {
			return r
		}
		return -1
	}, f.Phone()))
}

// Links are the brand's own, such as its terms.
func (f Frame) Links() []config.LabeledURL {
	if f.Brand == nil {
		return nil
	}
	return f.Brand.Links
}

// StyleURL is the address of the style sheet.
func (f Frame) StyleURL() string { return f.assetURL(styleSheet()) }

// BrandURL is the address of the brand's colours; empty if it has none.
func (f Frame) BrandURL() string { return f.assetURL(brandSheet(f.Brand)) }

// LogoURL is the address of the brand's logo; empty if it has none.
func (f Frame) LogoURL() string { return f.assetURL(logo(f.Brand)) }

func (f Frame) assetURL(a *asset) string {
	if a == nil {
		return ""
	}
	return f.Base + "/assets/" + a.name()
}

// Appearance is how an application looks that wears our design, but has no
// environment of ours to take a brand from.
type Appearance struct {
	Title        string // whose it is
	Accent, Dark string // #rrggbb, for white and for the dark background
	Logo         []byte // SVG; nil for none
	Help, Phone  string // empty for none
	Ribbon       string // empty for none
}

// Frame gives the frame of the application's pages, at the root of its host.
func (a Appearance) Frame() Frame {
	brand := &config.LiveBrand{LogoSVG: a.Logo, Brand: &config.Brand{
		Meta: config.Meta{Name: "own", Title: a.Title}, Accent: a.Accent, Dark: a.Dark, Help: a.Help, Phone: a.Phone,
	}}
	return Frame{Brand: brand, Ribbon: a.Ribbon}
}

// Assets serves what pages of the frame refer to, as the function of that name
// does for the brands of an environment.
func (f Frame) Assets() http.Handler {
	brands := map[string]*config.LiveBrand{}
	if f.Brand != nil {
		brands[f.Brand.Name] = f.Brand
	}
	return Assets(brands)
}
