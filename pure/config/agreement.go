package config

import (
	"fmt"
	"slices"
	"time"

	"sallyport/pure/message"
)

// Document is what customers agree to, such as terms of service: `kind: document`.
type Document struct {
	Meta         `yaml:",inline"`
	Asked        string            `yaml:"asked"`        // always (default), registration, never
	Applications []string          `yaml:"applications"` // whose sign-in asks for it; "*" (default) for all
	Versions     []DocumentVersion `yaml:"versions"`     // the oldest first; at most 50
}

// DocumentVersion is a text that customers agree to.
type DocumentVersion struct {
	Version string    `yaml:"version"` // as people quote it, such as 2026-01; up to 40 letters, digits, dots and dashes
	From    string    `yaml:"from"`    // the day from which it holds, as 2006-01-02, in UTC
	Keeps   bool      `yaml:"keeps"`   // whoever agreed to the version before need not be asked again
	Texts   []Wording `yaml:"texts" config:"set"`
	day     time.Time // From
}

// Purpose is what customers may allow their data to be used for, and how they like to be
// written to: `kind: purpose`. It is asked apart from documents, and never ticked before.
type Purpose struct {
	Meta    `yaml:",inline"`
	Version string    `yaml:"version"` // rises with what is asked: who answered an older one is asked again
	Basis   string    `yaml:"basis"`   // consent (default): no until they say yes; interest: yes until they say no
	Asked   string    `yaml:"asked"`   // registration, always, never (default): on their own page alone
	Texts   []Wording `yaml:"texts" config:"set"`
}

// Wording is what customers read, in one language.
type Wording struct {
	Language string `yaml:"language"` // en, es-MX
	Title    string `yaml:"title"`    // default the object's
	Text     string `yaml:"text"`     // paragraphs, parted by empty lines
	URL      string `yaml:"url"`      // where it can be read and kept; of documents one of text and url
}

// When customers are asked, as `asked:` spells it.
const (
	AskedAlways       = "always"       // before they go on
	AskedRegistration = "registration" // as they register; whoever is here already is not
	AskedNever        = "never"        // it is only shown, and answered if they like
)

// Why data may be used for a purpose, as `basis:` spells it.
const (
	BasisConsent  = "consent"
	BasisInterest = "interest"
)

// Bounds of documents and purposes.
const (
	maxDocumentVersions = 50
	maxWordings         = 40
	maxVersionName      = 40
	maxWording          = 8 << 10
)

// document checks a document.
func (c *checker) document(at spot, d *Document) {
	c.snapshot.Documents[d.Name] = d
	d.Asked = or(d.Asked, AskedAlways)
	c.oneOf(at.at("asked"), "time to ask", d.Asked, AskedAlways, AskedRegistration, AskedNever)
	if d.Applications == nil {
		d.Applications = []string{"*"}
	}
	c.starred(at.at("applications"), "the document", "application", d.Applications, c.names(KindApplication))
	if len(d.Versions) == 0 {
		c.fail(at.at("versions"), finding{FieldRequired, "the document has no version", "add versions: with a version, from: and texts:"})
	}
	if len(d.Versions) > maxDocumentVersions {
		c.fail(at.at("versions", maxDocumentVersions), finding{AgreementInvalid, fmt.Sprintf("the document has %d versions", len(d.Versions)), "keep the newest fifty; what was agreed to is kept with the agreement"})
		return
	}
	var names []string
	for i := range d.Versions {
		c.documentVersion(at.at("versions", i), d, i)
		names = append(names, d.Versions[i].Version)
	}
	c.once(at.at("versions"), names, "version", "version")
}

func (c *checker) documentVersion(at spot, d *Document, i int) {
	v := &d.Versions[i]
	c.versionName(at, v.Version)
	if day, err := time.Parse(time.DateOnly, v.From); err == nil {
		v.day = day
	} else if c.required(at, "from", v.From) {
		c.fail(at.at("from"), finding{AgreementInvalid, fmt.Sprintf("%.40q is no day", v.From), "write it 2026-03-01"})
	}
	if i > 0 && !v.day.IsZero() && v.day.Before(d.Versions[i-1].day) {
		c.fail(at.at("from"), finding{AgreementInvalid, fmt.Sprintf("version %q holds from before the version above it", v.Version), "put the oldest version first"})
	}
	c.wordings(at, v.Texts, d.Title, true)
}

// purpose checks a purpose.
func (c *checker) purpose(at spot, p *Purpose) {
	c.snapshot.Purposes[p.Name] = p
	c.versionName(at, p.Version)
	p.Basis, p.Asked = or(p.Basis, BasisConsent), or(p.Asked, AskedNever)
	c.oneOf(at.at("basis"), "basis", p.Basis, BasisConsent, BasisInterest)
	c.oneOf(at.at("asked"), "time to ask", p.Asked, AskedAlways, AskedRegistration, AskedNever)
	c.wordings(at, p.Texts, p.Title, false)
}

func (c *checker) versionName(at spot, name string) {
	if !c.required(at, "version", name) {
		return
	}
	odd := slices.ContainsFunc([]rune(name), func(r rune) bool {
		return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '.' || r == '-')
	})
	if odd || len(name) > maxVersionName {
		c.fail(at.at("version"), finding{AgreementInvalid, fmt.Sprintf("%.60q is no name of a version", name), "use up to 40 letters, digits, dots and dashes, such as 2026-01"})
	}
}

// wordings checks the texts of one version.
func (c *checker) wordings(at spot, all []Wording, title string, linked bool) {
	if len(all) == 0 || len(all) > maxWordings {
		c.fail(at.at("texts"), finding{AgreementInvalid, "there are no texts, or more than forty", "add texts: with a language each"})
		return
	}
	var languages []string
	for i := range all {
		w, here := &all[i], at.at("texts", i)
		w.Title = or(w.Title, title)
		languages = append(languages, w.Language)
		if tag := message.Language(w.Language).Canonical(); c.required(here, "language", w.Language) && string(tag) != w.Language {
			c.fail(here.at("language"), finding{AgreementInvalid, fmt.Sprintf("%.40q is no tag of a language", w.Language), or(suggestTag(tag), "write it es, or es-MX")})
		}
		if w.URL != "" {
			c.link(here.at("url"), w.URL, false)
		}
		switch {
		case w.Text == "" && (w.URL == "" || !linked):
			c.fail(here, finding{AgreementInvalid, "there is nothing to read", "add text:, or of a document url:"})
		case w.Text != "" && w.URL != "" && linked:
			c.fail(here, finding{AgreementInvalid, "there are two texts to agree to", "keep text: or url:"})
		case len(w.Text) > maxWording:
			c.fail(here.at("text"), finding{AgreementInvalid, "the text has more than 8 KiB", "publish it, and name it by url:"})
		}
	}
	c.once(at.at("texts"), languages, "language", "language")
}

// At gives the version that holds at an instant; nil if none does yet.
func (d *Document) At(now time.Time) *DocumentVersion {
	for i := len(d.Versions) - 1; i >= 0; i-- {
		if !now.Before(d.Versions[i].day) {
			return &d.Versions[i]
		}
	}
	return nil
}

// Suffices tells whether somebody who agreed to a version need not be asked at an
// instant: it is the one that holds, or all since keep what was agreed to before.
func (d *Document) Suffices(version string, now time.Time) bool {
	current := d.At(now)
	if current == nil {
		return true
	}
	for i := len(d.Versions) - 1; i >= 0; i-- {
		v := &d.Versions[i]
		switch {
		case v.day.After(now):
		case v.Version == version:
			return true
		case !v.Keeps:
			return false
		}
	}
	return false
}

// Known tells whether the document ever had a version.
func (d *Document) Known(version string) bool {
	return slices.ContainsFunc(d.Versions, func(v DocumentVersion) bool { return v.Version == version })
}

// Asks tells whether the sign-in for an application asks for the document.
func (d *Document) Asks(application string) bool {
	return slices.Contains(d.Applications, "*") || slices.Contains(d.Applications, application)
}

// In gives the text in the first of the languages that there is one of, else in English,
// else the first. An es-MX reads es if there is no es-MX.
func In(all []Wording, languages ...string) Wording {
	for _, want := range append(slices.Clone(languages), "en") {
		for len(want) > 0 {
			if i := slices.IndexFunc(all, func(w Wording) bool { return w.Language == want }); i >= 0 {
				return all[i]
			}
			want = parentTag(want)
		}
	}
	if len(all) == 0 {
		return Wording{}
	}
	return all[0]
}

func parentTag(tag string) string {
	for i := len(tag) - 1; i >= 0; i-- {
		if tag[i] == '-' {
			return tag[:i]
		}
	}
	return ""
}

// Whose an attribute is, as `of:` spells it.
const (
	OfCustomer = "customer"
	OfAccount  = "account"
)

// attributeOf checks whose an attribute is, and who changes it.
func (c *checker) attributeOf(at spot, a *AttributeSpec) {
	a.Of = or(a.Of, OfCustomer)
	c.oneOf(at.at("of"), "owner of an attribute", a.Of, OfCustomer, OfAccount)
	if a.SelfService && a.Of == OfAccount {
		c.fail(at.at("self_service"), finding{AgreementInvalid, fmt.Sprintf("the attribute %q is an account's, which the business keeps", a.Name), "remove self_service:"})
	}
}

// selfMade warns of rules that let people in by what they say of themselves.
func (c *checker) selfMade(at spot, by, name string) {
	if a := c.snapshot.Attribute(OfCustomer, name); a != nil && a.SelfService {
		c.fail(at.at("name"), finding{ConditionInvalid, fmt.Sprintf("%s decides by %s, which customers change themselves", by, name), "remove self_service: from the attribute, or decide by another one"})
	}
}

// Attribute gives what is registered by a name; nil if nothing is.
func (s *Snapshot) Attribute(of, name string) *AttributeSpec {
	if s.Tenant == nil {
		return nil
	}
	for i := range s.Tenant.Attributes {
		if a := &s.Tenant.Attributes[i]; a.Name == name && (a.Of == of || a.Of == "" && of == OfCustomer) {
			return a
		}
	}
	return nil
}

func attributeNames(all []AttributeSpec) (names []string) {
	for i := range all {
		names = append(names, all[i].Name)
	}
	return names
}
