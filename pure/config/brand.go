package config

import (
	"fmt"
	"math"
	"strconv"

	"sallyport/pure/message"
)

// colour is a colour in sRGB.
type colour [3]uint8

var white, night = colour{255, 255, 255}, colour{0x0f, 0x13, 0x18} // backgrounds of pages, light and dark

// leastContrast is what WCAG 2.2 §1.4.3 asks of text at level AA.
const leastContrast = 4.5

// readColour reads #rrggbb.
func readColour(text string) (colour, bool) {
	if len(text) != 7 || text[0] != '#' {
		return colour{}, false
	}
	value, err := strconv.ParseUint(text[1:], 16, 24)
	return colour{uint8(value >> 16), uint8(value >> 8), uint8(value)}, err == nil
}

// luminance is WCAG's relative luminance, from 0 for black to 1 for white.
func (c colour) luminance() float64 {
	linear := func(channel uint8) float64 {
		v := float64(channel) / 255
		if v <= 0.04045 {
			return v / 12.92
		}
		return math.Pow((v+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(c[0]) + 0.7152*linear(c[1]) + 0.0722*linear(c[2])
}

// contrast is WCAG's contrast ratio, from 1 to 21.
func contrast(a, b colour) float64 {
	light, dark := a.luminance(), b.luminance()
	if light < dark {
		light, dark = dark, light
	}
	return (light + 0.05) / (dark + 0.05)
}

// toldFrom is the colour of the same hue that lies nearest and can be told from a
// ground: mixed with black on a light ground, with white on a dark one, by as little
// as does.
func (c colour) toldFrom(ground colour) colour {
	towards := colour{}
	if ground.luminance() < 0.18 {
		towards = white
	}
	for step := range 256 {
		mixed := c
		for i := range c {
			mixed[i] = uint8((int(c[i])*(255-step) + int(towards[i])*step + 127) / 255)
		}
		if contrast(mixed, ground) >= leastContrast {
			return mixed
		}
	}
	return towards
}

// String writes the colour as configurations do.
func (c colour) String() string { return fmt.Sprintf("#%02x%02x%02x", c[0], c[1], c[2]) }

// brand checks a brand and loads its logo.
func (c *checker) brand(at spot, b *Brand) {
	live := &LiveBrand{Brand: b}
	c.snapshot.Brands[b.Name] = live
	c.hosts(at, b, live)
	c.accent(at.at("accent"), b.Accent, white, "white")
	c.accent(at.at("accent_dark"), b.Dark, night, "the dark background #0f1318")
	if tag := message.Language(b.Language).Canonical(); string(tag) != b.Language {
		c.fail(at.at("language"), finding{ValueUnknown, fmt.Sprintf("%.40q is no tag of a language", b.Language), or(suggestTag(tag), "write it es, or es-MX")})
	}
	if b.Help != "" {
		c.link(at.at("help"), b.Help, true)
	}
	for i, link := range b.Links {
		if c.required(at.at("links", i), "label", link.Label) && c.required(at.at("links", i), "url", link.URL) {
			c.link(at.at("links", i, "url"), link.URL, false)
		}
	}
	if b.Logo == "" {
		return
	}
	_, logo, found := c.file(at, "logo", b.Logo)
	if !found {
		return
	}
	if reason := checkLogo(logo); reason != "" {
		c.fail(at.at("logo"), finding{LogoRefused, "the logo " + reason, "export a plain SVG without scripts, style sheets, images and links, up to 32 KiB"})
		return
	}
	live.LogoSVG = logo
}

func (c *checker) accent(at spot, text string, ground colour, name string) {
	if text == "" {
		return
	}
	accent, ok := readColour(text)
	if !ok {
		c.fail(at, finding{ColourInvalid, fmt.Sprintf("%.40q is no colour", text), `write it "#0b5fa5", in quotes`})
		return
	}
	if ratio := contrast(accent, ground); ratio < leastContrast {
		c.fail(at, finding{ContrastTooLow, fmt.Sprintf("%s has a contrast of %.1f:1 on %s", text, math.Floor(ratio*10)/10, name), fmt.Sprintf("choose one of at least 4.5:1, such as %q", accent.toldFrom(ground))})
	}
}

// defaultBrand refuses two brands for applications that name none.
func (c *checker) defaultBrand() {
	first := ""
	each(c, func(at spot, b *Brand) {
		switch {
		case b.Default && first != "":
			c.fail(at.at("default"), finding{DefaultRepeated, fmt.Sprintf("the brand %q is the default already", first), "mark one brand only"})
		case b.Default:
			first = b.Name
		}
	})
}
