package issue

import "sallyport/pure/claim"

// Reserved tells whether every token says a claim of that name, or may: the server
// sets it and configuration cannot. The claim overage is not among them: it names
// configured claims.
func Reserved(name string) bool { return claim.Reserved(name) && name != claim.Overage }
