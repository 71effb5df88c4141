package assess

import "fmt"

// Owner is who answers for a gap: a role, not a person.
type Owner string

// The roles.
const (
	MigrationLead  Owner = "migration lead"
	Security       Owner = "security"
	DataProtection Owner = "data protection"
	Support        Owner = "support"
	Applications   Owner = "application teams"
	SourceAdmin    Owner = "administrator of the earlier system"
	Operations     Owner = "operations"
	Communications Owner = "communications"
)

// Weight is how much a gap matters.
type Weight string

// The weights, the heaviest first.
const (
	Blocks  Weight = "blocks"  // nobody should be moved before it is closed
	Decides Weight = "decides" // somebody has to decide, and the plan changes with it
	Notes   Weight = "note"    // to know
)

// Gap is something that is missing between the two systems, and whose it is.
type Gap struct {
	ID     string `json:"id"` // stable
	Title  string `json:"title"`
	Weight Weight `json:"weight"`
	Owner  Owner  `json:"owner"`
	People int64  `json:"people,omitempty"` // or records, or values, as Title says
	Why    string `json:"why"`
	Do     string `json:"do"`
}

// finder collects gaps.
type finder struct{ all []Gap }

// add takes a gap that concerns somebody.
func (f *finder) add(n int64, g Gap) {
	if n > 0 {
		g.People = n
		f.all = append(f.all, g)
	}
}

// gaps finds them, the heaviest first.
func gaps(r *Report) []Gap {
	f := &finder{}
	f.records(r)
	f.credentials(r)
	f.factors(r)
	f.data(r)
	sorted := []Gap{}
	for _, w := range []Weight{Blocks, Decides, Notes} {
		for _, g := range f.all {
			if g.Weight == w {
				sorted = append(sorted, g)
			}
		}
	}
	return sorted
}

func (f *finder) records(r *Report) {
	d := &r.Duplicates
	if d.Cut {
		f.add(1, Gap{
			ID: "too-many-duplicates", Title: "More than a million values occur several times", Weight: Blocks, Owner: MigrationLead,
			Why: "It is not one list of people, or the wrong field is the key or an identifier.", Do: "Check key and map of the migration, and assess again.",
		})
	}
	f.add(d.Keys.Records, Gap{
		ID: "duplicate-keys", Title: "Rows share a key", Weight: Blocks, Owner: SourceAdmin,
		Why: "A key names one person for ever. Rows that share one are held together.", Do: "Find out why the export names people twice; perhaps it was made of two files.",
	})
	f.add(d.Same.Records+d.Case.Records, Gap{
		ID: "shared-addresses", Title: "Records share an e-mail address", Weight: Decides, Owner: MigrationLead,
		Why: "One address lets one person in. If exactly one of them proved it, that one has it; otherwise all are held.",
		Do:  "Decide for each kind: merge, keep apart under usernames, or ask the customer.",
	})
	f.add(d.Family.Records, Gap{
		ID: "family-addresses", Title: "Families share an address", Weight: Decides, Owner: Support,
		Why: "Different names behind one proved address: merging them would give one the other's data.", Do: "Ask them for an address of their own before they cross; never merge by address alone.",
	})
	f.add(d.Mixed.Records, Gap{
		ID: "mixed-verification", Title: "An address is proved in one record and not in another", Weight: Notes, Owner: Security,
		Why: "Whoever typed somebody else's address into a form must not inherit their account.", Do: "Nothing: the one who proved it wins. Know it when the other calls.",
	})
	for _, reason := range r.Held {
		if words, known := heldWords[reason.Name]; known {
			f.add(reason.Records, words)
		}
	}
	f.add(r.Ways.Stuck, Gap{
		ID: "stuck", Title: "People who cannot come in without help", Weight: Decides, Owner: Support,
		Why: "They have no password that counts and no address that was ever proved: a link would go to whoever typed it.",
		Do:  "Offer claiming: an account number and facts from a bill, asked by trained staff. Plan for their calls.",
	})
}

// heldWords say what to do about records that are held.
var heldWords = map[string]Gap{
	"malformed-row":     {ID: "malformed-rows", Title: "Rows that cannot be read", Weight: Decides, Owner: SourceAdmin, Why: "They are damaged, or cut off.", Do: "Export again, or mend them; their numbers are below."},
	"bad-encoding":      {ID: "bad-encoding", Title: "Rows in another encoding", Weight: Decides, Owner: SourceAdmin, Why: "Their bytes are not in the encoding that the migration declares.", Do: "Declare the right one (source.encoding), or have the file exported in UTF-8."},
	"unknown-state":     {ID: "unknown-states", Title: "States that nobody explained", Weight: Decides, Owner: SourceAdmin, Why: "Somebody whom the source had shut out must not come in by a misread word.", Do: "Say what each word means, and list it in the mapping."},
	"no-identifier":     {ID: "no-identifier", Title: "Records without anything to sign in by", Weight: Decides, Owner: MigrationLead, Why: "No username, address or phone number could be read.", Do: "Map another field, or drop them with a reason."},
	"missing-key":       {ID: "missing-keys", Title: "Records without a key", Weight: Decides, Owner: SourceAdmin, Why: "They could not be recognised when the file comes again.", Do: "Choose a key that everybody has."},
	"region":            {ID: "other-regions", Title: "People of regions that are not kept here", Weight: Decides, Owner: DataProtection, Why: "The mapping pins people to regions, and this environment takes only some.", Do: "Import them where they belong, or say in residency that they may come."},
	"hash-without-user": {ID: "orphan-hashes", Title: "Password hashes of nobody", Weight: Notes, Owner: SourceAdmin, Why: "The two files were not made on one day, or some were deleted between them.", Do: "Export both again on the last day; what is left over then may be forgotten."},
	"duplicate-hash":    {ID: "disputed-hashes", Title: "Two hashes for one person", Weight: Decides, Owner: SourceAdmin, Why: "The file of hashes contradicts itself, so neither is taken.", Do: "Ask which is the newer one."},
}

func (f *finder) credentials(r *Report) {
	p := &r.Passwords
	var broken, unknown, costly int64
	for _, s := range p.Schemes {
		switch s.Portability {
		case Unknown:
			unknown += s.Records
		case Broken:
			broken += s.Records
		case Costly:
			costly += s.Records
		}
	}
	f.add(unknown, Gap{
		ID: "unknown-hashes", Title: "Hashes of no known format", Weight: Blocks, Owner: SourceAdmin,
		Why: "They may need a parameter that is not in the file: a salt's place, a pepper, a project key.", Do: "Find the code that makes them, describe it in the migration's hash, and prove it with: sallyport migrate hashes verify",
	})
	f.add(broken, Gap{
		ID: "broken-hashes", Title: "Hashes that are damaged", Weight: Decides, Owner: SourceAdmin,
		Why: "They are cut off or mangled; perhaps a column is too short, or a spreadsheet was between.", Do: "Export that column again. Who stays so must choose a new password.",
	})
	f.add(costly, Gap{
		ID: "costly-hashes", Title: "Hashes that cost too much to verify", Weight: Decides, Owner: Security,
		Why: "One sign-in would take seconds and a great deal of memory: a few would stop the service.", Do: "Let these people choose a new password.",
	})
	f.add(p.weak(), Gap{
		ID: "weak-hashes", Title: "Hashes that are quickly guessed", Weight: Notes, Owner: Security,
		Why: "Who gets hold of them finds most passwords within days.", Do: "Nothing: they are sealed on the way in, put under Argon2id by a background job, and replaced at the next sign-in.",
	})
	f.passwordless(r)
	f.add(p.Expired, Gap{
		ID: "expired-passwords", Title: "Passwords that the source declared void", Weight: Notes, Owner: Support,
		Why: "Letting them in by such a password would undo somebody's decision.", Do: "They choose a new one by a link to their verified address.",
	})
}

// passwordless tells of who has no hash, and why that may be.
func (f *finder) passwordless(r *Report) {
	p := &r.Passwords
	own := p.Without - p.WithoutElsewhere
	g := Gap{
		ID: "no-passwords", Title: "People without a password in this export", Weight: Decides, Owner: MigrationLead,
		Why: "They cannot be let in by what they know.", Do: "Let them choose one by a link, or check it against the earlier system while they cross.",
	}
	if r.System != nil {
		switch r.System.Hashes {
		case HashesByTicket:
			g.Why = r.System.Title + " hands its hashes out apart, by ticket."
			g.Do, g.Owner = "Ask for them now, and assess again with --hashes.", SourceAdmin
			if p.usable() > 0 {
				g.Do = "Compare with the day on which the hashes were exported: who registered later has none in it."
			}
		case HashesNever:
			g.Why = r.System.Title + " hands out no hashes to anybody."
			g.Do = "Check passwords against it while people cross (connection and jit of the migration); who has not crossed at its end chooses a new one."
		}
	}
	f.add(own, g)
	f.add(r.Ways.Elsewhere, Gap{
		ID: "federated-only", Title: "People who sign in only by another provider", Weight: Blocks, Owner: Applications,
		Why: "Their links are kept. Signing in by another provider is not served yet.", Do: "Let them choose a password by a link to their verified address, or move them when it is.",
	})
}

func (f *finder) factors(r *Report) {
	f.add(r.Factors.Lose, Gap{
		ID: "factors-lost", Title: "People who would lose their only second factor", Weight: Decides, Owner: Security,
		Why: "What they have can never be taken along: push messages, security questions, keys bound to the vendor. Until they enrol another, a password alone lets them in.",
		Do:  "Ask them to add an authenticator app before they cross, or make the journey ask for one at the first sign-in.",
	})
	f.add(r.Factors.Waiting, Gap{
		ID: "factors-waiting", Title: "People whose second factor is kept, but not served yet", Weight: Decides, Owner: Security,
		Why: "Codes by message, call or mail, and counter-based codes, come along as data. Signing in by them is not there yet.", Do: "Move them later, or ask them to add an authenticator app first.",
	})
	for _, p := range r.Passkeys {
		f.passkeys(p)
	}
	for _, k := range r.Factors.Kinds {
		if k.Kind == "security-question" {
			f.add(k.People, Gap{
				ID: "security-questions", Title: "People with security questions", Weight: Notes, Owner: Security,
				Why: "Answers can be found out, so they let nobody in here.", Do: "Tell support: whoever lost everything else is verified by other means.",
			})
		}
	}
}

func (f *finder) passkeys(p Party) {
	named := fmt.Sprintf("Passkeys for %s", p.ID)
	switch p.Reach {
	case Impossible:
		f.add(p.People, Gap{
			ID: "passkeys-of-vendor", Title: named + " end", Weight: Decides, Owner: Communications,
			Why: "They were made for the vendor's host, and browsers offer them nowhere else.", Do: "Ask for a new one after the first sign-in with a password; tell people before.",
		})
	case Related:
		f.add(p.People, Gap{
			ID: "passkeys-related", Title: named + " need a file on that host", Weight: Decides, Owner: Operations,
			Why: "People will sign in on another host. Browsers allow it if https://" + p.ID + "/.well-known/webauthn names that, for as long as the keys are used; Firefox may not.",
			Do:  "Serve the file for good, or sign people in at a host below " + p.ID + ".",
		})
	case Unsaid:
		if p.ID == "" {
			named = "Passkeys of which the export does not say for which host they were made"
		}
		f.add(p.People, Gap{
			ID: "passkeys-unsaid", Title: named, Weight: Notes, Owner: MigrationLead,
			Why: "Whether they can be used depends on the host on which people will sign in.", Do: "Assess with --host, and say the host in the migration's source options if the format asks for it.",
		})
	}
}

func (f *finder) data(r *Report) {
	var unused, sensitive int64
	for _, field := range r.Fields {
		if field.Filled > 0 && !field.Used {
			unused++
		}
		if field.Filled > 0 && field.Personal != "" && field.Keep == "" {
			sensitive++
		}
	}
	f.add(unused, Gap{
		ID: "unmapped-fields", Title: "Fields that the mapping does not mention", Weight: Decides, Owner: DataProtection,
		Why: "What is not mapped does not move. That is good, if somebody decided it.", Do: "For each: move it, keep it behind, or drop it, with the reason (keep and reason in the mapping).",
	})
	f.add(sensitive, Gap{
		ID: "sensitive-fields", Title: "Fields whose names speak of sensitive data", Weight: Decides, Owner: DataProtection,
		Why: "Secrets, payment data, official numbers, dates of birth, places and special categories need a reason to move.", Do: "Decide each with its legal reason before the first run.",
	})
	for _, w := range r.Warnings {
		switch w.Name {
		case "unknown-group":
			f.add(w.Records, Gap{
				ID: "unknown-groups", Title: "Memberships of groups that do not exist here", Weight: Decides, Owner: Applications,
				Why: "Entitlements hang on groups: without them people are refused what they could do.", Do: "Declare the groups, or translate them in the mapping's values.",
			})
		case "left-out":
			f.add(w.Records, Gap{
				ID: "left-out", Title: "Values that made no sense and were left out", Weight: Notes, Owner: MigrationLead,
				Why: "Addresses, phone numbers or dates that cannot be read as such.", Do: "Look at a few in the mapping workbench; a country for phone numbers often mends them.",
			})
		}
	}
	var damaged int64
	for _, t := range r.Texts {
		damaged += t.Records
	}
	f.add(damaged, Gap{
		ID: "damaged-texts", Title: "Texts that were damaged before they were exported", Weight: Notes, Owner: SourceAdmin,
		Why: "Characters were replaced, or encoded twice. Names look wrong to those who bear them.", Do: "Export again with the right encoding; else people can mend their names themselves.",
	})
}
