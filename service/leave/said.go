package leave

import (
	"cmp"
	"slices"

	"sallyport/pure/legacy/sallyport"
	"sallyport/store"
)

// said is what somebody said to documents and purposes, in the order in which it comes.
// Of more than a line holds, what has not ended goes along first, then what is newest:
// nobody may make their own line too long to be read, and the file with it.
func said(all []store.Agreement) (kept []sallyport.Agreement) {
	first := make([]int, len(all))
	for i := range first {
		first[i] = i
	}
	slices.SortFunc(first, func(a, b int) int { return cmp.Or(ended(&all[a])-ended(&all[b]), all[b].Given.Compare(all[a].Given)) })
	evidence := 0
	first = first[:min(len(first), sallyport.MaxAgreements)]
	for n, i := range first {
		if evidence += len(all[i].Evidence); evidence > sallyport.MaxAllEvidence {
			first = first[:n]
			break
		}
	}
	slices.SortFunc(first, cmp.Compare[int])
	for _, i := range first {
		kept = append(kept, agreementOf(&all[i]))
	}
	return kept
}

func ended(a *store.Agreement) int {
	if a.Withdrawn.IsZero() {
		return 0
	}
	return 1
}

func agreementOf(a *store.Agreement) sallyport.Agreement {
	return sallyport.Agreement{
		Kind: string(a.Kind), Document: a.Document, Version: a.Version, Refused: a.Refused,
		Given: a.Given, Withdrawn: a.Withdrawn, Replaced: a.Replaced, Evidence: a.Evidence,
	}
}
