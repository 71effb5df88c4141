package intake_test

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sallyport/pure/assess"
	"sallyport/pure/migrate"
	"sallyport/service/intake"
	"sallyport/store"
)

// assessedAt is when the exports of these tests are looked at.
var assessedAt = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func assessed(t testing.TB, s store.Store, file string, change ...func(*intake.Examination)) assess.Report {
	t.Helper()
	plan, problems := migrate.Compile(migrate.Spec{
		Name: "meterman", Key: "no", Hash: migrate.Hash{From: "hash"},
		Fields: []migrate.Field{{From: "login", To: "username"}, {From: "email", To: "email", Verified: "ok"}, {From: "phone", To: "phone"}, {From: "name", To: "name"}, {From: "since", To: "created", Format: "2006-01-02"}},
		Drops:  []migrate.Drop{{Field: "state", Equals: []string{"D"}, Reason: "dormant"}},
	})
	if problems != nil {
		t.Fatal(problems)
	}
	svc := intake.New(intake.Config{Store: s, Now: func() time.Time { return assessedAt }, Rand: rand.Reader, Scratch: t.TempDir()})
	x := intake.Examination{Request: intake.Request{Env: env, Plan: plan, Source: source(file)}, Environment: "harbourlight/preview"}
	for _, c := range change {
		c(&x)
	}
	report, err := svc.Assess(t.Context(), x)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

const assessedHeader = "no,login,email,ok,phone,name,since,state,hash,last_login,tariff\n"

// truth is what a generated export is known to hold.
type truth struct {
	rows, broken, dropped, bcrypt, weak, none, unknown int64
	same, sharing, cased, tagged, families, mixed      int64 // groups; sharing: all that share one address alike
	phones                                             int64
	within30, longer, never                            int64
	year2019                                           int64
}

// crowd writes an export of n people and says what is in it. The first 3,200 rows
// hold what is odd; the others are as people are.
func crowd(n int) (file string, is truth) {
	var out strings.Builder
	out.WriteString(assessedHeader)
	is = truth{same: 500 + 150 + 100, cased: 300, tagged: 200, families: 150, mixed: 100, phones: 80, broken: 300}
	is.sharing = 1000 + 450 + 200
	for i := range n {
		is.rows++
		email, ok, phone, name := fmt.Sprintf("p%d@harbourlight.test", i), "Y", "", fmt.Sprintf("Person %d", i)
		switch {
		case i < 1000:
			email, ok = fmt.Sprintf("same%d@harbourlight.test", i/2), "N"
		case i < 1600:
			email, ok = fmt.Sprintf("%sase%d@harbourlight.test", []string{"C", "c"}[i%2], i/2), "N"
		case i < 2000:
			email = fmt.Sprintf("plus%d%s@harbourlight.test", i/2, []string{"", "+gas"}[i%2])
		case i < 2450:
			email = fmt.Sprintf("family%d@harbourlight.test", (i-2000)/3)
		case i < 2650:
			email, ok, name = fmt.Sprintf("mixed%d@harbourlight.test", i/2), []string{"Y", "N"}[i%2], "One Name"
		case i < 2810:
			phone = fmt.Sprintf("+4420794%05d", i/2)
		case i < 3110:
			fmt.Fprintf(&out, "%d,%s,too,many,values,stand,in,this,row,of,the,export\n", i, email)
			continue
		}
		state, since, last := "A", "2019-05-06", ""
		if i > 4000 && i%1000 == 999 {
			state = "D"
			is.dropped++
		}
		hash := "$2b$10$6ziMlbqD2wzNEyr1qLv5ie3jgZr221HB2rzNRrTx/jD2TK0KVdeu."
		if i%2 == 0 {
			since = "2021-01-02"
		}
		switch i % 3 {
		case 0:
			last = "2026-11-20 08:00:00"
		case 1:
			last = "2024-01-01 08:00:00"
		}
		switch i % 10 {
		case 6:
			hash = "{SSHA}+gKo1ujBaGX2F+lsj6F5llPJq2P99bOAKLr4jg=="
		case 8:
			hash = ""
		case 9:
			hash = "nobody knows what this is"
		}
		fmt.Fprintf(&out, "%d,user%d,%s,%s,%s,%s,%s,%s,%s,%s,green\n", i, i, email, ok, phone, name, since, state, hash, last)
		if state == "A" {
			is.person(hash, last, since)
		}
	}
	return out.String(), is
}

func (is *truth) person(hash, last, since string) {
	switch {
	case hash == "":
		is.none++
	case hash[0] == '$':
		is.bcrypt++
	case hash[0] == '{':
		is.weak++
	default:
		is.unknown++
	}
	switch {
	case last == "":
		is.never++
	case last[3] == '6':
		is.within30++
	default:
		is.longer++
	}
	if since[:4] == "2019" {
		is.year2019++
	}
}

func TestAnExportOfAHundredThousandIsToldExactly(t *testing.T) {
	file, is := crowd(100_000)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	most := uint64(0)
	r := assessed(t, nil, file, func(x *intake.Examination) {
		x.Progress = func(intake.Progress) {
			runtime.ReadMemStats(&after)
			most = max(most, after.HeapInuse)
		}
	})
	got := truth{
		rows: r.Records.Total, dropped: r.Records.Dropped, none: r.Passwords.Without,
		same: r.Duplicates.Same.Groups, sharing: r.Duplicates.Same.Records, cased: r.Duplicates.Case.Groups, tagged: r.Duplicates.PlusTags.Groups,
		families: r.Duplicates.Family.Groups, mixed: r.Duplicates.Mixed.Groups, phones: r.Duplicates.Phones.Groups, never: r.Activity.Never,
	}
	for _, s := range r.Passwords.Schemes {
		switch s.Portability {
		case assess.Verifies:
			got.bcrypt += s.Records
		case assess.Wrapped:
			got.weak += s.Records
		case assess.Unknown:
			got.unknown += s.Records
		}
	}
	for _, h := range r.Held {
		if h.Name == string(migrate.MalformedRow) {
			got.broken = h.Records
		}
	}
	for _, b := range r.Activity.Within {
		if b.Days == 30 {
			got.within30 = b.People
		} else if b.Days == 0 {
			got.longer = b.People
		}
	}
	for _, y := range r.Created {
		if y.Year == 2019 {
			got.year2019 = y.People
		}
	}
	if diff := cmp.Diff(is, got, cmp.AllowUnexported(truth{})); diff != "" {
		t.Error(diff)
	}
	if r.Records.Accepted+r.Records.Held+r.Records.Dropped != r.Records.Total {
		t.Errorf("%+v do not sum to the total", r.Records)
	}
	if grown := most - min(most, before.HeapInuse); grown > 150<<20 {
		t.Errorf("%d MiB were needed", grown>>20)
	}
}

// tight is a store that tells whenever something would write.
type tight struct {
	store.Store
	wrote bool
}

func (s *tight) Write(context.Context, store.EnvironmentID, func(store.Tx) error) error {
	s.wrote = true
	return errors.New("nothing may be written")
}

func TestAnAssessmentWritesNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	s := openAt(t, path)
	importing(t, service(s), export(30))
	digest := func() (sums [][32]byte) {
		for _, end := range []string{"", "-wal"} {
			content, _ := os.ReadFile(path + end)
			sums = append(sums, sha256.Sum256(content))
		}
		return sums
	}
	before, watched := digest(), &tight{Store: s}
	file, _ := crowd(4000)
	scratch := t.TempDir()
	r := assessed(t, watched, file)
	if watched.wrote || !cmp.Equal(before, digest()) {
		t.Error("something was written")
	}
	if left, _ := os.ReadDir(scratch); len(left) > 0 {
		t.Error("files are left")
	}
	if r.Records.Known["imported"] == 0 {
		t.Errorf("the ledger was not looked at: %+v", r.Records)
	}
}

func TestColumnsThatNobodyMappedAreTold(t *testing.T) {
	file, _ := crowd(3500)
	got := map[string]assess.Field{}
	for _, f := range assessed(t, nil, file).Fields {
		got[f.Name] = f
	}
	if f := got["tariff"]; f.Used || f.Filled == 0 || f.Distinct != 1 {
		t.Errorf("%+v", f)
	}
	if f := got["email"]; !f.Used || f.To != "email" {
		t.Errorf("%+v", f)
	}
	if _, told := got["hash"]; told {
		t.Error("a column of secrets is among the fields")
	}
}

func TestTheHashesOfNobodyAreOrphans(t *testing.T) {
	plan, problems := migrate.Compile(migrate.Spec{Name: "orchard", Source: migrate.Source{Format: "auth0"}, Fields: []migrate.Field{{From: "email", To: "email", Verified: "email_verified"}}})
	if problems != nil {
		t.Fatal(problems)
	}
	users := `{"user_id":"auth0|5f01","email":"ana@orchard.test","email_verified":true,"last_login":"2026-11-01T00:00:00Z","nickname":"a","identities":[{"connection":"Users","provider":"auth0","user_id":"5f01","isSocial":false}]}` + "\n" +
		`{"user_id":"google-oauth2|1","email":"ben@orchard.test","identities":[{"connection":"google-oauth2","provider":"google-oauth2","user_id":"1","isSocial":true}]}` + "\n"
	hashes := `{"_id":{"$oid":"5f01"},"passwordHash":"$2b$10$6ziMlbqD2wzNEyr1qLv5ie3jgZr221HB2rzNRrTx/jD2TK0KVdeu."}` + "\n" +
		`{"_id":{"$oid":"5f99"},"passwordHash":"$2b$10$6ziMlbqD2wzNEyr1qLv5ie3jgZr221HB2rzNRrTx/jD2TK0KVdeu."}` + "\n"
	r := assessed(t, nil, users, func(x *intake.Examination) {
		x.Plan = plan
		x.Joined = map[migrate.Input]intake.Source{migrate.HashesInput: source(hashes)}
	})
	if r.Passwords.Orphans != 1 || r.Ways.Password != 1 || r.Ways.Elsewhere != 1 || r.Records.Total != 3 || r.Activity.Known != 1 {
		t.Errorf("%+v %+v %+v", r.Passwords, r.Ways, r.Records)
	}
	if r.System == nil || r.System.Name != "auth0" || len(r.Source.Files) != 2 || r.Source.Files[1].Digest == "" {
		t.Errorf("%+v %+v", r.System, r.Source)
	}
	if len(r.Links) == 0 || r.Links[0].Name == "" {
		t.Errorf("%+v", r.Links)
	}
}
