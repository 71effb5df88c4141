package main

import (
	"fmt"

	"sallyport/web/admin"
)

// printHoldings tells of accounts, of a file that has them.
func (s *session) printHoldings(h *admin.HoldingsReport) {
	if h == nil {
		return
	}
	fmt.Fprintf(s.out, "  %s with %s and %s; %s\n", count(h.Accounts, "account"), count(h.Premises, "premises", "premises"), count(h.Members, "member"), count(h.Claims, "claim"))
	if h.Here > 0 {
		fmt.Fprintf(s.out, "  %s here already, and stay as they are\n", count(h.Here, "account or claim is", "accounts and claims are"))
	}
	if h.Absent > 0 {
		fmt.Fprintf(s.out, "  %s nobody here yet: run again with --retry once their records are decided\n", count(h.Absent, "member or claim is of", "members and claims are of"))
	}
	for _, fault := range h.Faults {
		fmt.Fprintf(s.out, "  damaged  %s\n", plain(fault))
	}
	if h.Damaged > 0 {
		fmt.Fprintf(s.out, "  %s; the file was changed since: export it again\n", count(h.Damaged, "account or claim did not come", "accounts and claims did not come"))
	}
}
