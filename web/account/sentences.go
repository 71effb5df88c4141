package account

import (
	"encoding/json"

	"sallyport/service/audit"
	"sallyport/web/design"
)

// told is what an event has to say, beside its type.
type told struct {
	*audit.Record
	say         speaker
	application string // title; empty if none is named
	detail      struct {
		Again   bool   `json:"again"`
		Kind    string `json:"kind"`
		Left    int    `json:"left"`
		Reason  string `json:"reason"`
		After   string `json:"after"`
		Proof   string `json:"proof"`
		Channel string `json:"channel"`
	}
	personal struct {
		Address string `json:"address"`
		Agent   string `json:"agent"`
	}
}

// sentences are the events that customers see, each in their words. What is in
// neither of the two lists fails a test: whoever makes a type of event decides.
var sentences = map[audit.Type]func(*told) (what string, mark design.Mark){
	audit.SignedIn: func(e *told) (string, design.Mark) {
		if e.detail.Again {
			return "Signed in again in the same browser", design.Mark{}
		}
		return "Signed in", design.Mark{}
	},
	audit.SignInRefused: func(e *told) (string, design.Mark) {
		switch e.Result {
		case "wrong-password":
			return "A wrong password was entered", refused
		case "no-password":
			return "A password was entered, though you have none", refused
		case "disabled":
			return "A sign-in was refused, because your account was switched off", refused
		}
		return "A sign-in could not be checked", refused
	},
	audit.SignInLimited: func(*told) (string, design.Mark) {
		return "There were too many attempts to sign in, so we paused it", paused
	},
	audit.AccountClaimed: func(*told) (string, design.Mark) { return "An account became yours", changed },
	audit.AccountUnproven: func(*told) (string, design.Mark) {
		return "What was said about an account did not prove that it is yours", refused
	},
	audit.AccountHeld:    func(*told) (string, design.Mark) { return "We look at a claim of yours to an account", paused },
	audit.AccountGranted: func(*told) (string, design.Mark) { return "We made an account yours", changed },
	audit.AccountDenied:  func(*told) (string, design.Mark) { return "We could not make an account yours", refused },
	audit.SignedOut: func(e *told) (string, design.Mark) {
		switch {
		case e.detail.Reason == "another customer signed in":
			return "Signed out, because somebody else signed in in the same browser", design.Mark{}
		case e.detail.Reason != "":
			return "A session was ended from another browser", design.Mark{}
		}
		return "Signed out", design.Mark{}
	},
	audit.MigrationAdmitted: func(*told) (string, design.Mark) {
		return "Your account came over from the earlier system", changed
	},
	audit.PasswordChanged: func(*told) (string, design.Mark) { return "The password was changed", changed },
	audit.PasswordRefused: func(e *told) (string, design.Mark) {
		if e.Result == "wrong-password" {
			return "A wrong password was entered to change it", refused
		}
		return "A password could not be checked to change it", refused
	},
	audit.FactorEnrolled: func(e *told) (string, design.Mark) {
		switch e.detail.Kind {
		case "recovery":
			return "New recovery codes were made", changed
		case "card":
			return "A card of codes was used for the first time", changed
		case "passkey":
			return "A passkey was made", changed
		case "phone":
			return "A phone was set up for codes", changed
		}
		return "An authenticator app was set up", changed
	},
	audit.FactorRefused: func(e *told) (string, design.Mark) {
		switch {
		case e.detail.Proof == "passkey" && e.Result == "counter-behind":
			return "A passkey was refused, because it may have been copied", paused
		case e.detail.Proof == "passkey":
			return "A passkey was refused", refused
		}
		return "A wrong code was entered", refused
	},
	audit.FactorRemoved: func(e *told) (string, design.Mark) {
		switch e.detail.Kind {
		case "recovery":
			return "The recovery codes were removed", changed
		case "card":
			return "The card of codes was ended", changed
		case "passkey":
			return "A passkey was removed", changed
		}
		return "The authenticator app was removed", changed
	},
	audit.RecoveryUsed: func(e *told) (string, design.Mark) {
		return e.say("A recovery code was used; %d are left", e.detail.Left), changed
	},
	audit.CardIssued: func(*told) (string, design.Mark) { return "A card of codes was sent to you by post", changed },
	audit.ChallengeSent: func(e *told) (string, design.Mark) {
		switch e.detail.Channel {
		case "sms":
			return "We sent you a code by text message", design.Mark{}
		case "voice":
			return "We called you to tell you a code", design.Mark{}
		}
		return "We sent you a code by e-mail", design.Mark{}
	},
	audit.CustomerRegistered: func(*told) (string, design.Mark) { return "You registered", changed },
	audit.IdentifierVerified: func(*told) (string, design.Mark) { return "You proved that an address is yours", changed },
	audit.PasswordSet:        func(*told) (string, design.Mark) { return "You chose a password", changed },
	audit.PasswordRecovered: func(*told) (string, design.Mark) {
		return "You set a new password, as you could not sign in", changed
	},
	audit.ProfileGiven: func(*told) (string, design.Mark) { return "You told us something about you", changed },
	audit.CustomerChanged: func(e *told) (string, design.Mark) {
		if e.detail.After == "disabled" {
			return "We switched your account off", changed
		}
		return "We switched your account on", changed
	},
	audit.CustomerSignedOut: func(e *told) (string, design.Mark) {
		if e.Actor == string(audit.Customer(e.Customer)) {
			return "You signed out everywhere", changed
		}
		return "We signed you out everywhere", changed
	},
	audit.ActivityConfirmed:   func(*told) (string, design.Mark) { return "You told us that something was you", design.Mark{} },
	audit.ActivityDenied:      func(*told) (string, design.Mark) { return "You told us that something was not you", paused },
	audit.ProfileChanged:      func(*told) (string, design.Mark) { return "Your details were changed", changed },
	audit.IdentifierAdded:     func(*told) (string, design.Mark) { return "An address or a name to sign in with was added", changed },
	audit.IdentifierRemoved:   func(*told) (string, design.Mark) { return "An address or a name to sign in with was removed", changed },
	audit.AgreementGiven:      func(*told) (string, design.Mark) { return "You agreed to something that we asked", changed },
	audit.AgreementRefused:    func(*told) (string, design.Mark) { return "You said no to something that we asked", design.Mark{} },
	audit.IdentifierPreferred: func(*told) (string, design.Mark) { return "Another address of yours comes first", changed },
	audit.AgreementWithdrawn:  func(*told) (string, design.Mark) { return "You took back what you had agreed to", changed },
	audit.CustomerDisclosed:   func(*told) (string, design.Mark) { return "A copy of all that we keep about you was made", changed },
	audit.MemberAdded:         func(*told) (string, design.Mark) { return "An account was linked to you", changed },
	audit.MemberChanged:       func(*told) (string, design.Mark) { return "What you are to an account was changed", changed },
	audit.MemberRemoved:       func(*told) (string, design.Mark) { return "An account is no longer linked to you", changed },
	audit.MemberInvited:       func(*told) (string, design.Mark) { return "You invited somebody to share an account", changed },
	audit.InvitationWithdrawn: func(*told) (string, design.Mark) { return "You took an invitation back", design.Mark{} },

	audit.ConsentGiven:     func(e *told) (string, design.Mark) { return e.named("You gave %s access"), changed },
	audit.ConsentDenied:    func(e *told) (string, design.Mark) { return e.named("You refused %s access"), design.Mark{} },
	audit.ConsentWithdrawn: func(e *told) (string, design.Mark) { return e.named("The access of %s was withdrawn"), changed },
	audit.AccessTakenBack:  func(e *told) (string, design.Mark) { return e.named("The access of %s was withdrawn"), changed },
	audit.CodeReused:       func(e *told) (string, design.Mark) { return e.named(stolen), paused },
	audit.RefreshReused:    func(e *told) (string, design.Mark) { return e.named(stolen), paused },
}

const stolen = "A key that %s had used before was used again, so we ended its access"

var (
	refused = design.Bad("Refused")
	paused  = design.Warning("Look at this")
	changed = design.Waiting("Changed")
)

// untold are the events of customers that they do not see: steps of what they do
// see, what applications do all day, and the work of operators and of imports.
var untold = map[audit.Type]string{
	audit.RegistrationFinished:  "the session that begins with it is told",
	audit.RegistrationUnchecked: "nothing changed for them",
	audit.RegistrationChecked:   "nothing changed for them",
	audit.StepSkipped:           "they know that they passed it over, and are asked again",
	audit.FactorUsed:            "a step of signing in",
	audit.CredentialUpgraded:    "nothing changed for them",
	audit.CredentialWrapped:     "nothing changed for them",
	audit.Authorized:            "an application got in by a session that they see",
	audit.AuthRefused:           "an application asked for too much",
	audit.TokenIssued:           "what applications do all day",
	audit.TokenRefused:          "what applications do all day",
	audit.TokenRefreshed:        "what applications do all day",
	audit.TokenRevoked:          "what applications do all day",
	audit.RequestLimited:        "what applications do all day",
	audit.CallRefused:           "what applications do all day",
	audit.CustomerViewed:        "the work of operators",
	audit.AccountViewed:         "the work of operators",
	audit.CustomersSearched:     "the work of operators",
	audit.RecordsViewed:         "the work of operators",
	audit.OperatorInvited:       "about operators",
	audit.OperatorCreated:       "about operators",
	audit.OperatorRecovered:     "about operators",
	audit.OperatorChanged:       "about operators",
	audit.ManagementRefused:     "about operators",
	audit.RoleGranted:           "about operators",
	audit.RoleRevoked:           "about operators",
	audit.MigrationStarted:      "about no single customer",
	audit.MigrationBatch:        "about no single customer",
	audit.MigrationFinished:     "about no single customer",
	audit.MigrationFetched:      "about no customer",
	audit.JobQueued:             "about no customer",
	audit.JobPaused:             "about no customer",
	audit.JobResumed:            "about no customer",
	audit.JobCancelled:          "about no customer",
	audit.JobDone:               "about no customer",
	audit.JobFailed:             "about no customer",
	audit.MigrationUndoing:      "about no single customer",
	audit.MigrationRemoved:      "about no single customer",
	audit.MigrationUndone:       "about no single customer",
	audit.DuplicatesDecided:     "about no single customer",
	audit.MigrationErased:       "about nobody who is left",
	audit.CustomerErased:        "about nobody who is left",
	audit.CustomerTagged:        "the work of operators",
	audit.AccountOpened:         "about no single customer",
	audit.AccountChanged:        "about no single customer",
	audit.EnvironmentCreated:    "about no customer",
	audit.RevisionApplied:       "about no customer",
	audit.RevisionRefused:       "about no customer",
	audit.KeyCreated:            "about no customer",
	audit.KeyRotated:            "about no customer",
	audit.KeyDestroyed:          "about no customer",
	audit.CertificateIssued:     "about no customer",
	audit.SecretCreated:         "about no customer",
	audit.SecretDeleted:         "about no customer",
	audit.VaultStored:           "about no customer",
	audit.VaultDeleted:          "about no customer",
	audit.AccessAwaited:         "they were told so, and hear when it is there",
	audit.FactorRuled:           "a step of signing in, whose page says why",

	audit.CertificateObtained: "about no customer",
	audit.CertificateFailed:   "about no customer",

	audit.BackupCreated:      "about no customer",
	audit.BackupVerified:     "about no customer",
	audit.CustomersExporting: "about no customer",
	audit.CustomersExported:  "about no customer",
	audit.MigrationSuspended: "about no customer",
	audit.MigrationResumed:   "about no customer",
	audit.MigrationProbed:    "about no customer",
	audit.SubscriptionMade:   "about no customer",
	audit.SubscriptionMoved:  "about no customer",
	audit.AuditRead:          "about no customer",
	audit.ChangeProposed:     "about no customer",
	audit.ChangeApproved:     "about no customer",
	audit.ChangeRejected:     "about no customer",
	audit.ChangeWithdrawn:    "about no customer",
	audit.ChangeRebased:      "about no customer",
	audit.ChangeSuperseded:   "about no customer",
	audit.ChangeApplied:      "about no customer",
	audit.ChangeUndone:       "about no customer",
	audit.ChangeRefused:      "about no customer",
	audit.WalkBegun:          "about no customer",
	audit.WalkFinished:       "about no customer",
	audit.HookSuspended:      "about no customer",
	audit.HookResumed:        "about no customer",
	audit.HookTested:         "about no customer",
	audit.HookReplayed:       "about no customer",
	audit.HookVetoed:         "nothing was changed, and the page told them",

	audit.ChallengeCapped: "about no customer",
	audit.MessageSent:     "what it tells of has a line of its own",
	audit.MessageFailed:   "what it tells of has a line of its own",
	audit.MessageRetried:  "the work of operators",
	audit.MessageTested:   "the work of operators",

	audit.ClaimFailed: "what applications do all day",

	audit.MigrationReconciled: "about no single customer",
}

// visitor is who did what nobody proved to be theirs.
const visitor = "visitor"

func (e *told) named(form string) string {
	name := e.application
	if name == "" {
		name = e.say("an application")
	}
	return e.say(form, name)
}

// moment tells of an event, if it is one that customers see.
func (x *exchange) moment(r *audit.Record) (m design.Moment, shown bool) {
	say := sentences[audit.Type(r.Type)]
	if say == nil {
		return m, false
	}
	e := told{Record: r, say: x.phrase}
	if r.Application != "" {
		e.application = x.titleOf(r.Application)
	}
	_ = json.Unmarshal(r.Detail, &e.detail) // of another form: then there is less to say
	_ = json.Unmarshal(r.Personal, &e.personal)
	m.At = r.At
	m.What, m.Mark = say(&e)
	// What an operator or an application did was done from their address, not from
	// the customer's.
	if r.Actor == string(audit.Customer(r.Customer)) || r.Actor == visitor {
		m.Note = x.from(e.personal.Address, e.personal.Agent)
	}
	return m, true
}

// from says where it was done; nothing if that was not kept, or was erased.
func (x *exchange) from(address, agent string) string {
	switch {
	case agent == "" && address == "":
		return ""
	case agent == "":
		return x.phrase("From %s", address)
	case address == "":
		return x.phrase("With %s", described(x.phrase, agent))
	}
	return x.phrase("From %s with %s", address, described(x.phrase, agent))
}
