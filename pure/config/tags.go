package config

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Bounds of tags.
const (
	MaxTags     = 20  // of one object
	MaxTagValue = 100 // characters
)

// TagPrefix begins a tag where names of objects may stand too.
const TagPrefix = "tag:"

// Tag is what an object must wear: a key, and a value unless Any.
type Tag struct {
	Key   string
	Value string
	Any   bool // whatever the value
}

// ParseTag reads key or key=value, with or without tag: before it; key= is the
// empty value. ok is false for what no object can wear.
func ParseTag(text string) (tag Tag, ok bool) {
	key, value, valued := strings.Cut(strings.TrimPrefix(text, TagPrefix), "=")
	return Tag{key, value, !valued}, checkKey(key) == "" && checkTagValue(value) == ""
}

// Worn reports whether an object with tags wears it.
func (t Tag) Worn(tags map[string]string) bool {
	value, found := tags[t.Key]
	return found && (t.Any || value == t.Value)
}

// String is the tag as [ParseTag] reads it, with tag: before it.
func (t Tag) String() string {
	if t.Any {
		return TagPrefix + t.Key
	}
	return TagPrefix + t.Key + "=" + t.Value
}

// TagList gives tags as people read them, by key: key=value, or just key.
func TagList(tags map[string]string) []string {
	var all []string
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		if tags[key] != "" {
			key += "=" + tags[key]
		}
		all = append(all, key)
	}
	return all
}

func checkTagValue(value string) string {
	switch {
	case utf8.RuneCountInString(value) > MaxTagValue:
		return fmt.Sprintf("its value has more than %d characters", MaxTagValue)
	case strings.TrimSpace(value) != value:
		return "its value begins or ends with a space"
	case strings.Contains(value, ","):
		return "its value has a comma"
	case strings.ContainsFunc(value, func(r rune) bool { return !unicode.IsPrint(r) }):
		return "its value has characters that cannot be printed"
	}
	return ""
}

// tags checks those of every object and of whatever has some within it.
func (c *checker) tags() {
	for _, e := range c.entries {
		c.tagsWithin(e.spot(), reflect.ValueOf(e.value).Elem())
	}
}

var tagsType = reflect.TypeFor[map[string]string]()

func (c *checker) tagsWithin(at spot, v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		s := shapes[v.Type()]
		for _, key := range s.names {
			field := v.FieldByIndex(s.fields[key])
			switch {
			case key == "tags" && field.Type() == tagsType:
				c.tagsOf(at.at("tags"), field.Interface().(map[string]string))
			case field.Kind() == reflect.Slice || field.Kind() == reflect.Map:
				c.tagsWithin(at.at(key), field)
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			c.tagsWithin(at.at(i), v.Index(i))
		}
	case reflect.Map:
		if v.Type().Elem().Kind() == reflect.Struct {
			for _, key := range v.MapKeys() {
				c.tagsWithin(at.at(key.String()), v.MapIndex(key))
			}
		}
	}
}

func (c *checker) tagsOf(at spot, tags map[string]string) {
	const fix = "write lower-case letters, digits, dashes and underscores before the colon, and up to 100 plain characters after it"
	for key, value := range tags {
		why := checkKey(key)
		if why == "" {
			why = checkTagValue(value)
		}
		if why != "" {
			c.fail(at.key(key), finding{TagInvalid, fmt.Sprintf("%.80q is no tag: %s", key, why), fix})
		}
	}
	if len(tags) > MaxTags {
		c.fail(at, finding{TagInvalid, fmt.Sprintf("there are %d tags", len(tags)), fmt.Sprintf("keep up to %d", MaxTags)})
	}
}

// anywhere asks for applications whatever servers they are assigned to.
const anywhere = ""

// members checks a list of names, tags, or just "*", and gives the applications
// that it means: tags become those that wear them now and, where a server is
// named, are assigned to it. So what is decided and shown has names only, and an
// application that comes later is named only once it wears the tag. worn are the
// tags. The list is nil only if it was.
func (c *checker) members(list spot, by string, listed []string, server string) (names, worn []string) {
	plain := slices.DeleteFunc(slices.Clone(listed), isTag)
	if len(plain) == len(listed) {
		c.starred(list, by, "application", listed, c.names(KindApplication))
		return listed, nil
	}
	if c.starredWithTags(list, by, listed) {
		return []string{"*"}, nil
	}
	names = []string{}
	for i, text := range listed {
		if !isTag(text) {
			if c.known(list.at(i), by, "application", text, c.names(KindApplication)) {
				names = append(names, text)
			}
			continue
		}
		worn = append(worn, text)
		names = append(names, c.wearers(list.at(i), by, text, server)...)
	}
	c.once(list, listed, "application")
	slices.Sort(names)
	return slices.Compact(names), worn
}

func isTag(text string) bool { return strings.HasPrefix(text, TagPrefix) }

func (c *checker) starredWithTags(list spot, by string, listed []string) bool {
	star := slices.Index(listed, "*")
	if star >= 0 {
		c.fail(list.at(star), finding{StarNotAlone, fmt.Sprintf(`%s names "*" beside others`, by), `keep either "*" or the names and tags`})
	}
	return star >= 0
}

// wearers are the applications with a tag, by name.
func (c *checker) wearers(at spot, by, text, server string) []string {
	tag, ok := ParseTag(text)
	if !ok {
		c.fail(at, finding{TagInvalid, fmt.Sprintf("%.80q is no tag that an application could wear", text), "write tag:key or tag:key=value"})
		return nil
	}
	var names []string
	for _, name := range slices.Sorted(maps.Keys(c.snapshot.Applications)) {
		a := c.snapshot.Applications[name]
		if _, assigned := a.Assigned[server]; tag.Worn(a.Tags) && (server == anywhere || assigned) {
			names = append(names, name)
		}
	}
	if len(names) == 0 && !c.tree.lost {
		f := finding{TagUnworn, fmt.Sprintf("%s names %s, which no application wears", by, tag), "put the tag on an application, or correct it"}
		if server != anywhere {
			f.what = fmt.Sprintf("%s names %s, which no application of this server wears", by, tag)
		}
		c.warn(at, f)
	}
	return names
}
