package storetest

import (
	"errors"

	"sallyport/pure/customer"
	"sallyport/store"
)

// readings tries every method of [store.Reader] that takes an environment,
// with what the world w holds. Each must find nothing in another environment,
// and something in w's own. A method without a reading fails the suite.
func (w world) readings(b *bench, env store.EnvironmentID) map[string]func() (any, error) {
	id := w.person.Customer.ID
	email := w.person.Identifiers[0]
	return with(w.directoryReadings(b, env), map[string]func() (any, error){
		"Revision":           func() (any, error) { return b.Revision(b.ctx, env, 1) },
		"RevisionList":       func() (any, error) { return b.RevisionList(b.ctx, env, 0, 9) },
		"Customer":           func() (any, error) { return b.Customer(b.ctx, env, id) },
		"PersonByIdentifier": func() (any, error) { return b.PersonByIdentifier(b.ctx, env, email.Kind, email.Value) },
		"Identifiers":        func() (any, error) { return b.Identifiers(b.ctx, env, id) },
		"Credential":         func() (any, error) { return b.Credential(b.ctx, env, id) },
		"FindCustomers":      func() (any, error) { return b.FindCustomers(b.ctx, env, store.CustomerPage{Limit: 9}) },
		"WeakCredentials":    func() (any, error) { return b.WeakCredentials(b.ctx, env, customer.ID{}, 9) },
		"Links":              func() (any, error) { return b.Links(b.ctx, env, id) },
		"Factors":            func() (any, error) { return b.Factors(b.ctx, env, id) },
		"Passkeys":           func() (any, error) { return b.Passkeys(b.ctx, env, id) },
		"Passkey":            func() (any, error) { return b.Passkey(b.ctx, env, w.passkey.ID) },
		"PasskeysByHandle":   func() (any, error) { return b.PasskeysByHandle(b.ctx, env, w.passkey.RPID, w.passkey.UserHandle, 9) },
		"RelyingParties":     func() (any, error) { return b.RelyingParties(b.ctx, env, 9) },
		"Journey":            func() (any, error) { return b.Journey(b.ctx, env, w.journey.ID) },
		"Session":            func() (any, error) { return b.Session(b.ctx, env, w.session.ID) },
		"SessionsOf": func() (any, error) {
			found, _, err := b.SessionsOf(b.ctx, env, store.SessionPage{Customer: w.session.Customer, At: at(2), Limit: 9})
			return found, err
		},
		"Grant": func() (any, error) { return b.Grant(b.ctx, env, w.grant.ID) },
		"GrantsOf": func() (any, error) {
			return b.GrantsOf(b.ctx, env, store.GrantPage{Customer: w.grant.Customer, At: at(2), Limit: 9})
		},
		"Consent":           func() (any, error) { return b.Consent(b.ctx, env, id, w.consent.Application, w.consent.Server) },
		"Consents":          func() (any, error) { return b.Consents(b.ctx, env, id) },
		"Walk":              func() (any, error) { return b.Store.Walk(b.ctx, env, "w1") },
		"Walks":             func() (any, error) { return b.Walks(b.ctx, env, 9) },
		"Synthetics":        func() (any, error) { return b.Synthetics(b.ctx, env, "w1", 9) },
		"Keys":              func() (any, error) { return b.Keys(b.ctx, env, "") },
		"Secrets":           func() (any, error) { return b.Secrets(b.ctx, env, "") },
		"Subscriptions":     func() (any, error) { return b.Subscriptions(b.ctx, env, "") },
		"SubscriptionByKey": func() (any, error) { return b.SubscriptionByKey(b.ctx, env, w.subscription.Primary) },
		"AuditChain":        func() (any, error) { return b.AuditChain(b.ctx, env, w.writer, 0, 9) },
		"AuditHeads":        func() (any, error) { return b.AuditHeads(b.ctx, env) },
		"Checkpoints":       func() (any, error) { return b.Checkpoints(b.ctx, env, 9) },
		"Run":               func() (any, error) { return b.Store.Run(b.ctx, env, "meterman", "") },
		"RecordCounts":      func() (any, error) { return b.RecordCounts(b.ctx, env, "meterman") },
		"KnownRecords":      func() (any, error) { return b.KnownRecords(b.ctx, env, "meterman", []string{"a"}) },
		"LedgerRecord":      func() (any, error) { return b.LedgerRecord(b.ctx, env, "meterman", "a") },
		"RecordWays":        func() (any, error) { return b.RecordWays(b.ctx, env, "meterman") },
		"LedgerLines":       func() (any, error) { return b.LedgerLines(b.ctx, env, "meterman", "a") },
		"RecordsOf":         func() (any, error) { return b.RecordsOf(b.ctx, env, "cus_1") },
		"RecordTargets":     func() (any, error) { return b.RecordTargets(b.ctx, env, "meterman") },
		"OperatorRoles":     func() (any, error) { return b.OperatorRoles(b.ctx, env, w.role.Operator) },
		"OperatorLink":      func() (any, error) { return b.OperatorLink(b.ctx, env, w.link.Hash) },
		"Change":            func() (any, error) { return b.Change(b.ctx, env, 1) },
		"ChangeList":        func() (any, error) { return b.ChangeList(b.ctx, env, store.ChangePage{Limit: 9}) },
		"ChangeOf":          func() (any, error) { return b.ChangeOf(b.ctx, env, w.change.Revision) },
		"Approvals":         func() (any, error) { return b.Approvals(b.ctx, env, 1) },
		"RecallsOf":         func() (any, error) { return b.RecallsOf(b.ctx, env, "customers", "sunshare", at(5)) },
		"Recalls":           func() (any, error) { return b.Recalls(b.ctx, env, 1) },
		"VaultSecret":       func() (any, error) { return b.VaultSecret(b.ctx, env, "meterman-db") },
		"VaultSecrets":      func() (any, error) { return b.VaultSecrets(b.ctx, env) },
		"CertificateFile":   func() (any, error) { return b.CertificateFile(b.ctx, env, "ca/key") },
		"CertificateFiles":  func() (any, error) { return b.CertificateFiles(b.ctx, env, "ca") },
		"Lease":             func() (any, error) { return b.Lease(b.ctx, env, lease("", 0).Name) },
		"Backups":           func() (any, error) { return b.Backups(b.ctx, env, 9) },
		"Jobs":              func() (any, error) { return b.Jobs(b.ctx, env, store.JobPage{Limit: 9}) },
		"RivalClaims": func() (any, error) {
			return b.RivalClaims(b.ctx, env, store.RivalPage{Migration: "meterman", Limit: 9})
		},
		"RivalGroup": func() (any, error) { return b.RivalGroup(b.ctx, env, "meterman", "a1") },
		"RivalDecisions": func() (any, error) {
			return b.RivalDecisions(b.ctx, env, store.RivalPage{Migration: "meterman", Limit: 9})
		},
		"RivalDecision": func() (any, error) { return b.RivalDecision(b.ctx, env, "meterman", "a1") },
		"RivalKey":      func() (any, error) { return b.RivalKey(b.ctx, env, "meterman") },
		"Messages":      func() (any, error) { return b.Messages(b.ctx, env, store.MessagePage{Limit: 9}) },
		"Message":       func() (any, error) { return b.Message(b.ctx, env, "m1") },
		"HookEvents":    func() (any, error) { return b.HookEvents(b.ctx, env, store.HookEventPage{Limit: 9}) },
		"HookEvent":     func() (any, error) { return b.HookEvent(b.ctx, env, "h1") },
		"DueHookEvents": func() (any, error) { return b.DueHookEvents(b.ctx, env, "crm", at(9), 9) },
		"FunnelCounts":  func() (any, error) { return b.FunnelCounts(b.ctx, env, store.FunnelPage{}) },
		"DueMessages":   func() (any, error) { return b.DueMessages(b.ctx, env, "email", at(9), 9) },
		"Job":           func() (any, error) { return b.Job(b.ctx, env, "j1") },
		"ScopeUses":     func() (any, error) { uses, _, err := b.ScopeUses(b.ctx, env, "customers"); return uses, err },
		"CountConsents": func() (any, error) {
			n, _, err := b.CountConsents(b.ctx, env, store.ConsentsTo{Server: w.consent.Server, Scope: w.consent.Scopes[0]}, 9)
			return n, err
		},
		"CountByGroups": func() (any, error) { sets, _, err := b.CountByGroups(b.ctx, env, 9); return sets, err },
		"AuditEvents": func() (any, error) {
			events, _, err := b.AuditEvents(b.ctx, env, store.AuditQuery{Limit: 9})
			return events, err
		},
		"AuditTail": func() (any, error) {
			events, _, err := b.AuditTail(b.ctx, env, w.cursor, 9)
			return events, err
		},
		"LedgerRecords": func() (any, error) {
			moves, _, err := b.LedgerRecords(b.ctx, env, store.MovePage{Migration: "meterman", Limit: 9})
			return moves, err
		},
		"Usage": func() (any, error) {
			return b.Usage(b.ctx, env, store.UsageQuery{Subscription: "s1", To: at(99), Limit: 9})
		},
	})
}

// spanning are the methods of readers that belong to the installation.
var spanning = map[string]bool{"Environments": true, "EnvironmentByName": true, "FeedAfter": true}

// writings tries every method of [store.Tx] that names a record, with what the
// world w holds, from another environment. Each must fail with the error, or
// report that it found nothing.
func (w world) writings(b *bench) map[string]func(store.Tx) error {
	conflict, missing := store.ErrConflict, store.ErrNotFound
	want := func(err, want error) error {
		if !errors.Is(err, want) {
			b.Errorf("error is %v, want %v", err, want)
		}
		return nil
	}
	c, id, s := w.person.Customer, w.grant.ID, w.subscription
	s.Version = 1
	return with(w.directoryWritings(b), map[string]func(store.Tx) error{
		"AppendRevision": func(tx store.Tx) error {
			_, err := tx.AppendRevision(b.ctx, revision(1, "x"))
			return want(err, conflict)
		},
		"UpdateCustomer": func(tx store.Tx) error { return want(tx.UpdateCustomer(b.ctx, c), missing) },
		"UseFactor":      func(tx store.Tx) error { return want(tx.UseFactor(b.ctx, w.factor.ID, 9), missing) },
		"DeleteFactor":   func(tx store.Tx) error { return tx.DeleteFactor(b.ctx, w.factor.ID) },
		"DeletePasskey":  func(tx store.Tx) error { return tx.DeletePasskey(b.ctx, w.passkey.ID) },
		"UsePasskey": func(tx store.Tx) error {
			return want(tx.UsePasskey(b.ctx, store.PasskeyUse{ID: w.passkey.ID, Version: 1, SignCount: 9, At: at(2)}), missing)
		},
		"TakenPasskeys": func(tx store.Tx) error {
			taken, err := tx.TakenPasskeys(b.ctx, []store.PasskeyID{w.passkey.ID})
			same(b, taken, nil)
			return err
		},
		"EndJourney":     func(tx store.Tx) error { return want(tx.EndJourney(b.ctx, w.journey.ID, 1), conflict) },
		"RefreshSession": func(tx store.Tx) error { return want(tx.RefreshSession(b.ctx, w.session), missing) },
		"UseSession":     func(tx store.Tx) error { return want(tx.UseSession(b.ctx, w.session.ID, at(2)), missing) },
		"EndSession":     func(tx store.Tx) error { return want(tx.EndSession(b.ctx, w.session.ID, at(2)), missing) },
		"RotateGrant": func(tx store.Tx) error {
			return want(tx.RotateGrant(b.ctx, store.Rotation{Grant: id, Counter: 0, At: at(2), IdleExpires: at(3), Revision: 7}), conflict)
		},
		"RevokeGrant": func(tx store.Tx) error { return want(tx.RevokeGrant(b.ctx, id, at(2), "x"), missing) },
		"RevokeGrantsOf": func(tx store.Tx) error {
			ended, err := tx.RevokeGrantsOf(b.ctx, w.grant.Customer, w.grant.Application, at(2), "x")
			if len(ended) > 0 {
				return errors.New("a grant ended")
			}
			return err
		},
		"DeleteKey":    func(tx store.Tx) error { return tx.DeleteKey(b.ctx, "customers", "k") },
		"DeleteSecret": func(tx store.Tx) error { return tx.DeleteSecret(b.ctx, "payright", "1") },
		"HoldSecrets": func(tx store.Tx) error {
			held, err := tx.HoldSecrets(b.ctx, "payright")
			same(b, held, nil)
			return err
		},
		"PutSubscription": func(tx store.Tx) error { return want(tx.PutSubscription(b.ctx, s), conflict) },
		"DeleteOperatorRole": func(tx store.Tx) error {
			return want(tx.DeleteOperatorRole(b.ctx, w.role), missing)
		},
		"TakeOperatorLink": func(tx store.Tx) error {
			return want(tx.TakeOperatorLink(b.ctx, w.link.Hash), missing)
		},
		"MoveChange": func(tx store.Tx) error { return want(tx.MoveChange(b.ctx, w.change), conflict) },
		"PutApproval": func(tx store.Tx) error {
			return want(tx.PutApproval(b.ctx, store.Approval{Change: 1, Approver: customer.ID(unique())}), conflict)
		},
		"ReturnAttempts": func(tx store.Tx) error { return tx.ReturnAttempts(b.ctx, []store.Attempt{w.attempt}) },
		"ForgetAttempts": func(tx store.Tx) error { return tx.ForgetAttempts(b.ctx, []store.AttemptKey{w.attempt.Key}) },
		"AdvanceRun": func(tx store.Tx) error {
			return want(tx.AdvanceRun(b.ctx, store.Run{Migration: "meterman", ID: "r1", Version: 1}), conflict)
		},
		"PutCredential": func(tx store.Tx) error {
			_ = want(tx.PutCredential(b.ctx, *w.person.Credential), conflict)
			return want(tx.PutCredential(b.ctx, store.Credential{Customer: c.ID}), missing)
		},
		"PutFactor": func(tx store.Tx) error {
			f := w.factor
			_ = want(tx.PutFactor(b.ctx, f), missing) // there is no such customer
			f.Version = 1
			return want(tx.PutFactor(b.ctx, f), conflict)
		},
		"PutJourney": func(tx store.Tx) error {
			j := w.journey
			j.Version = 1
			return want(tx.PutJourney(b.ctx, j), conflict)
		},
		"PutConsent": func(tx store.Tx) error {
			mine := w.consent
			_ = want(tx.PutConsent(b.ctx, mine), missing) // there is no such customer
			mine.Version = 1
			return want(tx.PutConsent(b.ctx, mine), conflict)
		},
		"PutVaultSecret": func(tx store.Tx) error {
			s := vaultSecret("meterman-db")
			s.Version = 1
			return want(tx.PutVaultSecret(b.ctx, s), conflict)
		},
		"DeleteVaultSecret": func(tx store.Tx) error {
			s := vaultSecret("meterman-db")
			s.Version = 1
			return want(tx.DeleteVaultSecret(b.ctx, s), missing)
		},
		"PutCertificateFile": func(tx store.Tx) error {
			f := certificateFile("ca/key")
			f.Sealed = []byte("another")
			return tx.PutCertificateFile(b.ctx, f)
		},
		"DeleteCertificateFiles": func(tx store.Tx) error { return tx.DeleteCertificateFiles(b.ctx, "ca") },
		"TakeLease":              func(tx store.Tx) error { return tx.TakeLease(b.ctx, lease("b", 60), at(0)) },
		"ReleaseLease":           func(tx store.Tx) error { return tx.ReleaseLease(b.ctx, lease("", 0).Name, "a") },
		"PutRivalDecision": func(tx store.Tx) error {
			d := rivalDecision("a1")
			d.Version = 1
			return want(tx.PutRivalDecision(b.ctx, d), conflict)
		},
		"DeleteRivalDecision": func(tx store.Tx) error {
			d := rivalDecision("a1")
			d.Version = 1
			return want(tx.DeleteRivalDecision(b.ctx, d), conflict)
		},
		"RivalsOf": func(tx store.Tx) error {
			stand, err := tx.RivalsOf(b.ctx, "meterman", "x1", []string{"a1"})
			same(b, len(stand.Claims)+len(stand.Decisions), 0)
			return err
		},
		"HasTombstones": func(tx store.Tx) error {
			has, err := tx.HasTombstones(b.ctx, "meterman")
			same(b, has, false)
			return err
		},
		"Tombstones": func(tx store.Tx) error {
			found, err := tx.Tombstones(b.ctx, "meterman", []string{"aa"})
			same(b, len(found), 0)
			return err
		},
		"PutJob": func(tx store.Tx) error {
			j := job("j1", "meterman", 1)
			j.Version = 1
			return want(tx.PutJob(b.ctx, j), conflict)
		},
		"PutMessage": func(tx store.Tx) error {
			m := message("m1", 1)
			m.Version = 1
			return want(tx.PutMessage(b.ctx, m), conflict)
		},
		"PutHookEvent": func(tx store.Tx) error {
			e := hookEvent("h1", c.ID, 1)
			e.Version = 1
			return want(tx.PutHookEvent(b.ctx, e), conflict)
		},
		"ForgetMessages": func(tx store.Tx) error {
			n, err := tx.ForgetMessages(b.ctx, message("m1", 1).Customer, 9)
			same(b, n, 0)
			return err
		},
		"PutWalk":         func(tx store.Tx) error { return tx.PutWalk(b.ctx, store.Walk{ID: "w1", Author: "eve"}) },
		"DeleteWalk":      func(tx store.Tx) error { return tx.DeleteWalk(b.ctx, "w1") },
		"MarkSynthetic":   func(tx store.Tx) error { return want(tx.MarkSynthetic(b.ctx, c.ID, "w2"), missing) },
		"RemoveSynthetic": func(tx store.Tx) error { return want(tx.RemoveSynthetic(b.ctx, c.ID), missing) },
		"HoldConsent": func(tx store.Tx) error {
			_, err := tx.HoldConsent(b.ctx, c.ID, w.consent.Application, w.consent.Server)
			return want(err, missing)
		},
		"DeleteConsent": func(tx store.Tx) error {
			_, err := tx.DeleteConsent(b.ctx, c.ID, w.consent.Application, w.consent.Server, at(2))
			return want(err, missing)
		},
		"SetKeyState": func(tx store.Tx) error {
			return want(tx.SetKeyState(b.ctx, "customers", "k", store.KeyNext, store.KeyCurrent, at(2), at(3)), conflict)
		},
		"TakenIdentifiers": func(tx store.Tx) error {
			taken, err := tx.TakenIdentifiers(b.ctx, w.person.Identifiers)
			same(b, taken, nil)
			return err
		},
		"KnownRecords": func(tx store.Tx) error {
			known, err := tx.KnownRecords(b.ctx, "meterman", []string{"a"})
			same(b, known, nil)
			return err
		},
		"PutIdentifier": func(tx store.Tx) error {
			return want(tx.PutIdentifier(b.ctx, c.ID, w.person.Identifiers[0]), missing)
		},
		"PutFirst": func(tx store.Tx) error {
			i := w.person.Identifiers[0]
			return want(tx.PutFirst(b.ctx, c.ID, store.IdentifierKey{Kind: i.Kind, Value: i.Value}), missing)
		},
		"HoldCustomer": func(tx store.Tx) error {
			_, _, err := tx.HoldCustomer(b.ctx, c.ID)
			return want(err, missing)
		},
		"DeleteIdentifier": func(tx store.Tx) error {
			i := w.person.Identifiers[0]
			return tx.DeleteIdentifier(b.ctx, c.ID, store.IdentifierKey{Kind: i.Kind, Value: i.Value})
		},
		"RemoveCustomer": func(tx store.Tx) error { return want(tx.RemoveCustomer(b.ctx, c.ID, 1), missing) },
		"HoldRun": func(tx store.Tx) error {
			_, err := tx.HoldRun(b.ctx, "meterman")
			return want(err, missing)
		},
		"CountedKeys": func(tx store.Tx) error {
			counted, err := tx.CountedKeys(b.ctx, "meterman", "r1", []string{"b"})
			same(b, counted, nil)
			return err
		},
		"DropRunKeys": func(tx store.Tx) error {
			dropped, err := tx.DropRunKeys(b.ctx, "meterman", "", 9)
			same(b, dropped, 0)
			return err
		},
		"Arrivals": func(tx store.Tx) error {
			keys, err := tx.Arrivals(b.ctx, "meterman", at(0), 9)
			same(b, keys, nil)
			return err
		},
		"EraseRecords": func(tx store.Tx) error {
			erased, err := tx.EraseRecords(b.ctx, "cus_1", at(3))
			same(b, erased, 0)
			return err
		},
		"ErasePersonal": func(tx store.Tx) error {
			n, err := tx.ErasePersonal(b.ctx, "cus_1")
			same(b, n, 0)
			return err
		},
		"ReserveAttempts": func(tx store.Tx) error {
			wait, err := tx.ReserveAttempts(b.ctx, []store.Attempt{w.attempt}, at(0))
			same(b, wait, 0)
			return err
		},
	})
}
