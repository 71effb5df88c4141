package assessment

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"strings"
	"sync"

	"sallyport/pure/assess"
)

//go:embed report.html
var pageText string

//go:embed report.css
var styleText string

// page is the whole file. The style is ours, so it may stand as it is.
var page = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("report").Funcs(template.FuncMap{
		"style":   func() template.CSS { return template.CSS(styleText) },
		"n":       grouped,
		"percent": share,
		"word":    word,
		"bytes":   size,
		"bar":     barOf,
		"fate":    fateTone,
		"used":    usedTone,
		"last":    func(all []column) column { return all[len(all)-1] },
	}).Parse(pageText))
})

// Render writes a report as a file of HTML. Errors are those of w.
func Render(w io.Writer, r assess.Report) error {
	if err := page().Execute(w, viewOf(&r)); err != nil {
		return fmt.Errorf("writing the report of %s: %w", r.Source.Format, err)
	}
	return nil
}

// grouped writes a figure with commas.
func grouped(n int64) string {
	digits := fmt.Sprint(n)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

// share is how much of a whole something is, as people say it.
func share(part, of int64) string {
	if of == 0 || part == 0 {
		return "0%"
	}
	p := float64(part) * 100 / float64(of)
	switch {
	case p < 0.1:
		return "< 0.1%"
	case p > 99.9 && part < of:
		return "> 99.9%"
	case p == float64(int64(p)):
		return fmt.Sprintf("%.0f%%", p)
	}
	return fmt.Sprintf("%.1f%%", p)
}

// size is a number of bytes.
func size(n int64) string {
	switch {
	case n < 1<<10:
		return fmt.Sprintf("%d bytes", n)
	case n < 1<<20:
		return fmt.Sprintf("%.1f KiB", float64(n)/(1<<10))
	case n < 1<<30:
		return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20))
	}
	return fmt.Sprintf("%.1f GiB", float64(n)/(1<<30))
}

// words say for people what the report says for programs.
var words = map[string]string{
	string(assess.BigBang): "All at once", string(assess.Phased): "In waves, by the export", string(assess.JITBulk): "At sign-in first, then by the export",
	string(assess.Verifies): "Verifies as it is", string(assess.Wrapped): "Verifies; wrapped until the next sign-in", string(assess.Unknown): "Unknown format",
	string(assess.Broken): "Damaged", string(assess.Costly): "Too costly",
	string(assess.Works): "Works on the first day", string(assess.Kept): "Kept as data", string(assess.Left): "Stays behind",
	string(assess.AtOnce): "Work at once", string(assess.Related): "Need a file on that host", string(assess.Impossible): "End: to be made anew", string(assess.Unsaid): "Depends on your host",
	string(assess.Blocks): "Blocks", string(assess.Decides): "To decide", string(assess.Notes): "To know",
	"totp": "Authenticator app", "hotp": "Counter-based codes", "recovery": "Recovery codes", "phone": "Codes by message or call", "email": "E-mail",
	"push-factor": "Push messages", "security-question": "Security questions", "attested-device": "Device of the vendor's app", "second-factor": "Second factor without its key",
	"username": "Username", "must-reset": "Must choose a password", "unclear": "Not understood", "twice-encoded": "Encoded twice", "replaced": "Characters replaced",
}

// word is what people read for a stable word; what has none is read as it is,
// with spaces.
func word(of any) string {
	text := fmt.Sprint(of)
	if w := words[text]; w != "" {
		return w
	}
	text = strings.ReplaceAll(text, "-", " ")
	if text == "" {
		return "Not said"
	}
	return strings.ToUpper(text[:1]) + text[1:]
}
