package admin

import (
	"sallyport/pure/expect"
	"sallyport/pure/migrate"
	"sallyport/pure/rival"
	"sallyport/service/audit"
	"sallyport/service/backup"
	"sallyport/service/claim"
	"sallyport/service/directory"
	"sallyport/service/environment"
	"sallyport/service/fetch"
	"sallyport/service/intake"
	"sallyport/service/issue"
	"sallyport/service/job"
	"sallyport/service/keyring"
	"sallyport/service/leave"
	"sallyport/service/notify"
	"sallyport/service/operator"
	"sallyport/service/promotion"
	"sallyport/service/subscribe"
	"sallyport/service/vault"
	"sallyport/service/walk"
)

// Code names a kind of refusal. Codes are stable: scripts and documentation may
// refer to them, and a code is never given a second meaning.
type Code string

// The codes of the management API.
const (
	RequestInvalid Code = "SP-2001"
	NoEnvironment  Code = "SP-2002"
	Taken          Code = "SP-2003"
	NameInvalid    Code = "SP-2004"
	NotFound       Code = "SP-2005"
	Moved          Code = "SP-2006"
	VersionMissing Code = "SP-2007"
	Outdated       Code = "SP-2008"
	FieldInvalid   Code = "SP-2009"
	NotNow         Code = "SP-2010"

	TreeInvalid Code = "SP-2101"
	Drift       Code = "SP-2102"
	Protected   Code = "SP-2103"
	OtherTenant Code = "SP-2104"
	NoRevision  Code = "SP-2105"

	ChangeEnded  Code = "SP-2106"
	Stopping     Code = "SP-2107"
	OwnChange    Code = "SP-2108"
	NotAsSeen    Code = "SP-2109"
	ApprovedOnce Code = "SP-2110"
	NoApprover   Code = "SP-2111"
	BothSides    Code = "SP-2112"
	NoChange     Code = "SP-2113"
	NotAuthor    Code = "SP-2114"
	Undone       Code = "SP-2115"
	NoWayBack    Code = "SP-2116"

	NoServer      Code = "SP-2201"
	NoApplication Code = "SP-2202"
	Unprovable    Code = "SP-2203"
	WhichServer   Code = "SP-2204"
	WalkForbidden Code = "SP-2211"
	WalkRunning   Code = "SP-2212"
	WalkOver      Code = "SP-2213"
	WalkTooLarge  Code = "SP-2214"
	ListUnknown   Code = "SP-2215"

	TooManySecrets Code = "SP-2301"
	NoSecret       Code = "SP-2302"
	PublicClient   Code = "SP-2303"

	NotAdmitted Code = "SP-2304"

	QueryInvalid Code = "SP-2401"
	NoKey        Code = "SP-2501"

	NoOperator  Code = "SP-2601"
	NoRole      Code = "SP-2602"
	RoleHeld    Code = "SP-2603"
	RoleNotHeld Code = "SP-2604"
	LastOwner   Code = "SP-2605"
	OperatorOff Code = "SP-2606"
	HostInvalid Code = "SP-2502"

	SignInNeeded Code = "SP-2701"
	ScopeMissing Code = "SP-2702"
	NotAllowed   Code = "SP-2703"
	BeyondOwn    Code = "SP-2704"
	NoRoute      Code = "SP-2705"
	Crowded      Code = "SP-2706"

	NoMigration   Code = "SP-3301"
	ImportRunning Code = "SP-3302"
	Unfinished    Code = "SP-3303"
	HeaderUnfit   Code = "SP-3304"
	TooContested  Code = "SP-3305"
	SourceChanged Code = "SP-3306"
	TakenOver     Code = "SP-3307"
	Paused        Code = "SP-3308"
	FormatUnfit   Code = "SP-3309"
	RowsHeld      Code = "SP-3310"
	InputUnknown  Code = "SP-3311"
	Unpackable    Code = "SP-3312"
	NotBackedUp   Code = "SP-3313"
	SecretAbsent  Code = "SP-3335"
	NoConnection  Code = "SP-3314"
	SystemSilent  Code = "SP-3315"
	NotUndoable   Code = "SP-3316"
	OtherSource   Code = "SP-3330"
	DecisionUnfit Code = "SP-3350"
	DecisionDone  Code = "SP-3351"
	DecidedAnew   Code = "SP-3352"

	JobOpen      Code = "SP-3340"
	NoJob        Code = "SP-3341"
	FileTooLarge Code = "SP-3342"
	NoRoom       Code = "SP-3343"
	NobodyRuns   Code = "SP-3344"
	NotKept      Code = "SP-3345"

	RecipientUnfit Code = "SP-2904"
	ExportRunning  Code = "SP-2905"
	ReceiptUnfit   Code = "SP-2906"

	NoHook   Code = "SP-2801"
	NotAsked Code = "SP-2802"

	NoMessageTo  Code = "SP-2811"
	NoSender     Code = "SP-2812"
	MessageEnded Code = "SP-2813"

	ClaimDecided Code = "SP-2821"
	NoSuchPlace  Code = "SP-2822"
	TooFresh     Code = "SP-2823"

	Unavailable Code = "SP-2901"
	Stale       Code = "SP-2902"
	Stopped     Code = "SP-2903"
	Unexpected  Code = "SP-2999"
)

// recognised is an error of a service and the code it is told by.
type recognised struct {
	err  error
	code Code
}

// recognisable lists them, the more particular before what they wrap.
func recognisable(f Faults) []recognised {
	return []recognised{
		{environment.ErrNoEnvironment, NoEnvironment},
		{environment.ErrDrift, Drift},
		{environment.ErrProtected, Protected},
		{environment.ErrStale, Stale},
		{promotion.ErrNothing, NoChange},
		{promotion.ErrAuthor, OwnChange},
		{promotion.ErrNotAuthor, NotAuthor},
		{promotion.ErrApproved, ApprovedOnce},
		{promotion.ErrNoApprover, NoApprover},
		{promotion.ErrSeen, NotAsSeen},
		{promotion.ErrTooLong, RequestInvalid},
		{promotion.ErrUndone, Undone},
		{promotion.ErrFirst, NoWayBack},
		{issue.ErrNoRevision, NoRevision},
		{issue.ErrNoServer, NoServer},
		{issue.ErrNoApplication, NoApplication},
		{issue.ErrNoHook, NoHook},
		{issue.ErrNotAsked, NotAsked},
		{directory.ErrTaken, Taken},
		{directory.ErrLastIdentifier, NotNow},
		{directory.ErrUnproven, NotNow},
		{directory.ErrRequired, NotNow},
		{directory.ErrTooManyIdentifiers, NotNow},
		{directory.ErrClosed, NotNow},
		{directory.ErrLastOwner, NotNow},
		{directory.ErrTooManyInvitations, NotNow},
		{directory.ErrInvitation, NotFound},
		{directory.ErrNoConfiguration, NoRevision},
		{directory.ErrTooManySecrets, TooManySecrets},
		{directory.ErrNoSecret, NoSecret},
		{subscribe.ErrUnknown, NotFound},
		{subscribe.ErrNotAdmitted, NotAdmitted},
		{audit.ErrQuery, QueryInvalid},
		{keyring.ErrNoKey, NoKey},
		{operator.ErrUnknown, NoOperator},
		{operator.ErrRole, NoRole},
		{operator.ErrHeld, RoleHeld},
		{operator.ErrNotHeld, RoleNotHeld},
		{operator.ErrLastOwner, LastOwner},
		{operator.ErrDisabled, OperatorOff},
		{keyring.ErrNames, HostInvalid},
		{notify.ErrAddress, NoMessageTo},
		{claim.ErrDecided, ClaimDecided},
		{claim.ErrGone, NoSuchPlace},
		{directory.ErrUnsettled, TooFresh},
		{claim.ErrNote, RequestInvalid},
		{claim.ErrUnavailable, SystemSilent},
		{notify.ErrNoChannel, NoSender},
		{notify.ErrTemplate, RequestInvalid},
		{notify.ErrEnded, MessageEnded},
		{vault.ErrName, RequestInvalid},
		{vault.ErrSize, RequestInvalid},
		{vault.ErrFull, RequestInvalid},
		{walk.ErrForbidden, WalkForbidden},
		{walk.ErrRunning, WalkRunning},
		{walk.ErrOver, WalkOver},
		{walk.ErrMoved, Moved},
		{walk.ErrTooManyCustomers, WalkTooLarge},
		{expect.ErrTooMany, WalkTooLarge},
		{expect.ErrUnknown, ListUnknown},
		{backup.ErrRecipient, RecipientUnfit},
		{backup.ErrReceipt, ReceiptUnfit},
		{leave.ErrRunning, ExportRunning},
		{fetch.ErrOtherSource, OtherSource},
		{fetch.ErrKept, OtherSource},
		{fetch.ErrBusy, ImportRunning},
		{fetch.ErrNoConnection, NoConnection},
		{job.ErrOpen, JobOpen},
		{job.ErrNoJob, NoJob},
		{job.ErrTooLarge, FileTooLarge},
		{job.ErrNoRoom, NoRoom},
		{job.ErrAlone, NobodyRuns},
		{rival.ErrDecision, DecisionUnfit},
		{intake.ErrApplied, DecisionDone},
		{intake.ErrDecidedMeanwhile, DecidedAnew},
		{intake.ErrRunning, ImportRunning},
		{intake.ErrUnfinished, Unfinished},
		{intake.ErrTakenOver, TakenOver},
		{intake.ErrSourceChanged, SourceChanged},
		{intake.ErrPaused, Paused},
		{intake.ErrNotUndoable, NotUndoable},
		{intake.ErrUndoing, ImportRunning},
		{migrate.ErrHeader, HeaderUnfit},
		{migrate.ErrFormat, FormatUnfit},
		{migrate.ErrInput, InputUnknown},
		{intake.ErrUnpacked, Unpackable},
		{migrate.ErrTooContested, TooContested},
		{f.NotFound, NotFound},
		{f.Exists, Taken},
		{f.Conflict, Moved},
		{f.Invalid, RequestInvalid},
		{f.Unavailable, Unavailable},
	}
}
