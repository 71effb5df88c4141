package audit

// Type is the kind of an event, "object.verb" in the past tense. The catalogue
// below is complete: a test compares it with docs/reference/events.md.
type Type string

// What happens to configuration and environments.
const (
	EnvironmentCreated Type = "environment.created"
	RevisionApplied    Type = "revision.applied"
	RevisionRefused    Type = "revision.refused"
	ChangeProposed     Type = "change.proposed"
	ChangeApproved     Type = "change.approved"
	ChangeRejected     Type = "change.rejected"
	ChangeWithdrawn    Type = "change.withdrawn"
	ChangeRebased      Type = "change.rebased"
	ChangeSuperseded   Type = "change.superseded"
	ChangeApplied      Type = "change.applied"
	ChangeUndone       Type = "change.undone"
	ChangeRefused      Type = "change.refused"
	KeyCreated         Type = "key.created"
	KeyRotated         Type = "key.rotated"
	KeyDestroyed       Type = "key.destroyed"
	CertificateIssued  Type = "certificate.issued"
	SecretCreated      Type = "secret.created"
	SecretDeleted      Type = "secret.deleted"
	VaultStored        Type = "vault.stored"
	VaultDeleted       Type = "vault.deleted"

	CertificateObtained Type = "certificate.obtained"
	CertificateFailed   Type = "certificate.failed"

	BackupCreated     Type = "backup.created"
	BackupVerified    Type = "backup.verified"
	SubscriptionMade  Type = "subscription.created"
	SubscriptionMoved Type = "subscription.changed"
)

// What customers do and what is done for them.
const (
	SignedIn           Type = "signin.succeeded"
	SignInRefused      Type = "signin.refused"
	SignInLimited      Type = "signin.limited"
	SignedOut          Type = "session.ended"
	CredentialUpgraded Type = "credential.upgraded"
	PasswordChanged    Type = "password.changed"
	PasswordRefused    Type = "password.refused"
	CustomerChanged    Type = "customer.changed"
	CustomerSignedOut  Type = "customer.signed_out"
	ActivityConfirmed  Type = "activity.confirmed"
	ActivityDenied     Type = "activity.denied"
	FactorEnrolled     Type = "factor.enrolled"
	FactorUsed         Type = "factor.used"
	FactorRefused      Type = "factor.refused"
	FactorRemoved      Type = "factor.removed"
	RecoveryUsed       Type = "recovery.used"
	ChallengeSent      Type = "challenge.sent"
	ChallengeCapped    Type = "challenge.capped"
	CardIssued         Type = "card.issued"

	// On the way through a journey.
	CustomerRegistered   Type = "customer.registered"
	RegistrationFinished Type = "registration.finished"
	IdentifierVerified   Type = "identifier.verified"
	PasswordSet          Type = "password.set"
	PasswordRecovered    Type = "password.recovered"
	ProfileGiven         Type = "profile.given"
	StepSkipped          Type = "step.skipped"
	FactorRuled          Type = "factor.ruled"
	AccessAwaited        Type = "access.awaited"

	// An earlier system could not tell whether it knows whoever registered, or could
	// meanwhile.
	RegistrationUnchecked Type = "registration.unchecked"
	RegistrationChecked   Type = "registration.checked"

	AccessTakenBack Type = "access.withdrawn"
)

// What the directory keeps of customers and of the accounts of the business.
const (
	ProfileChanged      Type = "profile.changed"
	IdentifierAdded     Type = "identifier.added"
	IdentifierRemoved   Type = "identifier.removed"
	IdentifierPreferred Type = "identifier.preferred"
	CustomerTagged      Type = "customer.tagged"
	CustomerDisclosed   Type = "customer.disclosed"
	CustomerErased      Type = "customer.erased"
	AgreementGiven      Type = "agreement.given"
	AgreementRefused    Type = "agreement.refused"
	AgreementWithdrawn  Type = "agreement.withdrawn"

	AccountOpened       Type = "account.opened"
	AccountChanged      Type = "account.changed"
	MemberAdded         Type = "member.added"
	MemberChanged       Type = "member.changed"
	MemberRemoved       Type = "member.removed"
	MemberInvited       Type = "member.invited"
	InvitationWithdrawn Type = "invitation.withdrawn"
)

// Accounts that customers say are theirs.
const (
	AccountClaimed  Type = "account.claimed"
	AccountUnproven Type = "account.unproven"
	AccountHeld     Type = "account.held"
	AccountGranted  Type = "account.granted"
	AccountDenied   Type = "account.denied"
)

// What operators are given, and what they look at.
const (
	OperatorInvited   Type = "operator.invited"
	OperatorCreated   Type = "operator.created"
	OperatorRecovered Type = "operator.recovered"
	OperatorChanged   Type = "operator.changed"
	RoleGranted       Type = "role.granted"
	RoleRevoked       Type = "role.revoked"
	CustomerViewed    Type = "customer.viewed"
	AccountViewed     Type = "account.viewed"
	CustomersSearched Type = "customer.searched"

	// Everybody of an environment, encrypted for somebody.
	CustomersExporting Type = "export.begun"
	CustomersExported  Type = "export.finished"
	RecordsViewed      Type = "migration.viewed"
	ManagementRefused  Type = "management.refused"
)

// What applications get.
const (
	ConsentGiven     Type = "consent.given"
	ConsentDenied    Type = "consent.denied"
	ConsentWithdrawn Type = "consent.withdrawn"

	Authorized     Type = "authorization.granted"
	AuthRefused    Type = "authorization.refused"
	TokenIssued    Type = "token.issued"
	TokenRefused   Type = "token.refused"
	TokenRefreshed Type = "token.refreshed"
	TokenRevoked   Type = "token.revoked"
	RequestLimited Type = "request.limited"
	ClaimFailed    Type = "claim.failed"
	CodeReused     Type = "code.reused"
	RefreshReused  Type = "refresh.reused"
	CallRefused    Type = "call.refused"

	WalkBegun    Type = "walk.begun"
	WalkFinished Type = "walk.finished"

	HookSuspended Type = "hook.suspended"
	HookResumed   Type = "hook.resumed"
	HookTested    Type = "hook.tested"
	HookVetoed    Type = "hook.vetoed"
	HookReplayed  Type = "hook.replayed"
)

// What happens to the ledgers and to the crossing.
const (
	MigrationStarted  Type = "migration.started"
	MigrationBatch    Type = "migration.batch"
	MigrationFinished Type = "migration.finished"
	MigrationFetched  Type = "migration.fetched"
	MigrationAdmitted Type = "migration.admitted"
	MigrationUndoing  Type = "migration.undoing"
	MigrationRemoved  Type = "migration.removed"
	MigrationUndone   Type = "migration.undone"
	MigrationErased   Type = "migration.erased"

	MigrationSuspended Type = "migration.suspended"
	MigrationResumed   Type = "migration.resumed"
	MigrationProbed    Type = "migration.probed"
	DuplicatesDecided  Type = "migration.decided"

	MigrationReconciled Type = "migration.reconciled"

	JobQueued    Type = "job.queued"
	JobPaused    Type = "job.paused"
	JobResumed   Type = "job.resumed"
	JobCancelled Type = "job.cancelled"
	JobDone      Type = "job.done"
	JobFailed    Type = "job.failed"

	MessageSent    Type = "message.sent"
	MessageFailed  Type = "message.failed"
	MessageRetried Type = "message.retried"
	MessageTested  Type = "message.tested"

	CredentialWrapped Type = "credential.wrapped"
	AuditRead         Type = "audit.read"
)
