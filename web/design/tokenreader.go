package design

// TokenReader reads a token that somebody pastes, in their browser alone: it has no
// form, and nothing is sent. Without script it says which command does the same.
type TokenReader struct {
	Verify  string   // the command that verifies a token
	Ask     string   // address of the debugger, below which applications have their pages; empty: none
	Servers []Hidden // names of authorization servers, and their issuers
}
