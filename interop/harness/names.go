package harness

// The ids and names that pages promise to keep. Other people's test tools rely on
// them too.
const (
	FieldUsername = "username"
	FieldPassword = "password"
	ButtonSubmit  = "login-submit"
	ButtonConsent = "consent-allow"
)

// What the utility's own pages call things.
const (
	AppSignIn = "#sign-in" // the link of My Account to sign in
	AppBill   = "#bill"    // the bill, shown to who has signed in
)

// What the gateway calls things.
const (
	HeaderKey = "Subscription-Key"
	// MemberCheck is the member of a refusal (application/problem+json) that names the
	// check that failed, and the values are two of its names.
	MemberCheck  = "check"
	CheckScope   = "scope"
	CheckBinding = "binding"
	PathPayments = "/billing/payments"
)

// What the story calls its authorization servers, applications and scopes.
const (
	IssuerCustomers = "customers"
	MyAccount       = "my-account"
	PayRight        = "payright"
	SunShare        = "sunshare"
	Dana            = "dana"

	ScopeWritePayment = "billing.write.payment"
)
