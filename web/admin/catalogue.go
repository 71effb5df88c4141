package admin

import (
	"net/http"
	"slices"
)

// Explanation says what a code means and what to do.
type Explanation struct {
	Code    Code
	Title   string // what is said when it happens
	Meaning string
	Fix     string
	status  int
}

// catalogue is every code, sorted.
var catalogue = [...]Explanation{
	{RequestInvalid, "the request is not usable", "A parameter or the body of a request to the management API is missing, malformed or too large.", "see /admin/v1/openapi.json for what the route takes", http.StatusUnprocessableEntity},
	{NoEnvironment, "there is no such environment", "The installation has no environment of that tenant and name.", "list them: sallyport env list, or make it: sallyport env create TENANT/NAME", http.StatusNotFound},
	{Taken, "it exists already", "What was to be created has a name that is taken.", "choose another name", http.StatusConflict},
	{NameInvalid, "the name cannot be used", "Names of tenants and environments have up to 63 lower-case letters, digits and dashes and begin with a letter.", "choose another name", http.StatusUnprocessableEntity},
	{NotFound, "there is nothing of that name here", "The environment has no record of that name or id. Records of other environments are never found.", "check the name, and that --env is the environment you mean", http.StatusNotFound},
	{Moved, "somebody changed it meanwhile", "The record moved on between reading and writing it; nothing was changed.", "look at it again and repeat the command", http.StatusConflict},
	{VersionMissing, "the version that is to be changed is missing", "Whoever changes something says which version of it they saw, in the header If-Match, so that nobody's change is lost.", "send If-Match with the ETag of the last answer, or * to change whatever is there", http.StatusPreconditionRequired},
	{Outdated, "it is not the version that you saw", "Somebody changed it since the ETag that If-Match names; nothing was changed.", "look at it again and repeat the command", http.StatusPreconditionFailed},
	{FieldInvalid, "a field cannot be written so", "A field of a customer or an account is not registered, is not whose it is written as, or has a value that is none of its type.", "the detail names the field; attributes and groups are registered in the configuration of the tenant", http.StatusUnprocessableEntity},
	{NotNow, "that would leave something in a state that may not be", "A customer would have no identifier left, an account no owner, or more than there may be; or the account is closed.", "the detail says which; make somebody else an owner first, or say --orphan to leave an account without one", http.StatusConflict},
	{TreeInvalid, "the configuration is not valid", "The tree does not compile for this environment, so it cannot become a revision.", "mend what is listed; sallyport validate DIR shows each place", http.StatusUnprocessableEntity},
	{Drift, "the environment moved on", "A newer revision was applied since this tree was pulled or planned. Applying the tree would undo it.", "see what differs: sallyport plan DIR; take it over by hand or with sallyport pull, then apply with --base set to the newest revision", http.StatusConflict},
	{Protected, "the environment is protected", "A protected environment takes revisions only through approval, and one that asks for approvals those that widen.", "propose it (sallyport change propose), or in an emergency give --break-glass REASON, which is recorded", http.StatusForbidden},
	{OtherTenant, "the tree belongs to another tenant", "The tree's document of kind tenant has another name than the tenant of the environment.", "choose the tenant's own environment with --env TENANT/NAME", http.StatusUnprocessableEntity},
	{NoRevision, "the environment has no usable revision yet", "Nothing has been applied to the environment, or its newest revision does not compile any more.", "apply a tree: sallyport apply DIR", http.StatusConflict},
	{ChangeEnded, "the change has ended", "A change that was applied, rejected, withdrawn or superseded moves no more.", "sallyport change show NUMBER tells what became of it; propose another", http.StatusConflict},
	{Stopping, "the change is stopped", "It does not pass a gate: approvals, expectations, sizes, maturity or validity. Nothing was applied.", "sallyport change show NUMBER names each gate and what to do", http.StatusForbidden},
	{OwnChange, "nobody approves what they wrote", "A change needs the consent of somebody other than its author.", "ask somebody who may approve changes there: owner, security or architect", http.StatusForbidden},
	{NotAsSeen, "it is not the change that was looked at", "What an approval signs is base, target and what their difference means; one of them is another than when it was shown.", "look at it again: sallyport change show NUMBER", http.StatusConflict},
	{ApprovedOnce, "you approved this change already", "One operator's approval counts once.", "ask somebody else", http.StatusConflict},
	{NoApprover, "you may not approve changes here", "An approval is that of an operator who signed in, and whose role allows it at the environment. Who works at a terminal of the host is nobody's second person.", "sign in: sallyport login --server URL", http.StatusForbidden},
	{BothSides, "the same was changed on both sides", "The environment has moved on in what the change is about, so it cannot be carried over by itself.", "pull the newest tree, make the change there, and propose it anew", http.StatusConflict},
	{NoChange, "nothing would change", "The tree means what the environment has.", "nothing is to be done; sallyport revision list shows where the environment is", http.StatusConflict},
	{NotAuthor, "only its author withdraws a change", "Everybody else who may decide rejects it.", "sallyport change reject NUMBER", http.StatusForbidden},
	{Undone, "the change was undone already", "A change is taken back once.", "sallyport change show NUMBER names the change that took it back", http.StatusConflict},
	{NoWayBack, "the first revision cannot be undone", "Before it there was nothing to go back to.", "propose the configuration that you want instead", http.StatusConflict},
	{NoServer, "there is no such authorization server", "The live revision has no authorization server of that name.", "sallyport access matrix shows all servers", http.StatusNotFound},
	{NoApplication, "there is no such application", "The live revision has no application of that name.", "sallyport apps list shows all applications", http.StatusNotFound},
	{Unprovable, "the rules tell too much apart to be proven", "Proving them would need more contexts than anybody could review.", "use fewer groups, networks or time windows in the policies named", http.StatusUnprocessableEntity},
	{WhichServer, "the authorization server must be named", "The application is assigned scopes of several authorization servers, or of none.", "add --authserver NAME", http.StatusUnprocessableEntity},
	{WalkForbidden, "nobody walks in this environment", "Customers are invented and secrets lent for it, so it is refused in protected environments, in the operators' own, and in those called production, prod or live.", "walk a preview that has the same tree; sallyport access test proves this one without a request", http.StatusForbidden},
	{WalkRunning, "a walk of this environment is under way", "One at a time: two would be in each other's way.", "wait for it; one that was left is given up after a quarter of an hour", http.StatusConflict},
	{WalkOver, "the walk is over", "It has ended, was given up, or is another operator's.", "begin another: sallyport access test --live", http.StatusConflict},
	{WalkTooLarge, "that is too much for one walk", "A walk makes up to 2,000 requests as up to 200 invented customers.", "walk a part: --list NAME or --client APPLICATION", http.StatusUnprocessableEntity},
	{ListUnknown, "there is no such list of expectations, or no such application", "The live revision has no object of that name.", "sallyport access test without --list and --client judges all", http.StatusNotFound},
	{TooManySecrets, "the application has two secrets already", "Two secrets let an application be moved from one to the other without a break; a third would be forgotten.", "remove the one that is not used any more: sallyport apps rotate APP --remove ID", http.StatusConflict},
	{NoSecret, "the application has no such secret", "No secret of the application has that id.", "sallyport apps list shows the ids", http.StatusNotFound},
	{PublicClient, "the application does not authenticate", "A browser or native application cannot keep a secret, so it has none.", "give it authentication: client_secret_basic if it runs on a server", http.StatusUnprocessableEntity},
	{NotAdmitted, "the product does not admit the application", "A product lists the applications that may subscribe to it; a standalone key needs a product for everybody.", "add the application to the product's list in the tree and apply that", http.StatusForbidden},
	{QueryInvalid, "the query cannot be read", "Audit queries are words of the form key:value.", "for example: sallyport audit query type:token. 'result:!ok' after:1h", http.StatusUnprocessableEntity},
	{NoKey, "the server does not sign with that algorithm", "The authorization server has no key of the algorithm named.", "sallyport keys list shows the keys", http.StatusUnprocessableEntity},
	{HostInvalid, "the host cannot be certified", "A back end's certificate names 1 to 32 hosts or IP addresses, without scheme, port or wildcard.", "give the name by which the gateway calls the back end: the host in the API's backend.url", http.StatusUnprocessableEntity},
	{NoOperator, "there is no such operator", "Nobody in the system environment signs in with that username.", "sallyport operator list shows the operators", http.StatusNotFound},
	{NoRole, "there is no such role at such a place", "Roles are owner, security, architect, developer, desk, auditor and privacy. They hold at TENANT, TENANT/ENVIRONMENT, TENANT/ENVIRONMENT/SERVER, or everywhere; that of a developer also at TENANT/ENVIRONMENT/application:NAME.", "check the role and --at", http.StatusUnprocessableEntity},
	{RoleHeld, "the operator has that role already", "Nothing was changed.", "sallyport operator list shows who has which", http.StatusConflict},
	{RoleNotHeld, "the operator does not have that role", "A role is taken at the very place where it was given.", "sallyport operator list shows the places", http.StatusNotFound},
	{OperatorOff, "the operator is disabled", "A link would lead nowhere until they are enabled.", "sallyport operator enable USERNAME, if they may come back", http.StatusConflict},
	{LastOwner, "the last owner of the installation stays", "Nobody would be left who may do everything.", "make another owner first: sallyport operator link", http.StatusConflict},
	{SignInNeeded, "you are not signed in", "The management API wants an access token of its own authorization server, of an operator who may still work.", "sallyport login --server URL", http.StatusUnauthorized},
	{ScopeMissing, "the token is not for this", "The access token lacks the scope of the operation, whatever its operator may do.", "sign in again, without --read-only: sallyport login --server URL", http.StatusForbidden},
	{NotAllowed, "your roles do not allow this", "No role that you hold at that place allows the action.", "sallyport whoami shows your roles; an owner of the place can give another", http.StatusForbidden},
	{BeyondOwn, "nobody gives more than they hold", "The role, or what its holder has elsewhere, reaches further than your own.", "name a place that is yours with --at, or ask an owner of the whole", http.StatusForbidden},
	{NoRoute, "there is no such operation", "The management API has no operation at that path by that method.", "see /admin/v1/openapi.json for what there is", http.StatusNotFound},
	{Crowded, "you have too much open at once", "One operator may follow the ledger and import at most sixteen times at once, and send two trees, on each node.", "end what you do not need any more, and repeat the command", http.StatusTooManyRequests},
	{NoHook, "there is no such hook", "The live revision has no hook of that name.", "sallyport hooks list shows all hooks", http.StatusNotFound},
	{NotAsked, "no authorization server asks the hook for that application", "A hook is asked by servers that name it under hooks:, for applications that are assigned to them.", "sallyport hooks list shows who asks", http.StatusUnprocessableEntity},
	{Unavailable, "the storage does not answer", "The database cannot be reached or is out of space. Nothing was changed.", "repeat the command when it answers; sallyport doctor looks closer", http.StatusServiceUnavailable},
	{Stale, "this server may have missed a change", "It has not heard of changes for five seconds, so it refuses what a change might have forbidden.", "see whether it reaches the database: sallyport doctor", http.StatusServiceUnavailable},
	{Stopped, "the request was stopped", "Whoever asked went away before it was done.", "", 499},
	{RecipientUnfit, "a recipient is not usable", "Backups and exports are encrypted for public keys of age, which begin with age1; up to sixteen of them.", "make a key pair: sallyport backup keygen --to FILE", http.StatusUnprocessableEntity},
	{ExportRunning, "an export of customers is running", "Everybody of an environment leaves one at a time, whoever asks.", "try again when it is done: sallyport audit query --type export.finished", http.StatusConflict},
	{ReceiptUnfit, "this installation did not make that backup, or it was not read to its end", "The last line of a backup has a receipt of its content, instant and size, which only this installation can make.", "make a backup with this server, and verify that one: sallyport backup create", http.StatusUnprocessableEntity},
	{Unexpected, "that should not have happened", "An error that nobody foresaw; nothing is known to have changed.", "the server's log has more under the reference", http.StatusInternalServerError},
	{DecisionUnfit, "that cannot be decided", "The decision does not fit the group, or would let somebody who proved nothing into what another proved.", "see who claims what: sallyport migrate duplicates NAME show GROUP", http.StatusUnprocessableEntity},
	{DecisionDone, "the decision was carried out already", "People were moved by it, which a new decision does not take back.", "undo the run first: sallyport migrate undo NAME RUN", http.StatusConflict},
	{DecidedAnew, "somebody else decided meanwhile", "The group has another decision than the one that you saw.", "look at it again: sallyport migrate duplicates NAME show GROUP", http.StatusConflict},
	{NoMigration, "there is no such migration", "The live revision has no object of kind migration with that name.", "add it to the tree and apply that", http.StatusNotFound},
	{ImportRunning, "an import of this migration is running", "One migration is imported by one worker at a time.", "watch it: sallyport migrate status NAME", http.StatusConflict},
	{Unfinished, "another file's import is not finished", "A run belongs to the exact bytes that it began with.", "finish that one first, by giving its file again", http.StatusConflict},
	{HeaderUnfit, "the export's columns do not fit the migration", "The first row of the export lacks columns that the migration reads, or cannot be read.", "compare the first line of the file with the migration's from: fields", http.StatusUnprocessableEntity},
	{TooContested, "too many values occur more than once", "More than a million values are claimed by several records: it is not one list of people, or the wrong column is mapped.", "check the migration's key and map", http.StatusUnprocessableEntity},
	{SourceChanged, "the export changed while it was read", "The file is not the one that was surveyed.", "give a file that nobody writes to", http.StatusConflict},
	{TakenOver, "another worker has taken the import over", "Somebody else continues this run; nothing is lost.", "watch it: sallyport migrate status NAME", http.StatusConflict},
	{Paused, "the import was paused", "It stopped between two batches. What was imported stays; the same command goes on from there.", "repeat the command to go on", http.StatusConflict},
	{FormatUnfit, "a file is not of the kind that the migration reads", "Perhaps two files were swapped, or one is still packed or encrypted. Nothing was changed.", "give each flag the file that its name says", http.StatusUnprocessableEntity},
	{RowsHeld, "rows are held", "Some records were not imported and wait for somebody, each with a reason. All others were.", "sallyport migrate status NAME lists the reasons", http.StatusOK},
	{InputUnknown, "the migration has no such input", "Which files an export consists of is a matter of its format: source.format of the migration.", "leave the file out, or check the migration's source", http.StatusUnprocessableEntity},
	{Unpackable, "the gzip file cannot be unpacked", "It is damaged or cut short, or it grows to more than a hundred times its size.", "unpack it yourself to see, and give the file that comes out", http.StatusUnprocessableEntity},
	{NotBackedUp, "there is no fresh backup to go back to", "The migration wants a backup of the installation that was restored elsewhere and found good, and is not too old. Protected environments want one of the last 24 hours unless the migration says otherwise under backup:.", "sallyport backup create FILE --recipient KEY, then sallyport backup verify FILE --identity KEYFILE", http.StatusForbidden},
	{SecretAbsent, "the migration needs a secret that the vault has not", "The format of its source cannot be read without a secret that the migration names, such as the key of a project under which it hashed passwords.", "sallyport secret put NAME, with the name shown", http.StatusConflict},
	{NoConnection, "the migration reaches no running system", "The live revision's migration has no connection:.", "add connection: to the migration and apply that", http.StatusUnprocessableEntity},
	{SystemSilent, "the earlier system cannot be asked now", "The reason is a stable word: what is in between, what the system says, or what is missing here. Nobody was told that a password is wrong.", "see the reason in docs/reference/sources.md, and sallyport doctor", http.StatusBadGateway},
	{NotUndoable, "the run cannot be undone", "Only a run that is done can, or an undo that was stopped, and only while no other import of the migration is unfinished.", "sallyport migrate status NAME shows the newest run; finish it first", http.StatusConflict},
	{OtherSource, "the fetch began at another source", "Its connection changed, the system is another installation, or what was kept of it cannot be read. To go on would mix two lists of people.", "begin anew: another --to, or with --from-source also --fresh", http.StatusConflict},
	{NoMessageTo, "nobody can be reached there", "The address is none of its channel: a mail address, a phone number with its country code, or two to ten lines of a postal address.", "write it you@example.com, +14155550132, or line by line", http.StatusBadRequest},
	{NoSender, "nobody delivers this channel here", "The live revision names no sender of the channel and the brand.", "add a kind: sender to the tree, and apply it", http.StatusConflict},
	{MessageEnded, "the message cannot be sent again", "Only a message that failed can, while what it says is kept: a code is removed when it is worth nothing any more.", "see its state and reason: sallyport messages list; whoever waits for a code asks for another", http.StatusConflict},
	{ClaimDecided, "the claim was decided already", "A claim is granted or refused once.", "see what was decided: sallyport claims show ID", http.StatusConflict},
	{NoSuchPlace, "there is no such account", "Neither this environment nor the place where accounts are kept has one of that number.", "refuse the claim; the customer may have mistyped it", http.StatusConflict},
	{TooFresh, "the address is too new to post a secret to", "A card of codes goes to premises of the customer's own account. What an operator wrote within the last seven days, be it the address or that the customer is a member, is not posted to, so that nobody at a desk sends a card to themselves; nor is an account to which they accepted an invitation since.", "wait until the seven days are over, or choose other premises of theirs", http.StatusConflict},
	{JobOpen, "the migration has an import that is not at its end", "A migration has one open job, which belongs to the exact bytes that were uploaded for it.", "see it: sallyport migrate status NAME; have it go on: sallyport migrate resume NAME; or give it up: sallyport migrate cancel NAME", http.StatusConflict},
	{NoJob, "there is no import that this could be done to", "The migration has no job, or its last one is at its end.", "see where it is: sallyport migrate status NAME", http.StatusNotFound},
	{FileTooLarge, "the export is larger than a server keeps", "A file of an import may have 64 GiB, unpacked.", "split the export, or import it without a server: stop it, and run the same command", http.StatusRequestEntityTooLarge},
	{NoRoom, "the disk has no room for the export", "What is uploaded is kept until it is imported, on the disk that the server keeps its state on, and some of that is left to others. Nothing was kept.", "make room beside the store, then repeat the command", http.StatusInsufficientStorage},
	{NobodyRuns, "no server runs here that would import it", "Jobs are run by sallyport serve, and this is a command that holds the store itself, or a server without a place for files.", "start sallyport serve, or import without: sallyport migrate run NAME --file FILE", http.StatusConflict},
	{NotKept, "the files of the import are not there any more", "A job cannot go on without what was uploaded for it: it is gone from its node, its key does not open, or nobody went on with it for 30 days.", "give the files once more: sallyport migrate run NAME --file FILE", http.StatusConflict},
}

// Codes lists every code, sorted.
func Codes() []Explanation {
	all := slices.Clone(catalogue[:])
	slices.SortFunc(all, func(a, b Explanation) int {
		if a.Code < b.Code {
			return -1
		}
		return 1
	})
	return all
}

func explain(code Code) Explanation {
	i := slices.IndexFunc(catalogue[:], func(e Explanation) bool { return e.Code == code })
	return catalogue[i]
}
