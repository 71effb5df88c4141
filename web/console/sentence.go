package console

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"sallyport/service/audit"
	"sallyport/web/design"
)

// doings say what an event tells, as the rest of a sentence that begins with who
// did it. Types that are not here are told by their own name.
var doings = map[audit.Type]string{
	audit.EnvironmentCreated: "made the environment",
	audit.RevisionApplied:    "applied a revision",
	audit.RevisionRefused:    "was refused a revision",
	audit.KeyCreated:         "made a key",
	audit.KeyRotated:         "rotated a key",
	audit.KeyDestroyed:       "destroyed a key",
	audit.CertificateIssued:  "issued a certificate",
	audit.SecretCreated:      "made a client secret",
	audit.SecretDeleted:      "ended a client secret",
	audit.VaultStored:        "put a secret into the vault",
	audit.VaultDeleted:       "deleted a secret of the vault",

	audit.HookVetoed:          "was kept from going on by a hook",
	audit.HookReplayed:        "had events go out to hooks again",
	audit.CertificateObtained: "obtained a certificate",
	audit.CertificateFailed:   "could not obtain a certificate",

	audit.BackupCreated:      "made a backup",
	audit.CustomersExporting: "began to export every customer",
	audit.CustomersExported:  "exported every customer",
	audit.BackupVerified:     "restored a backup elsewhere and found it good",
	audit.SubscriptionMade:   "made a subscription",
	audit.SubscriptionMoved:  "changed a subscription",
	audit.SignedIn:           "signed in",
	audit.SignInRefused:      "was refused at sign-in",
	audit.SignInLimited:      "tried to sign in too often",
	audit.SignedOut:          "ended a session",
	audit.CredentialUpgraded: "was given a stronger password hash",
	audit.CustomerChanged:    "changed a customer",
	audit.CustomerSignedOut:  "signed a customer out everywhere",
	audit.FactorEnrolled:     "enrolled a factor",

	audit.ProfileChanged:      "changed somebody's details",
	audit.IdentifierAdded:     "added an identifier",
	audit.IdentifierRemoved:   "removed an identifier",
	audit.IdentifierPreferred: "chose which address comes first",
	audit.CustomerTagged:      "changed a customer's tags",
	audit.CustomerDisclosed:   "wrote down all that is kept about a customer",
	audit.CustomerErased:      "erased a customer",
	audit.AgreementGiven:      "agreed to what was asked",
	audit.AgreementRefused:    "said no to what was asked",
	audit.AgreementWithdrawn:  "took an agreement back",
	audit.AccountOpened:       "opened an account",
	audit.AccountChanged:      "changed an account",
	audit.MemberAdded:         "made somebody a member of an account",
	audit.MemberChanged:       "changed a member's role",
	audit.MemberRemoved:       "ended a membership of an account",
	audit.MemberInvited:       "invited somebody to an account",
	audit.InvitationWithdrawn: "took an invitation back",

	audit.AccountClaimed:  "made an account theirs",
	audit.AccountUnproven: "did not prove that an account is theirs",
	audit.AccountHeld:     "claims an account, which waits for a person",
	audit.AccountGranted:  "granted a claim to an account",
	audit.AccountDenied:   "refused a claim to an account",

	audit.FactorUsed:      "proved a factor",
	audit.FactorRefused:   "did not prove a factor",
	audit.RecoveryUsed:    "used a recovery code",
	audit.ChallengeSent:   "sent a code",
	audit.ChallengeCapped: "came near, or to, the codes that may be sent in a day",
	audit.CardIssued:      "had a card of codes posted",

	audit.CustomerRegistered:    "registered",
	audit.RegistrationFinished:  "finished a registration",
	audit.RegistrationUnchecked: "registered while an earlier system could not be asked",
	audit.RegistrationChecked:   "was looked up at an earlier system",
	audit.IdentifierVerified:    "proved an address",
	audit.PasswordSet:           "chose a first password",
	audit.PasswordRecovered:     "recovered with a new password",
	audit.ProfileGiven:          "said what was missing",
	audit.StepSkipped:           "passed a step over",
	audit.AccessAwaited:         "went on before their access was there",
	audit.FactorRuled:           "was ruled about at the second factor",

	audit.OperatorInvited:   "made a link for an operator",
	audit.OperatorCreated:   "became an operator",
	audit.OperatorRecovered: "chose a new password by a link",
	audit.RoleGranted:       "granted a role",
	audit.RoleRevoked:       "took a role",
	audit.ActivityConfirmed: "said that something was them",
	audit.ActivityDenied:    "said that something was not them",
	audit.CustomerViewed:    "looked at a customer",
	audit.AccountViewed:     "looked at an account",
	audit.CustomersSearched: "searched for customers",
	audit.RecordsViewed:     "looked at migration records",
	audit.Authorized:        "authorized an application",
	audit.AuthRefused:       "was refused an authorization",
	audit.TokenIssued:       "got a token",
	audit.TokenRefused:      "was refused a token",
	audit.TokenRefreshed:    "refreshed a token",
	audit.TokenRevoked:      "revoked a token",
	audit.CodeReused:        "used an authorization code twice",
	audit.RefreshReused:     "used a refresh token twice",
	audit.CallRefused:       "was refused an API call",
	audit.MessageSent:       "sent a message",
	audit.MessageFailed:     "could not send a message",
	audit.MessageRetried:    "had a message sent again",
	audit.MessageTested:     "sent a test message",

	audit.MigrationStarted:  "started an import",
	audit.JobQueued:         "uploaded an export to be imported",
	audit.JobPaused:         "paused an import",
	audit.JobResumed:        "had an import go on",
	audit.JobCancelled:      "cancelled an import",
	audit.JobDone:           "ended an import",
	audit.JobFailed:         "could not go on with an import",
	audit.MigrationBatch:    "imported a batch",
	audit.MigrationFinished: "finished an import",
	audit.MigrationFetched:  "read an earlier system out",
	audit.MigrationAdmitted: "took one person along",
	audit.MigrationUndoing:  "began to undo an import",
	audit.MigrationRemoved:  "removed a batch of imported customers",
	audit.MigrationUndone:   "finished the undo of an import",
	audit.DuplicatesDecided: "decided who is who",
	audit.MigrationErased:   "left of an erased customer's records their digests",
	audit.CredentialWrapped: "put a weak password hash under a strong one",
	audit.AuditRead:         "read the ledger",
	audit.PasswordChanged:   "changed a password",
	audit.PasswordRefused:   "was refused a new password",
	audit.FactorRemoved:     "removed a factor",
	audit.OperatorChanged:   "changed an operator",
	audit.ManagementRefused: "was refused what is not theirs to do",
	audit.AccessTakenBack:   "took an application's access back",
	audit.RequestLimited:    "asked too often",
	audit.ConsentGiven:      "allowed an application to have something",
	audit.ConsentDenied:     "did not allow an application to have something",
	audit.ConsentWithdrawn:  "took back what an application was allowed",

	audit.MigrationReconciled: "compared a migration with its source",
}

// subject is who did something, as people say it.
func subject(actor string) string {
	kind, name, named := strings.Cut(actor, "/")
	switch {
	case actor == "" || !named && actor == string(audit.System):
		return "Sallyport"
	case !named:
		return actor
	case kind == "customer":
		return "Customer " + name
	case kind == "application":
		return "Application " + name
	default:
		return name
	}
}

// doing is what an event tells of its actor.
func doing(e audit.Record) string {
	if text, known := doings[audit.Type(e.Type)]; known {
		return text
	}
	return "caused " + e.Type
}

// sentence tells an event in one sentence, without a full stop.
func sentence(e audit.Record) string { return sentenceTo("", e) }

// sentenceTo is sentence for whoever looks at a customer, and needs not be told
// whom it is about.
func sentenceTo(customer string, e audit.Record) string {
	text := subject(e.Actor) + " " + doing(e)
	if about := strings.TrimPrefix(e.Actor, "application/"); e.Application != "" && about != e.Application {
		text += " for " + e.Application
	}
	if about := strings.TrimPrefix(e.Actor, "customer/"); e.Customer != "" && about != e.Customer && customer != e.Customer {
		text += ": " + e.Customer
	}
	return text
}

// resultOf is how an event ended.
func resultOf(e audit.Record) design.Mark {
	if e.Result == audit.OK {
		return design.Good("ok")
	}
	return design.Bad(e.Result)
}

// beforeAfter reads what an event says was changed: each name under its
// "before" or "after", and what else its detail holds.
func beforeAfter(detail json.RawMessage) (changes []design.Change, rest string) {
	var said map[string]json.RawMessage
	if json.Unmarshal(detail, &said) != nil {
		return nil, indented(detail)
	}
	before, after := object(said["before"]), object(said["after"])
	for _, name := range names(before, after) {
		was, is := before[name], after[name]
		switch {
		case string(was) == string(is):
		case was == nil:
			changes = append(changes, design.Change{Kind: design.Added, Text: name + ": " + string(is)})
		case is == nil:
			changes = append(changes, design.Change{Kind: design.Removed, Text: name + ": " + string(was)})
		default:
			changes = append(changes, design.Change{Kind: design.Changed, Text: name + ": " + string(was) + " → " + string(is)})
		}
	}
	if len(changes) > 0 {
		delete(said, "before")
		delete(said, "after")
	}
	if len(said) == 0 {
		return changes, ""
	}
	text, _ := json.Marshal(said) // it came from JSON
	return changes, indented(text)
}

// object reads the members of a JSON object; of anything else, one member that
// is called as what it is.
func object(raw json.RawMessage) map[string]json.RawMessage {
	var members map[string]json.RawMessage
	if len(raw) > 0 && json.Unmarshal(raw, &members) != nil {
		return map[string]json.RawMessage{"value": raw}
	}
	return members
}

// names are the keys of both, in order.
func names(a, b map[string]json.RawMessage) []string {
	all := slices.Collect(maps.Keys(a))
	for name := range b {
		if _, both := a[name]; !both {
			all = append(all, name)
		}
	}
	slices.Sort(all)
	return all
}
