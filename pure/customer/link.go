package customer

// Link is who a customer is at another provider, such as a social network.
// Signing in by one is not there yet: it is kept so that nobody has to be asked
// for it again.
type Link struct {
	Provider   string // as its source calls it, e.g. "google-oauth2"
	Connection string // which of the provider's connections; may be empty
	Subject    string // the provider's own id of the person
}
