package harness

// The ids and names that pages promise to keep. Other people's test tools rely on
// them too.
const (
	FieldUsername = "username"
	FieldPassword = "password"
	FieldCode     = "code"          // of an authenticator app
	FieldRecovery = "recovery-code" // a recovery code
	FieldNew      = "new-password"  // on the page of a set-up link
	ButtonSubmit  = "login-submit"
	ButtonConsent = "consent-allow"
	Problem       = "#error"           // as a selector: what is wrong with what was given
	Reference     = "#error-reference" // as a selector: what to tell the support desk
)

// What the demo's own pages call things, as selectors.
const (
	AppSignIn      = "#sign-in"         // the link of My Account to sign in
	AppSignInAgain = "#sign-in-again"   // the same, for who has signed in
	AppCustomer    = "#customer-name"   // whom My Account greets
	AppBill        = "#bill"            // the bill, shown to who has signed in
	AppPay         = "#pay"             // the button beside an unpaid bill
	StartMyAccount = "#open-my-account" // the start page's link to My Account
	StartCall      = "#call-"           // its button for a partner's call, before the call's name
	Outcome        = "#outcome"         // what the gateway answered to a call or a payment
)

// What the gateway calls things.
const (
	HeaderKey = "Subscription-Key"
	// MemberCheck is the member of a refusal (application/problem+json) that names the
	// check that failed, and the values are three of its names.
	MemberCheck  = "check"
	CheckScope   = "scope"
	CheckBinding = "binding"
	CheckToken   = "token"

	PathPayments = "/billing/payments"
	PathBill     = "/billing/bills/current"
)

// What the story calls its tenant, authorization servers, applications and scopes.
const (
	ServerApps       = "apps"       // for what customers use
	ServerEnterprise = "enterprise" // for machines
	MyAccount        = "my-account"
	PayRight         = "payright"
	SunShare         = "sunshare"
	Start            = "start" // the demo's first page, among Ready.Apps
	Dana             = "dana"
	DanasAccount     = "HL-1000-000"

	ScopeReadBill      = "billing.read.bill"
	ScopeWritePayment  = "billing.write.payment"
	ScopeWritePosting  = "payments.write.posting"
	ScopeReadIntervals = "usage.read.interval"
)
