package admin

import (
	"context"
	"encoding/hex"
	"io"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"sallyport/pure/config"
	"sallyport/service/backup"
	"sallyport/service/environment"
	"sallyport/service/operator"
)

// Backup is a backup of the whole installation.
type Backup struct {
	SHA256   string     `json:"sha256" pattern:"^[0-9a-f]{64}$" doc:"Of its content, as its last line has it"`
	Created  time.Time  `json:"created" doc:"When it held everything"`
	Verified *time.Time `json:"verified,omitempty" doc:"When a copy restored from it was looked through"`
	Schema   int64      `json:"schema" doc:"Number of the schema of its rows"`
	Rows     int64      `json:"rows"`
	By       string     `json:"by,omitempty"`
}

// Backups lists backups.
type Backups struct {
	Version int      `json:"version"`
	Backups []Backup `json:"backups"`
}

// BackupRequest asks for a backup.
type BackupRequest struct {
	Recipients []string `json:"recipients" minItems:"1" maxItems:"16" doc:"Public keys of age, of whoever may open it"`
}

// VerifiedBackup says that a backup was restored and found good.
type VerifiedBackup struct {
	SHA256  string    `json:"sha256" maxLength:"64"`
	Created time.Time `json:"created"`
	Schema  int64     `json:"schema" minimum:"1"`
	Rows    int64     `json:"rows" minimum:"1" doc:"Of all tables"`
	Receipt string    `json:"receipt" maxLength:"64" doc:"In hex, from the end of the backup: whoever has it has read the whole of it"`
	Seen    struct {
		Environments int `json:"environments" minimum:"1"`
		Ledgers      int `json:"ledgers" minimum:"0" doc:"That hold together"`
		Passwords    int `json:"passwords" minimum:"0" doc:"That opened"`
		Factors      int `json:"factors" minimum:"0" doc:"That opened"`
	} `json:"seen" doc:"What was looked at of the copy that was restored"`
}

// everywhere is the whole installation, of which a backup holds all.
var everywhere = operator.Place{}

func (a *api) backupRoutes() {
	route(a, right{operator.MakeBackups, anywhere}, huma.Operation{
		OperationID: "list-backups", Method: http.MethodGet, Path: Prefix + "/backups",
		Summary: "List the newest backups of the installation, and whether each was verified",
	}, func(ctx context.Context, _ *struct{}) (*answer[Backups], error) {
		if err := a.also(ctx, operator.MakeBackups, everywhere); err != nil {
			return nil, err
		}
		list, err := a.cfg.Backup.List(ctx, 100)
		return say(Backups{1, backupsOf(list)}), err
	})
	route(a, right{operator.MakeBackups, anywhere}, huma.Operation{
		OperationID: "create-backup", Method: http.MethodPost, Path: Prefix + "/backups",
		Summary:     "Make a backup of the whole installation, encrypted for its recipients",
		Description: "The answer is the file. One that is cut short is no backup: whoever reads it finds that out by its end.",
		Responses: map[string]*huma.Response{"200": {
			Description: "The file", Content: map[string]*huma.MediaType{octets: {Schema: uploadFile("An age file")}},
		}},
	}, a.createBackup)
	route(a, right{operator.MakeBackups, anywhere}, huma.Operation{
		OperationID: "verify-backup", Method: http.MethodPost, Path: Prefix + "/backups/verified",
		Summary: "Say that a backup was restored elsewhere, looked through and found good",
	}, func(ctx context.Context, in *struct {
		Caller
		Body VerifiedBackup
	},
	) (*answer[Backups], error) {
		if err := a.also(ctx, operator.MakeBackups, everywhere); err != nil {
			return nil, err
		}
		sum := &backup.Sum{Head: backup.Head{Schema: in.Body.Schema, Created: in.Body.Created}, Rows: map[string]int64{"": in.Body.Rows}}
		digest, err := hex.DecodeString(in.Body.SHA256)
		if err != nil || copy(sum.Digest[:], digest) != len(sum.Digest) {
			return nil, problem(RequestInvalid, "sha256 is not a digest in hex")
		}
		if sum.Receipt, err = hex.DecodeString(in.Body.Receipt); err != nil {
			return nil, backup.ErrReceipt
		}
		seen := in.Body.Seen
		if err := a.cfg.Backup.Verified(ctx, in.actor(), sum, backup.Seen{Environments: seen.Environments, Chains: seen.Ledgers, Passwords: seen.Passwords, Factors: seen.Factors}); err != nil {
			return nil, err
		}
		list, err := a.cfg.Backup.List(ctx, 1)
		return say(Backups{1, backupsOf(list)}), err
	})
}

const octets = "application/octet-stream"

func backupsOf(list []backup.Made) []Backup {
	all := []Backup{}
	for _, b := range list {
		one := Backup{SHA256: hex.EncodeToString(b.Digest[:]), Created: b.Created.UTC(), Schema: b.Schema, Rows: b.Rows, By: b.By}
		if !b.Verified.IsZero() {
			at := b.Verified.UTC()
			one.Verified = &at
		}
		all = append(all, one)
	}
	return all
}

func (a *api) createBackup(ctx context.Context, in *struct {
	Caller
	Body BackupRequest
},
) (*huma.StreamResponse, error) {
	if err := a.also(ctx, operator.MakeBackups, everywhere); err != nil {
		return nil, err
	}
	if _, err := backup.Recipients(in.Body.Recipients); err != nil {
		return nil, err
	}
	ctx, release, err := a.attended(ctx)
	if err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(h huma.Context) {
		defer release()
		h.SetHeader("Content-Type", octets)
		_, err := a.cfg.Backup.Create(ctx, in.actor(), in.Body.Recipients, whileAsked{ctx, h.BodyWriter()})
		if err != nil {
			a.cfg.Log.Error("a backup was not completed", "error", err)
			panic(http.ErrAbortHandler) // so that the file ends as what it is: half
		}
	}}, nil
}

// whileAsked writes as long as its context lasts.
type whileAsked struct {
	ctx context.Context
	to  io.Writer
}

func (w whileAsked) Write(b []byte) (int, error) {
	if err := w.ctx.Err(); err != nil {
		return 0, err
	}
	return w.to.Write(b)
}

// backedUp refuses an import where a fresh and verified backup is asked for.
func (a *api) backedUp(ctx context.Context, live *environment.Live, m *config.LiveMigration) error {
	s := live.Snapshot()
	within := m.BackupWithin(live.Protected || s.Tenant.Environments[s.Environment].Protected)
	if within == 0 {
		return nil
	}
	newest, ok, err := a.cfg.Backup.Newest(ctx)
	if err != nil {
		return err
	}
	if !ok || newest.Created.Before(a.cfg.Now().Add(-within)) {
		return problem(NotBackedUp, config.Duration(within).String())
	}
	return nil
}
