package review

import (
	"fmt"
	"slices"
	"strings"
)

// tagged tells which policies name applications by other tags than before. Who they
// are now is told as access; who wears a tag later gets it then.
func (c *comparison) tagged() {
	for _, server := range c.servers() {
		was, is := c.before.Servers[server], c.after.Servers[server]
		if was == nil || is == nil {
			continue
		}
		for _, p := range is.Policies {
			before, after := sorted(slices.Clone(was.Tagged[p.Name])), sorted(slices.Clone(is.Tagged[p.Name]))
			if slices.Equal(before, after) {
				continue
			}
			l := Line{
				Section: Neutral, Kind: KindEdit, Server: server,
				Before: or(strings.Join(before, ", "), "by name"), After: or(strings.Join(after, ", "), "by name"),
			}
			l.Sentence = fmt.Sprintf("%s: policy %s names applications by %s instead of %s; whoever wears it later is among them", server, p.Name, l.After, l.Before)
			if len(after) == 0 {
				l.Sentence = fmt.Sprintf("%s: policy %s no longer names applications by %s", server, p.Name, l.Before)
			}
			c.add(l)
		}
	}
}
