package migrate

import (
	"fmt"
	"regexp"
	"regexp/syntax"
	"strconv"
	"strings"
	"time"
	"unicode"

	"sallyport/pure/customer"
)

// Transform is one step by which a value of the source is brought into shape. The
// steps run in order, before [Field.Values]; of a list, on each value. A step that
// cannot be done makes the value one that does not make sense: it is left out, or
// holds the record if the field is required.
type Transform struct {
	Do     string // see the constants
	Text   string // of prefix, strip, split and join
	Find   string // of replace: a regular expression as RE2 has it
	With   string // of replace: what stands instead; $1 is the first group
	Format string // of date and instant: unix, unix-ms or a Go layout; default rfc3339
	Region string // of phone: where national numbers are from
	Part   int    // of split: which part, from 1; from the end if it is below 0
}

// What a transform does.
const (
	DoTrim     = "trim"     // the space around it
	DoLower    = "lower"    // to lower case
	DoUpper    = "upper"    // to upper case
	DoTitle    = "title"    // each word begins with a capital
	DoDigits   = "digits"   // leaves the digits alone
	DoCollapse = "collapse" // runs of space become one
	DoPrefix   = "prefix"   // puts the text in front, unless it is there
	DoStrip    = "strip"    // takes the text away from the front
	DoReplace  = "replace"  // whatever Find matches
	DoSplit    = "split"    // takes a part between texts
	DoJoin     = "join"     // joins the columns of from and with; only the first step
	DoPhone    = "phone"    // an international number, such as +12125550123
	DoDate     = "date"     // a day, such as 2026-03-02
	DoInstant  = "instant"  // RFC 3339 in UTC
	DoBoolean  = "boolean"  // true or false, of the usual words
)

const (
	maxTransforms = 16
	maxPattern    = 500
	maxText       = 200
)

// step is a compiled transform; ok is false for what it cannot do.
type step func(value string) (result string, ok bool)

func (p *Plan) compileTransforms(path string, f *field, found *problems) {
	if len(f.Transform) > maxTransforms {
		found.add(path+".transform", fmt.Sprintf("use at most %d", maxTransforms), "too many steps")
		return
	}
	f.joiner = " "
	for i, t := range f.Transform {
		at := fmt.Sprintf("%s.transform[%d]", path, i)
		if len(t.Text) > maxText || len(t.Find) > maxPattern || len(t.With) > maxText {
			found.add(at, fmt.Sprintf("keep texts below %d bytes and patterns below %d", maxText, maxPattern), "too long")
			continue
		}
		t.check(at, found)
		if t.Do == DoJoin {
			f.joiner = t.Text
			if i > 0 || len(f.With) == 0 {
				found.add(at, "list the other columns below with, and join them first", "nothing is joined here")
			}
			continue
		}
		if do := t.compile(at, found); do != nil {
			f.steps = append(f.steps, do)
		}
	}
}

// check refuses settings that the step does not have.
func (t Transform) check(at string, found *problems) {
	type setting struct {
		name  string
		given bool
		of    string
	}
	for _, s := range []setting{
		{"text", t.Text != "", DoPrefix + DoStrip + DoSplit + DoJoin},
		{"find", t.Find != "", DoReplace},
		{"with", t.With != "", DoReplace},
		{"format", t.Format != "", DoDate + DoInstant},
		{"region", t.Region != "", DoPhone},
		{"part", t.Part != 0, DoSplit},
	} {
		if s.given && (t.Do == "" || !strings.Contains(s.of, t.Do)) {
			found.add(at+"."+s.name, "remove it", "%q has no %s", t.Do, s.name)
		}
	}
}

func (t Transform) compile(at string, found *problems) step {
	switch t.Do {
	case DoTrim:
		return always(strings.TrimSpace)
	case DoLower:
		return always(strings.ToLower)
	case DoUpper:
		return always(strings.ToUpper)
	case DoTitle:
		return always(title)
	case DoDigits:
		return always(onlyDigits)
	case DoCollapse:
		return always(func(v string) string { return strings.Join(strings.Fields(v), " ") })
	case DoPrefix, DoStrip:
		return t.affix(at, found)
	case DoReplace:
		return t.replace(at, found)
	case DoSplit:
		return t.split(at, found)
	case DoPhone:
		return t.phone(at, found)
	case DoDate, DoInstant:
		return t.moment(at, found)
	case DoBoolean:
		return boolean
	}
	found.add(at+".do", "use trim, lower, upper, title, digits, collapse, prefix, strip, replace, split, join, phone, date, instant or boolean", "%q is no step", t.Do)
	return nil
}

func always(do func(string) string) step {
	return func(v string) (string, bool) { return do(v), true }
}

// title writes words as names are written, and leaves what follows an apostrophe
// or a hyphen as a beginning of its own.
func title(v string) string {
	begins := true
	return strings.Map(func(r rune) rune {
		first := begins
		begins = !unicode.IsLetter(r) && !unicode.IsMark(r) && !unicode.IsDigit(r)
		if first {
			return unicode.ToTitle(r)
		}
		return unicode.ToLower(r)
	}, v)
}

func onlyDigits(v string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, v)
}

func (t Transform) affix(at string, found *problems) step {
	if t.Text == "" {
		found.add(at+".text", "say which text", "there is none")
	}
	if t.Do == DoStrip {
		return always(func(v string) string { return strings.TrimPrefix(v, t.Text) })
	}
	return always(func(v string) string {
		if v == "" || strings.HasPrefix(v, t.Text) {
			return v
		}
		return t.Text + v
	})
}

func (t Transform) replace(at string, found *problems) step {
	pattern, err := regexp.Compile(t.Find)
	if err != nil || t.Find == "" {
		found.add(at+".find", "write a regular expression as RE2 has it", "not a pattern")
		return nil
	}
	if !handy(t.Find) {
		found.add(at+".find", "repeat less: a pattern runs over every value of every record", "the pattern is too large once its repetitions are written out")
		return nil
	}
	return func(v string) (string, bool) {
		if len(v) > maxAttribute {
			return "", false // a replacement multiplies
		}
		result := pattern.ReplaceAllString(v, t.With)
		return result, len(result) <= MaxField
	}
}

// maxProgram is of how many instructions a pattern may be. RE2 needs no more steps for a
// value than its bytes times these, whatever the value is; a few repetitions of
// repetitions make hundreds of thousands of them.
const maxProgram = 1000

func handy(pattern string) bool {
	parsed, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return false
	}
	program, err := syntax.Compile(parsed.Simplify())
	return err == nil && len(program.Inst) <= maxProgram
}

func (t Transform) split(at string, found *problems) step {
	if t.Text == "" || t.Part == 0 {
		found.add(at, "say text, at which it is split, and part, counted from 1, or from -1 from the end", "it is not said what to take")
		return nil
	}
	return func(v string) (string, bool) {
		parts := strings.Split(v, t.Text)
		n := t.Part - 1
		if t.Part < 0 {
			n = len(parts) + t.Part
		}
		if n < 0 || n >= len(parts) {
			return "", true
		}
		return parts[n], true
	}
}

func (t Transform) phone(at string, found *problems) step {
	if t.Region != "" && !region.MatchString(t.Region) {
		found.add(at+".region", "use a two-letter country code", "not a region")
	}
	return func(v string) (string, bool) {
		if v == "" {
			return "", true
		}
		id, err := customer.Normalise(customer.Phone, v, t.Region)
		return id.Value, err == nil
	}
}

func (t Transform) moment(at string, found *problems) step {
	if !knownFormat(t.Format) {
		found.add(at+".format", "use rfc3339, unix, unix-ms or a Go layout with a year", "not a format")
	}
	return func(v string) (string, bool) {
		if v == "" {
			return "", true
		}
		when, ok := day(t.Format, v)
		switch {
		case !ok:
			return "", false
		case t.Do == DoDate:
			return when.Format(time.DateOnly), true
		}
		return when.Format(time.RFC3339Nano), true
	}
}

// day reads an instant of any year that a date can have; people were born before
// 1970.
func day(format, value string) (time.Time, bool) {
	var at time.Time
	var ok bool
	if seconds, err := strconv.ParseInt(value, 10, 64); err == nil && seconds < 0 && seconds > -maxEpoch && strings.HasPrefix(format, "unix") {
		at, ok = time.Unix(seconds, 0), true
		if format == "unix-ms" {
			at = time.UnixMilli(seconds)
		}
	} else {
		at, ok = instant(format, value)
	}
	at = at.UTC()
	return at, ok && at.Year() >= 1 && at.Year() <= 9999
}

// boolean reads the usual words.
func boolean(v string) (string, bool) {
	switch strings.ToLower(strings.TrimSpace(v)) {
	case "":
		return "", true
	case "true", "t", "yes", "y", "1", "on":
		return "true", true
	case "false", "f", "no", "n", "0", "off":
		return "false", true
	}
	return "", false
}

// value reads what the record has for a field, in shape and translated.
func (f *field) value(record *Record) (string, bool) {
	value := record.at(f.from)
	if len(f.with) > 0 && value != notScalar {
		value = f.joined(record, value)
	}
	return f.shaped(value)
}

func (f *field) joined(record *Record, first string) string {
	var all []string
	for _, v := range append([]string{first}, record.several(f.with)...) {
		if v != "" && v != notScalar {
			all = append(all, v)
		}
	}
	return strings.Join(all, f.joiner)
}

// shaped runs the steps on a value, translates it and fills in the default.
func (f *field) shaped(value string) (string, bool) {
	ok := true
	if value != notScalar {
		for _, do := range f.steps {
			if value, ok = do(value); !ok {
				return "", false
			}
		}
	}
	value, ok = f.translate(value)
	if value == "" && f.Default != "" {
		return f.Default, true
	}
	return value, ok
}

// typed writes a value as its type demands.
func (f *field) typed(value string) (string, bool) {
	switch f.Type {
	case "number":
		n, err := strconv.ParseInt(strings.TrimPrefix(value, "+"), 10, 64)
		return strconv.FormatInt(n, 10), err == nil
	case "boolean":
		return boolean(value)
	case "date":
		if f.Format == "" {
			if at, err := time.Parse(time.DateOnly, value); err == nil {
				return at.Format(time.DateOnly), true
			}
		}
		at, ok := day(f.Format, value)
		return at.Format(time.DateOnly), ok
	}
	return value, true
}
