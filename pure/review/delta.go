package review

import (
	"crypto/sha256"
	"encoding/json"
	"slices"

	"sallyport/pure/access"
)

// meant is what of a line goes into the digest: everything but what was counted, what
// is only an example, and what is said in words of the rest.
type meant struct {
	Section     Section
	Kind        Kind
	Object      string
	Server      string
	Application access.ApplicationID
	Future      bool
	Grant       access.GrantType
	Scopes      []access.Scope
	Together    bool
	Before      string
	After       string
	Who         []string
	Opens       []Opened
	Data        []string
	Claims      []string
}

// Delta digests what the change means: two reviews have the same exactly if the same
// keys change in the same way, and the same becomes different for the same contexts.
// It knows no revision, no file and no count, and neither witnesses nor causes, so
// that a change made on a newer base keeps its digest unless it means something else
// there. Gates are no part of it.
func (r *Review) Delta() [32]byte {
	all := []string{r.Basis}
	for i := range r.Lines {
		l := &r.Lines[i]
		m := meant{
			l.Section, l.Kind, l.Object, l.Server, l.Application, l.Future, l.Grant, l.Scopes, l.Together,
			l.Before, l.After, nil, l.Opens, l.Data, l.Claims,
		}
		for _, w := range l.Who {
			m.Who = append(m.Who, w.Text)
		}
		slices.Sort(m.Who)
		text, _ := json.Marshal(m) // of plain values, so without an error
		all = append(all, string(text))
	}
	slices.Sort(all)
	text, _ := json.Marshal(all)
	return sha256.Sum256(append([]byte("sallyport review 1\n"), text...))
}
