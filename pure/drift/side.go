package drift

import "maps"

// Side says on which side a field changed since its values were brought.
type Side string

// The sides.
const (
	Equal   Side = "equal"
	There   Side = "source"  // changed at the source since; here as it was brought
	Here    Side = "here"    // changed here since; at the source as it was brought
	Both    Side = "both"    // changed there and here, and not to the same
	Missing Side = "missing" // at the source as it was brought, and not here
	Unknown Side = "unknown" // differs, and nobody noted what was brought
)

// Values are digests of what a field holds; most hold one.
type Values map[uint64]bool

// Sets are one field at three places.
type Sets struct {
	Brought Values // as it was when it was taken along
	There   Values // at the source now
	Here    Values
	Known   bool // Brought was noted
	// Loose says that others of the kind may be here besides, such as passkeys that
	// people made themselves: what was never the source's is not compared.
	Loose bool
}

// Side tells which side changed.
func (s Sets) Side() Side {
	here := s.Here
	if s.Loose {
		here = Values{}
		for v := range s.Here {
			if s.Brought[v] || s.There[v] {
				here[v] = true
			}
		}
	}
	there, own := !maps.Equal(s.Brought, s.There), !maps.Equal(s.Brought, here)
	switch {
	case maps.Equal(s.There, here):
		return Equal
	case !s.Known && len(here) > 0:
		return Unknown
	case !s.Known:
		return Missing
	case there && own:
		return Both
	case there:
		return There
	case own && len(here) == 0:
		return Missing
	}
	return Here
}
