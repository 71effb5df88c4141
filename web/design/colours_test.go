package design

import (
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// rgb is a colour in sRGB, each part from 0 to 1.
type rgb [3]float64

func readRGB(t *testing.T, hex string) rgb {
	t.Helper()
	hex = strings.TrimPrefix(hex, "#")
	if len(hex) == 3 {
		hex = string([]byte{hex[0], hex[0], hex[1], hex[1], hex[2], hex[2]})
	}
	n, err := strconv.ParseUint(hex, 16, 24)
	if err != nil {
		t.Fatal(err)
	}
	return rgb{float64(n>>16) / 255, float64(n>>8&0xff) / 255, float64(n&0xff) / 255}
}

// over mixes share of c into ground, as color-mix(in srgb) does.
func (c rgb) over(ground rgb, share float64) rgb {
	for i := range c {
		c[i] = c[i]*share + ground[i]*(1-share)
	}
	return c
}

// luminance is WCAG's relative luminance, from 0 for black to 1 for white.
func (c rgb) luminance() float64 {
	linear := func(v float64) float64 {
		if v <= 0.04045 {
			return v / 12.92
		}
		return math.Pow((v+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(c[0]) + 0.7152*linear(c[1]) + 0.0722*linear(c[2])
}

func contrast(a, b rgb) float64 {
	front, back := a.luminance(), b.luminance()
	return (max(front, back) + 0.05) / (min(front, back) + 0.05)
}

// What stands on what, and how well it must be told from it (WCAG 2.2 §1.4.3,
// §1.4.11): text 4.5, shapes and lines that mean something 3, running text more.
var pairs = []struct {
	front, back string
	least       float64
}{
	{"text", "bg", 7},
	{"text", "surface", 7},
	{"text", "bad-surface", 7},
	{"text", "chosen", 7},
	{"muted", "bg", 4.5},
	{"muted", "surface", 4.5},
	{"muted", "bad-surface", 4.5},
	{"muted", "chosen", 4.5},
	{"accent", "bg", 4.5},
	{"accent", "surface", 3}, // a line and a ring; text on it is not blue
	{"on-accent", "accent", 4.5},
	{"on-accent", "bad", 4.5}, // the button that takes away
	{"on-accent", "accent-hover", 4.5},
	{"on-accent", "bad-hover", 4.5},
	{"bad", "bg", 4.5},
	{"bad", "surface", 4.5},
	{"bad", "bad-surface", 4.5},
	{"ok", "bg", 4.5},
	{"ok", "surface", 4.5},
	{"ok", "chosen", 3},
	{"warn", "bg", 4.5},
	{"warn", "surface", 4.5},
	{"warn", "chosen", 3},
	{"pending", "bg", 4.5},
	{"pending", "surface", 4.5},
	{"pending", "chosen", 3},
	{"bad", "chosen", 3},
	{"border", "bg", 3},
	{"border", "surface", 3},
	{"ribbon", "ribbon-light", 7},
	{"ribbon", "ribbon-dark", 7},
	{"ribbon-real-text", "ribbon-real", 7},
}

// The tokens are read from the style sheet itself, so that nobody can change a
// colour without its contrast being checked.
func TestColoursCanBeTold(t *testing.T) {
	light, dark := map[string]rgb{}, map[string]rgb{}
	for _, c := range tokens() {
		light[c.Name], dark[c.Name] = readRGB(t, c.Light), readRGB(t, c.Dark)
	}
	for theme, colours := range map[string]map[string]rgb{"light": light, "dark": dark} {
		colours["chosen"] = colours["accent"].over(colours["bg"], .10)
		colours["accent-hover"] = colours["accent"].over(colours["text"], .86)
		colours["bad-hover"] = colours["bad"].over(colours["text"], .86)
		colours["ribbon"], colours["ribbon-light"], colours["ribbon-dark"] = readRGB(t, "#12161c"), readRGB(t, "#f2c14e"), readRGB(t, "#e3ad2f")
		colours["ribbon-real-text"], colours["ribbon-real"] = readRGB(t, "#fff"), readRGB(t, "#8a1020")
		met := map[string]bool{}
		for _, pair := range pairs {
			front, has := colours[pair.front]
			back, hasBack := colours[pair.back]
			if !has || !hasBack {
				t.Fatalf("%s: there is no %s or no %s", theme, pair.front, pair.back)
			}
			if ratio := contrast(front, back); ratio < pair.least {
				t.Errorf("%s: %s on %s has %.2f:1, want %.1f:1", theme, pair.front, pair.back, ratio, pair.least)
			}
			met[pair.front], met[pair.back] = true, true
		}
		for _, c := range tokens() {
			if !met[c.Name] && c.Name != "line" { // which only parts what space parts already
				t.Errorf("%s: nothing is known of %s", theme, c.Name)
			}
		}
	}
}

func TestColoursOutsideTheTokensAreThoseOfTheRibbons(t *testing.T) {
	known := "#12161c #f2c14e #e3ad2f #fff #8a1020"
	_, ground, _ := strings.Cut(string(styles), "/* Ground. */")
	for _, sheet := range []string{ground, string(componentStyles), string(consoleStyles)} {
		for _, colour := range regexp.MustCompile(`#[0-9a-f]{3,6}\b`).FindAllString(sheet, -1) {
			if !strings.Contains(known, colour) {
				t.Errorf("%s is no token", colour)
			}
		}
	}
}

// Space, type and corners come from the scale, so that things stand in line
// without anybody measuring. Smaller than 4 px are lines and their offsets.
func TestSizesAreOfTheScale(t *testing.T) {
	space := []string{"0", "1px", "2px", "3px", "4px", "8px", "12px", "16px", "24px", "32px", "40px", "48px", "56px", "80px", "88px", "auto", "1em"}
	declaration := regexp.MustCompile(`[;{\s](padding|margin|gap|border-radius|font-size)(?:-[a-z]+)*:\s*([^;}]+)`)
	for name, sheet := range map[string][]byte{"sallyport.css": styles, "components.css": componentStyles, "console.css": consoleStyles} {
		for _, m := range declaration.FindAllStringSubmatch(string(sheet), -1) {
			allowed := space
			switch m[1] {
			case "font-size":
				allowed = []string{".875rem", "1rem", "1.25rem", "1.5625rem", "1.9375rem", "1em", ".875em"}
			case "border-radius":
				allowed = []string{"0", "4px", "8px", "50%"}
			}
			for _, size := range strings.Fields(m[2]) {
				if strings.Contains(m[2], "(") || strings.HasPrefix(size, "-") {
					break // computed, or drawn back over a border
				}
				if !slices.Contains(allowed, size) {
					t.Errorf("%s: %s: %s is not of the scale", name, m[1], m[2])
				}
			}
		}
	}
}
