package issue

// Reserved tells whether every token says a claim of that name, or may: the server
// sets it and configuration cannot.
func Reserved(name string) bool { return reserved(name) }
