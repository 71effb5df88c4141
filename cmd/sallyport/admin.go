package main

import (
	"net/http"
	"os"

	"sallyport/service/audit"
	"sallyport/store"
	"sallyport/web/account"
	"sallyport/web/admin"
)

// newAdmin wires the management routes for whoever can open the store.
func (i *installation) newAdmin() http.Handler { return admin.New(i.adminConfig()) }

func (i *installation) adminConfig() admin.Config {
	return admin.Config{
		Registry: i.registry, Audit: i.audit, Prover: i.prover, Ring: i.ring, Authority: i.authority,
		Directory: i.directory, Secrets: i.secrets, Subscribe: i.subscribe, Issue: i.issue, Tally: i.tally, Intake: i.intake, Jobs: i.jobs, Systems: i.jit, SignIn: i.signin, Fetch: i.fetch,
		Vault: i.vault, Messages: i.messages, Points: i.points, Funnel: i.footfall, Cards: i.newCards(), Claims: i.claim, Backup: i.backup, Leave: i.leave, Walks: i.walks, Operators: i.operators, Promotion: i.promotion, Sharing: i.sharing, Debug: i.debugger(), Replayed: i.store,
		Ledger: &audit.Reader{Store: i.store, Now: now},
		Faults: admin.Faults{
			NotFound: store.ErrNotFound, Exists: store.ErrExists, Conflict: store.ErrConflict,
			Invalid: store.ErrInvalid, Unavailable: store.ErrUnavailable,
		},
		Invited: account.InvitedPath, Region: defaultRegion, Version: programVersion(), Spool: i.spoolDir(), Stopping: i.stopping, Now: now, Log: i.log,
	}
}

// spoolDir is where exports lie while they are imported: beside the store,
// which has room for people's data and is private, else where the system says.
func (i *installation) spoolDir() string {
	dir, err := i.location.stateDir()
	if err == nil {
		err = os.MkdirAll(dir, 0o700)
	}
	if err != nil {
		return os.TempDir()
	}
	return dir
}
