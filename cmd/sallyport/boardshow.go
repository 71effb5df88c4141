package main

import (
	"fmt"
	"strings"

	"sallyport/pure/board"
)

// fateWords begin what is told of a scope.
var fateWords = map[board.Fate]string{
	board.New: "NEW SCOPE", board.Renamed: "RENAMED SCOPE", board.Changed: "CHANGED SCOPE", board.Removed: "REMOVED SCOPE",
}

// printBoard writes what those who answer for scopes must see of a change; nothing if
// it concerns none.
func (s *session) printBoard(b *board.Board) {
	if b == nil {
		return
	}
	for i := range b.Scopes {
		scope := &b.Scopes[i]
		fmt.Fprintf(s.out, "%s %s of %s\n", s.look.paint(bold, fateWords[scope.Fate]), plain(string(scope.Name)), plain(scope.Server))
		for _, fact := range scope.Told() {
			s.printFact(fact)
		}
	}
	for i := range b.Servers {
		server := &b.Servers[i]
		s.printFact(board.Fact{What: server.Name, Lines: []string{server.Told()}, Doubt: server.After > server.Budget})
		for j := range server.Sizes {
			size := &server.Sizes[j]
			s.printFact(board.Fact{What: "token", Lines: []string{"of " + size.Application + ": " + size.Told()}, Doubt: size.Limit != "within"})
		}
	}
}

// printFact writes one heading with its lines.
func (s *session) printFact(f board.Fact) {
	label := fmt.Sprintf("%-12s", f.What)
	if f.Doubt {
		label = s.look.paint(yellow, label)
	}
	fmt.Fprintf(s.out, "  %s %s\n", label, plain(f.Lines[0]))
	for _, line := range f.Lines[1:] {
		fmt.Fprintf(s.out, "  %s %s\n", strings.Repeat(" ", 12), plain(line))
	}
}
