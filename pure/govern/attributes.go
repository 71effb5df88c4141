package govern

import (
	"fmt"
	"slices"
	"strings"

	"sallyport/pure/config"
)

// The classes of attributes, the least delicate first.
const (
	Public    = "public"
	Internal  = "internal"
	Personal  = "personal"
	Sensitive = "sensitive"
)

// Relationship is the retention of what is kept as long as the person is a
// customer. Anything else is a length of time after that.
const Relationship = "relationship"

var classes = []string{Public, Internal, Personal, Sensitive}

// attributes judges the registry of what is kept of customers.
func (j *judge) attributes() {
	tenant := j.snapshot.Tenant
	var names []string
	for i := range tenant.Attributes {
		a := &tenant.Attributes[i]
		at := func(path ...any) config.At {
			return config.At{Kind: config.KindTenant, Name: tenant.Name, Path: append([]any{"attributes", i}, path...)}
		}
		j.owned(at, a)
		if j.misplaced(a.Name) {
			j.warn(at("name"), finding{
				config.AttributeMisplaced, fmt.Sprintf("the attribute %q looks like one application's own data", a.Name),
				"keep it in the application, by the subject id (sub), which never changes; an attribute is what several need",
			})
		}
		for _, other := range Near(a.Name, names) {
			j.warn(at("name"), finding{
				config.NearDuplicate, fmt.Sprintf("the attribute %q hardly differs from %q", a.Name, other), "keep one of them",
			})
		}
		for _, other := range tenant.Attributes[:i] {
			if strings.EqualFold(other.Title, a.Title) {
				j.warn(at("title"), finding{
					config.NearDuplicate, fmt.Sprintf("the attributes %q and %q have one title, %q", other.Name, a.Name, a.Title), "keep one of them, or say what tells them apart",
				})
			}
		}
		names = append(names, a.Name)
	}
}

// owned refuses what nobody answers for.
func (j *judge) owned(at func(...any) config.At, a *config.AttributeSpec) {
	var missing []string
	for _, field := range []struct{ key, value string }{
		{"owner", a.Owner}, {"purpose", a.Purpose}, {"classification", a.Classification}, {"retention", a.Retention},
	} {
		if strings.TrimSpace(field.value) == "" {
			missing = append(missing, field.key+":")
		}
	}
	if len(missing) > 0 {
		j.fail(at(), finding{
			config.AttributeUnowned, fmt.Sprintf("the attribute %q lacks %s", a.Name, strings.Join(missing, " ")),
			"say who answers for it, why it is kept, whether it is public, internal, personal or sensitive, and for how long it stays",
		})
	}
	if a.Classification != "" && !slices.Contains(classes, a.Classification) {
		j.fail(at("classification"), finding{config.AttributeUnowned, fmt.Sprintf("%.40q is no classification", a.Classification), "write public, internal, personal or sensitive"})
	}
	if a.Retention == "" || a.Retention == Relationship {
		return
	}
	if d, err := config.ParseDuration(a.Retention); err != nil || d <= 0 {
		j.fail(at("retention"), finding{config.AttributeUnowned, fmt.Sprintf("%.40q is no retention", a.Retention), "write relationship, or a length of time after it ends, such as 90d or 7y"})
	}
}

// ownWords are those by which applications call what is theirs alone.
var ownWords = []string{
	"preference", "preferences", "setting", "settings", "theme", "layout", "draft", "cart", "basket", "wishlist", "favourite", "favourites",
	"favorite", "favorites", "cache", "cursor", "counter", "onboarding", "tutorial", "dismissed", "json", "blob", "dashboard", "widget",
}

// misplaced tells attributes that look like an application's own: by a word for
// such things, or by its name.
func (j *judge) misplaced(name string) bool {
	words := strings.FieldsFunc(name, func(r rune) bool { return r == '-' || r == '_' })
	if slices.ContainsFunc(words, func(w string) bool { return slices.Contains(ownWords, w) }) {
		return true
	}
	plain := strings.ReplaceAll(name, "_", "-")
	for application := range j.snapshot.Applications {
		if plain == application || strings.HasPrefix(plain, application+"-") {
			return true
		}
	}
	return false
}
