package config

import "slices"

// Code names a kind of problem. Codes are stable: scripts and documentation may
// refer to them, and a code is never given a second meaning.
type Code string

// Codes of files and their form.
const (
	TooLarge        Code = "SP-1001"
	PathUnusable    Code = "SP-1002"
	Unreadable      Code = "SP-1003"
	IndirectYAML    Code = "SP-1004"
	NoObject        Code = "SP-1005"
	KindUnknown     Code = "SP-1006"
	KeyUnknown      Code = "SP-1007"
	KeyRepeated     Code = "SP-1008"
	WrongType       Code = "SP-1009"
	NoValue         Code = "SP-1010"
	SecretInTree    Code = "SP-1011"
	DurationInvalid Code = "SP-1012"
	TooManyProblems Code = "SP-1013"
)

// Codes of names and references.
const (
	NameTaken         Code = "SP-1101"
	NameInvalid       Code = "SP-1102"
	TenantCount       Code = "SP-1103"
	EnvironmentAbsent Code = "SP-1104"
	ReferenceMissing  Code = "SP-1105"
	FileMissing       Code = "SP-1106"
	FieldRequired     Code = "SP-1107"
	ValueUnknown      Code = "SP-1108"
	OutOfBounds       Code = "SP-1109"
	ItemRepeated      Code = "SP-1110"
	StarNotAlone      Code = "SP-1111"
	NameReserved      Code = "SP-1112"
)

// variableCodes begin the codes of variables.
const variableCodes = "SP-12"

// Codes of variables.
const (
	VariableUnknown   Code = "SP-1201"
	VariableCycle     Code = "SP-1202"
	VariableMalformed Code = "SP-1203"
	VariableTooLong   Code = "SP-1204"
	VariableReserved  Code = "SP-1205"
)

// Codes of addresses.
const (
	EnvironmentURLInvalid Code = "SP-1301"
	EnvironmentURLTaken   Code = "SP-1302"
	RedirectInvalid       Code = "SP-1303"
	OriginInvalid         Code = "SP-1304"
	BackendInvalid        Code = "SP-1305"
	LinkInvalid           Code = "SP-1306"
)

// Codes of access.
const (
	ScopeNameInvalid  Code = "SP-1401"
	ScopeKindDisputed Code = "SP-1402"
	PKCEOptional      Code = "SP-1403"
	GrantUnfit        Code = "SP-1404"
	AuthenticationBad Code = "SP-1405"
	AnyOfEmpty        Code = "SP-1406"
	ClaimInvalid      Code = "SP-1407"
	NetworkInvalid    Code = "SP-1408"
	TimeInvalid       Code = "SP-1409"
	ScopeOIDC         Code = "SP-1410"
	AccessInvalid     Code = "SP-1411"
	AccessDoubtful    Code = "SP-1412"
	AlgorithmUnfit    Code = "SP-1413"
	ClientKeyUnfit    Code = "SP-1414"
	ConditionInvalid  Code = "SP-1415"
	ParentUnfit       Code = "SP-1416"
)

// Codes of APIs and products.
const (
	OpenAPIInvalid  Code = "SP-1501"
	OpenAPIDoubtful Code = "SP-1502"
	OperationAbsent Code = "SP-1503"
	APIPathInvalid  Code = "SP-1504"
	APIPathTaken    Code = "SP-1505"
	ScopeUndeclared Code = "SP-1506"
	ScopeAmbiguous  Code = "SP-1507"
)

// Codes of brands and journeys.
const (
	ColourInvalid   Code = "SP-1601"
	ContrastTooLow  Code = "SP-1602"
	LogoRefused     Code = "SP-1603"
	DefaultRepeated Code = "SP-1604"
	StepsInvalid    Code = "SP-1605"
	HostInvalid     Code = "SP-1606"
	HostTaken       Code = "SP-1607"
)

// Codes of migrations.
const (
	MigrationInvalid  Code = "SP-1701"
	ConnectionInvalid Code = "SP-1702"
	RecordsInvalid    Code = "SP-1703"
)

// Codes of expectations.
const (
	ExpectationInvalid Code = "SP-1801"
	ExpectationUnmet   Code = "SP-1802"
	SheetInvalid       Code = "SP-1803"
)

// Codes of hooks.
const (
	HookInvalid Code = "SP-1901"
)

// Codes of messages to customers.
const (
	SenderInvalid  Code = "SP-1981"
	MessageInvalid Code = "SP-1982"
)

// Codes of what customers agree to.
const (
	AgreementInvalid Code = "SP-1985"
)

// Codes of passwords.
const (
	PasswordsInvalid Code = "SP-1991"
)

// Codes of tags, maturities and bounds.
const (
	TagInvalid        Code = "SP-1951"
	TagUnworn         Code = "SP-1952"
	MaturityInvalid   Code = "SP-1953"
	GovernanceInvalid Code = "SP-1954"
)

// Codes of governance, from SP-1961 to SP-1979: package govern tells them, of
// trees that compile.
const (
	NotAccepted        Code = "SP-1961"
	StillUsed          Code = "SP-1962"
	NameOfEnvironment  Code = "SP-1963"
	NearDuplicate      Code = "SP-1964"
	AttributeUnowned   Code = "SP-1965"
	AttributeMisplaced Code = "SP-1966"
	BudgetExceeded     Code = "SP-1967"
	BudgetNear         Code = "SP-1968"
	TokenTooLarge      Code = "SP-1969"
	TokenLarge         Code = "SP-1970"
	Unreviewable       Code = "SP-1971"
	RuleDead           Code = "SP-1972"
	GrantFellThrough   Code = "SP-1973"
	ScopeUnused        Code = "SP-1974"
	WriteUnderRead     Code = "SP-1975"
)

// Explanation says what a code means and what to do.
type Explanation struct {
	Code    Code
	Meaning string
	Fix     string
}

// Codes lists every code that a problem of this package can have, sorted, for
// `sallyport explain` and the reference.
func Codes() []Explanation { return slices.Clone(explanations) }

var explanations = []Explanation{
	{TooLarge, "The tree, a file or its nesting is larger than a tree may be.", "Split the file, or remove what is not configuration. The limits are 4 MiB a file, 2,000 files, 32 MiB and 20,000 objects in all, and 5,000 entries of one list."},
	{PathUnusable, "A file has a name that not every system can write back.", "Use relative paths of printable characters, with slashes, without . and .. parts, up to 255 bytes."},
	{Unreadable, "A file is not well-formed YAML in UTF-8, so nothing after this place was read.", "Correct the place shown. Often a quote or a bracket is not closed, or an indentation differs by one space."},
	{IndirectYAML, "Anchors, aliases, merge keys and explicit tags are not used in a tree.", "Write the value out where it is used, or make it a variable of the environment."},
	{NoObject, "A document is not an object: it is a list or a text, or has no kind or no name.", "Begin each document with kind: and name:, and part documents with a line of three dashes."},
	{KindUnknown, "The kind of an object is none that exists.", "Use tenant, authorization-server, application, api, product, brand, journey, migration, expectations, hook, sender or message."},
	{KeyUnknown, "An object has a key that its kind does not have.", "Correct the spelling, or move the key to the object that has it."},
	{KeyRepeated, "A key stands twice in one place; YAML readers disagree on which one counts.", "Remove one of them."},
	{WrongType, "A value has another type than its key takes.", "Write the type asked for; put text that looks like a number or like true into quotes."},
	{NoValue, "A key has no value. Whether that means nothing or everything would be a guess.", "Remove the key, or write [] or {} for an empty list or table."},
	{SecretInTree, "A key looks like a secret. A tree is shown, copied and kept for ever, so it holds none.", "Remove the line, and replace the secret wherever it was used. Application secrets are made by sallyport apps rotate."},
	{DurationInvalid, "A length of time cannot be read.", "Write a whole number and a unit: 90s, 10m, 12h, 30d or 1y."},
	{TooManyProblems, "Only the first problems are shown.", "Mend those, and look again."},

	{NameTaken, "Two objects of one kind have one name, or two entries of one list.", "Rename or remove one of them."},
	{NameInvalid, "A name is outside the grammar.", "Begin with a lower-case letter and go on with lower-case letters, digits and single dashes, up to 63."},
	{TenantCount, "A tree belongs to exactly one tenant.", "Keep one document of kind: tenant."},
	{EnvironmentAbsent, "The tenant has no environment, or not the one asked for.", "Add it to environments of the tenant."},
	{ReferenceMissing, "A name refers to something that is not in the tree.", "Correct the spelling, or add what is named."},
	{FileMissing, "A path leads to no file of the tree.", "Add the file; paths are relative to the YAML file that names them."},
	{FieldRequired, "A key that cannot be left out is missing.", "Add it."},
	{ValueUnknown, "A value is none of those that its key takes.", "Use one of the values listed."},
	{OutOfBounds, "A value is too small, too large or too long.", "Stay within the bounds shown."},
	{ItemRepeated, "A list names the same thing twice.", "Remove one of them."},
	{StarNotAlone, "\"*\" means all, so nothing may stand beside it.", "Keep either \"*\" or the names."},
	{NameReserved, "An authorization server has the name of a page: both would answer at one address.", "Choose another name."},

	{VariableUnknown, "A variable is not defined in the environment.", "Define it under variables of every environment, or write $${ for a literal ${."},
	{VariableCycle, "Variables refer to each other in a circle.", "Give one of them a value of its own."},
	{VariableMalformed, "A variable is not written ${name}.", "Close the brace and use letters, digits, dots and dashes; write $${ for a literal ${."},
	{VariableTooLong, "Filled-in variables make a text, or the tree, too long.", "Shorten the variables; a text may have 8 KiB."},
	{VariableReserved, "A variable has the name of a built-in one.", "Rename it."},

	{EnvironmentURLInvalid, "The base address of an environment cannot be used for issuers and pages.", "Use https (http only on this machine), without query, fragment, user name or slash at the end."},
	{EnvironmentURLTaken, "Two environments would answer at one address, so their issuers could not be told apart.", "Give each environment a host or a path of its own."},
	{RedirectInvalid, "A redirect address is not safe to send a code to.", "Use an exact https address, http only on loopback, or for native applications a private scheme with a dot in it."},
	{OriginInvalid, "An origin is not scheme, host and port alone.", "Write https://host without path; http only on loopback."},
	{BackendInvalid, "The address of a back end cannot be used.", "Use https without query, fragment or user name; http only to loopback."},
	{LinkInvalid, "A link for people cannot be followed safely.", "Use an https address, or http on loopback; help may also be a mailto: or tel: link."},

	{ScopeNameInvalid, "A scope is not named app.verb.target.", "Write three parts of lower-case letters, digits and dashes, the second being read or write."},
	{ScopeKindDisputed, "The verb in a scope's name and its kind disagree.", "Rename the scope, or correct the kind."},
	{PKCEOptional, "An application without a secret must use PKCE; else a stolen code is enough.", "Remove pkce: optional."},
	{GrantUnfit, "A grant type, redirect or setting does not fit the type of the application.", "Machines use client_credentials; web, browser and native applications use authorization_code with redirects."},
	{AuthenticationBad, "An application's authentication does not fit its type.", "Web and machine applications authenticate; browser and native ones cannot keep a secret and use none."},
	{AnyOfEmpty, "An empty any-of list is met by nobody, and is usually meant as everybody.", "Name a group, or remove the key for everybody."},
	{ClaimInvalid, "A claim has no single source, a source that cannot be computed, or the name of a claim that the server itself sets.", "Set exactly one of attribute, groups, value, expression and hook; mend the expression as shown; or choose another name."},
	{NetworkInvalid, "A network is not in CIDR form.", "Write the address and the length of its prefix, such as 192.0.2.0/24 or 2001:db8::/32."},
	{TimeInvalid, "A window of time cannot be read.", "Write days as mon to sun, hours as 08:00, and a zone such as Europe/Berlin."},
	{ScopeOIDC, "OpenID Connect's own scopes stand outside ceilings and rules and open no API.", "Leave openid, profile, email, phone, address and offline_access out; every application with a signed-in customer may ask for them."},
	{AccessInvalid, "The access rules contradict themselves.", "Follow the fix shown; docs/design explains how rules are read."},
	{AccessDoubtful, "The access rules work, but can hardly be meant.", "Look at the rule shown."},
	{AlgorithmUnfit, "An application wants ID tokens signed in a way that its authorization server has no key for.", "Use the server's algorithm or RS256, or leave it out."},
	{ClientKeyUnfit, "A key in jwks cannot verify what its application signs.", "Give the public half of a P-256, Ed25519 or RSA key of at least 2048 bits, with a kid of its own and without use: enc."},
	{ConditionInvalid, "A rule asks something of an attribute, of a sign-in or of a rate that cannot be compared or decided.", "Compare with values of the attribute's type; only numbers and dates are more or less than others; only rules that allow have an age of the sign-in and a rate."},
	{ParentUnfit, "The parent of a scope would let a list mean more than it says, or scopes are each other's parents.", "Let both be a customer's or both the system's, writing never below reading, and remove circles."},

	{OpenAPIInvalid, "An OpenAPI document cannot be enforced.", "Correct the document at the place shown."},
	{OpenAPIDoubtful, "An OpenAPI document works, but not all of it is enforced.", "Look at the place shown."},
	{OperationAbsent, "An API opens an operation that its document does not have.", "Use an operationId of the document."},
	{APIPathInvalid, "The path of an API cannot be matched.", "Begin with a slash, end without one, and write canonical segments: / or /billing/v1."},
	{APIPathTaken, "Two APIs answer at one path.", "Give each API a path of its own."},
	{ScopeUndeclared, "An operation needs a scope that none of the API's authorization servers has, so nobody can call it.", "Declare the scope on the server, or correct the document."},
	{ScopeAmbiguous, "An API takes the tokens of two authorization servers that both have a scope, so the scope would not say who granted it.", "Rename one of the scopes, or take the tokens of one server."},

	{ColourInvalid, "A colour is not six hexadecimal digits.", "Write it as \"#0b5fa5\", in quotes, since # begins a comment."},
	{ContrastTooLow, "A brand's colour cannot be read on its background.", "Choose one of at least 4.5:1: darker on white, lighter for accent_dark."},
	{LogoRefused, "A logo is not a small, still, self-contained SVG.", "Export a plain SVG up to 32 KiB without scripts, styles sheets, images, animations or links."},
	{DefaultRepeated, "Two brands are the default, or none is and several exist.", "Mark exactly one brand default: true."},
	{StepsInvalid, "The steps of a journey do not lead to the end.", "Ask for the identifier first, then for the password, then for a code if you like, each once."},
	{HostInvalid, "A host of a brand is no name at which its pages can be shown.", "Write a host name in small letters, without scheme, port and path; where the environment has no TLS, one below localhost."},
	{HostTaken, "A host of a brand is in use already.", "Give each brand hosts of its own."},

	{MigrationInvalid, "A migration cannot be carried out as written.", "Follow the fix shown."},
	{ConnectionInvalid, "The connection to a running earlier system cannot be used as written.", "Follow the fix shown: each kind has keys of its own, addresses are https, and secrets are named, never written."},
	{RecordsInvalid, "A table of accounts cannot be read.", "Write a CSV file with a line of names first, and an account number in each row, of no other row."},

	{ExpectationInvalid, "A statement about what must or must not be obtainable says too little or too much.", "Follow the fix shown; the reference lists what each kind of statement takes."},
	{ExpectationUnmet, "A statement names an application, a scope or an operation that the tree does not have. It is not taken for safe: it fails.", "Correct the spelling, or take the statement out together with what it was about."},
	{SheetInvalid, "A spreadsheet of expectations cannot be read.", "The first row names scopes after its first cell; each other row begins with an application and has yes, no or nothing in each cell."},

	{HookInvalid, "A hook cannot be asked as written.", "Give it an https address of its own, which is no audience and has no query; name at most 3 hooks of a server, and put what they fill into access or id."},

	{TagInvalid, "A tag cannot be written as it is.", "Keys are lower-case letters, digits, dashes and underscores; values up to 100 printable characters without a comma or spaces at the edges; up to 20 tags on one object."},
	{TagUnworn, "A policy or product names a tag that no application wears, so it is for nobody.", "Put the tag on an application that it is meant for, or correct it."},
	{MaturityInvalid, "A maturity or the day on which something goes cannot be read.", "Write maturity: preview, stable or deprecated; until: 2027-03-31 stands beside deprecated only."},
	{GovernanceInvalid, "The bounds of governance contradict themselves.", "Let target ≤ warn ≤ review ≤ refuse, each between 512 and 16384 bytes, and scopes be between 1 and 4096."},

	{NotAccepted, "Something is not mature enough for the environment, or too old for it.", "Wait until it is stable, or name its maturity in accepts of the environment."},
	{StillUsed, "Something deprecated is still in use.", "Move who uses it to what replaces it before the day on which it goes."},
	{NameOfEnvironment, "A name has an environment's in it, so that it would mean something else after a promotion.", "Take it out: the environment is a field of its own, and one tree serves all of them."},
	{NearDuplicate, "Two names differ so little that one will be taken for the other.", "Keep one of them, or tell them apart."},
	{AttributeUnowned, "An attribute of customers lacks its owner, purpose, classification or retention.", "Say who answers for it, why it is kept, how delicate it is and for how long it stays."},
	{AttributeMisplaced, "An attribute looks like an application's own data.", "Keep it in the application, by the subject id (sub), which never changes."},
	{BudgetExceeded, "A server has more scopes than it may.", "Merge or remove some; sallyport scope list --unused names those that nobody misses. Or raise scope_budget, so that everybody sees it."},
	{BudgetNear, "A server nears the most scopes that it may have.", "Look through sallyport scope list --unused before it is full."},
	{TokenTooLarge, "A token can grow past what gateways and browsers carry.", "Assign fewer scopes, bound or drop claims, or give the application an authorization server of its own."},
	{TokenLarge, "A token can grow large.", "Look at sallyport access size, and at what can go."},
	{Unreviewable, "The rules tell too much apart to be proven.", "Split the policies, or tell fewer groups apart."},
	{RuleDead, "A rule or policy decides nothing.", "Remove it, or move it up."},
	{GrantFellThrough, "A scope is granted only because a later policy decides where the first does not.", "Say it in the first policy that names the application, or turn fall_through off."},
	{ScopeUnused, "Nobody can use a scope.", "Assign it, allow it in a rule and ask for it in an operation; or remove it."},
	{WriteUnderRead, "An operation that changes something needs no more than a scope that reads.", "Ask for a scope that writes, or describe the operation as the reading that it is."},

	{SenderInvalid, "A sender of messages cannot be used as written.", "Give it smtp://, smtps:// or https:// without a password in it, an address from which mail comes, the name of a secret, and a channel and brands that no other sender has."},
	{MessageInvalid, "What a message says cannot be used as written.", "Say {code} or {link} where the message hands one out, use the placeholders shown and no others, and keep to one text of a kind, language and brand."},
	{AgreementInvalid, "A document or purpose that customers are asked about cannot be used as written.", "Follow the fix shown: versions are named, the oldest first, each with a day and with texts of one language each; attributes of accounts are the business's own."},
	{PasswordsInvalid, "What is asked of new passwords cannot be used as written.", "Choose lengths between 8 and 64, at most as many beside a second factor as without one, and up to 100 words of 3 to 40 characters."},
}
