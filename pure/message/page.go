package message

import (
	"html"
	"strings"
)

// Colours of a mail: those of the pages. A brand's accent is checked against the
// light ground and the dark one when its tree is loaded.
const (
	accentLight = "#0b5fa5"
	accentDark  = "#6cb4f5"
)

// page is the HTML part of a mail, or a letter. It loads nothing: no picture, no
// style sheet, no font, so nobody learns that it was opened. Programs that know no
// style sheets get the light colours from the elements themselves.
func page(blocks []block, look Look, subject string, letter bool) string {
	light, dark := look.Accent, look.AccentDark
	if light == "" {
		light = accentLight
	}
	if dark == "" {
		dark = accentDark
	}
	p := &writer{accent: light}
	direction := "ltr"
	if look.Language.rightToLeft() {
		direction = "rtl"
	}
	p.raw(`<!doctype html><html lang="`).text(string(look.Language)).raw(`" dir="` + direction + `"><head><meta charset="utf-8">` +
		`<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">` +
		`<meta name="supported-color-schemes" content="light dark"><title>`).text(subject).raw(`</title><style>` + sheetOfStyles(dark, letter) + `</style></head>`)
	p.raw(`<body class="ground" style="margin:0;padding:0;background:#f5f7fa;color:#12161c;` + font + `">` +
		`<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0"><tr><td align="center" class="edge" style="padding:24px 12px">` +
		`<table role="presentation" class="card" width="100%" cellpadding="0" cellspacing="0" border="0" style="max-width:560px;background:#ffffff;border:1px solid #dde2e9;border-radius:8px">`)
	p.raw(`<tr><td class="inside" style="padding:24px 24px 0;text-align:start"><p class="brand" style="margin:0;font-size:16px;line-height:24px;font-weight:650;color:` + light + `">`).
		text(oneLine(look.Brand, maxWord)).raw(`</p></td></tr>`)
	if letter {
		p.address(look.To)
	}
	p.raw(`<tr><td class="inside" style="padding:16px 24px 24px;text-align:start"><h1 class="ink" style="margin:0 0 16px;font-size:20px;line-height:28px;font-weight:650;color:#12161c">`).
		text(subject).raw(`</h1>`)
	for _, b := range blocks {
		p.block(b, look.Language)
	}
	p.raw(`</td></tr></table>`)
	p.footer(look)
	p.raw(`</td></tr></table></body></html>`)
	return p.String()
}

const font = `font-family:system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans','Liberation Sans',sans-serif`

// sheetOfStyles are the dark colours, and those of paper.
func sheetOfStyles(dark string, letter bool) string {
	styles := `:root{color-scheme:light dark;supported-color-schemes:light dark}` +
		`body{-webkit-text-size-adjust:100%;text-size-adjust:100%}.code{letter-spacing:.12em}` +
		`@media (max-width:400px){.edge{padding:0!important}.card{border-width:0!important;border-radius:0!important}.inside{padding-left:16px!important;padding-right:16px!important}.code{letter-spacing:.06em!important}}`
	if letter {
		return styles + `@page{margin:20mm}@media print{.ground{background:#ffffff!important}.edge{padding:0!important}.card{border-width:0!important}}`
	}
	return styles + `@media (prefers-color-scheme:dark){.ground{background:#0f1318!important}.card{background:#171d25!important;border-color:#2b3440!important}` +
		`.ink{color:#e8ecf1!important}.muted{color:#a7b1bf!important}.brand,.muted a{color:` + dark + `!important}` +
		`.box{background:#0f1318!important;border-color:#2b3440!important;color:#e8ecf1!important}.button{background:` + dark + `!important;color:#0f1318!important}}`
}

// writer writes HTML.
type writer struct {
	strings.Builder
	accent string
}

func (p *writer) raw(text string) *writer {
	p.WriteString(text)
	return p
}

func (p *writer) text(text string) *writer { return p.raw(html.EscapeString(text)) }

const paragraph = `<p class="ink" style="margin:0 0 16px;font-size:16px;line-height:24px;color:#12161c;overflow-wrap:anywhere">`

func (p *writer) block(b block, language Language) {
	switch b.form {
	case Code:
		p.raw(`<p class="box code" dir="ltr" style="margin:0 0 16px;padding:16px;border:1px solid #dde2e9;border-radius:8px;background:#f5f7fa;color:#12161c;` +
			`font-family:ui-monospace,'SF Mono','Cascadia Mono','Roboto Mono','DejaVu Sans Mono',monospace;font-size:31px;line-height:40px;text-align:center;white-space:nowrap">`).text(b.text).raw(`</p>`)
	case Lines:
		p.raw(`<pre class="box" dir="ltr" style="margin:0 0 16px;padding:16px;border:1px solid #dde2e9;border-radius:8px;background:#f5f7fa;color:#12161c;` +
			`font-family:ui-monospace,'SF Mono','Cascadia Mono','Roboto Mono','DejaVu Sans Mono',monospace;font-size:16px;line-height:28px;white-space:pre-wrap">`).text(b.text).raw(`</pre>`)
	case Link:
		p.link(b, language)
	default:
		p.raw(paragraph)
		for i, line := range strings.Split(b.text, "\n") {
			if i > 0 {
				p.raw(`<br>`)
			}
			p.text(line)
		}
		p.raw(`</p>`)
	}
}

func (p *writer) link(b block, language Language) {
	if b.label == "" {
		b.label = b.text
	}
	p.raw(`<p style="margin:0 0 16px"><a class="button" href="`).text(b.text).raw(`" style="display:inline-block;padding:12px 24px;border-radius:8px;background:` + p.accent +
		`;color:#ffffff;font-size:16px;line-height:24px;font-weight:650;text-decoration:none">`).text(b.label).raw(`</a></p>`)
	if words := wordsOf(language).copy; words != "" {
		p.raw(`<p class="muted" style="margin:0 0 16px;font-size:14px;line-height:20px;color:#4a5361;overflow-wrap:anywhere">`).text(words).raw(`<br>`).text(b.text).raw(`</p>`)
	}
}

// address stands where envelopes have their window.
func (p *writer) address(lines []string) {
	p.raw(`<tr><td class="inside" style="padding:32px 24px 24px;text-align:start"><p class="ink" style="margin:0;font-size:16px;line-height:24px;color:#12161c">`)
	for i, line := range lines {
		if i > 0 {
			p.raw(`<br>`)
		}
		p.text(oneLine(line, maxText))
	}
	p.raw(`</p></td></tr>`)
}

// footer tells whose message it is and where help is.
func (p *writer) footer(look Look) {
	w := wordsOf(look.Language)
	p.raw(`<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="max-width:560px"><tr><td class="muted inside" ` +
		`style="padding:16px 24px;font-size:14px;line-height:20px;color:#4a5361;text-align:start;overflow-wrap:anywhere">`).text(oneLine(look.Brand, maxWord))
	if look.Phone != "" {
		p.raw(` · `).text(strings.TrimSpace(w.phone + " " + oneLine(look.Phone, maxWord)))
	}
	if look.Help != "" {
		label := w.help
		if label == "" {
			label = look.Help
		}
		p.raw(` · <a href="`).text(look.Help).raw(`" style="color:` + p.accent + `">`).text(label).raw(`</a>`)
	}
	if w.because != "" {
		p.raw(`<br>`).text(w.because)
	}
	p.raw(`</td></tr></table>`)
}
