package intake

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"sallyport/pure/migrate"
)

func auth0Plan(t testing.TB) *migrate.Plan {
	t.Helper()
	plan, problems := migrate.Compile(migrate.Spec{
		Name: "orchard", Source: migrate.Source{Format: "auth0"},
		Fields: []migrate.Field{{From: "email", To: "email", Verified: "email_verified"}},
	})
	if problems != nil {
		t.Fatal(problems)
	}
	return plan
}

func given(name, text string) Source {
	return Source{Name: name, Reader: strings.NewReader(text), Size: int64(len(text))}
}

// outcomes reads two files as an import does, and tells what each record becomes.
func outcomes(t interface{ Fatal(...any) }, plan *migrate.Plan, dir string, room int, users, hashes string) []string {
	s := New(Config{Scratch: dir, sortRoom: room})
	req := Request{Plan: plan, Source: given("users", users), Joined: map[migrate.Input]Source{migrate.HashesInput: given("hashes", hashes)}}
	v := &survey{keys: s.newKeyHashes()}
	defer v.close()
	if _, err := s.count(context.Background(), req, v, false); err != nil {
		t.Fatal(err)
	}
	var all []string
	stream := v.stream(req.Source, v.first)
	for {
		at := stream.Position()
		record, err := stream.Next()
		if err == io.EOF {
			break
		}
		if err == nil {
			err = stream.join(&record)
		}
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, told(migrate.Map(plan, record)))
		// From its position on, a stream gives the same record again.
		again, err := v.stream(req.Source, at).Next()
		if err != nil || again.Row != record.Row || again.Input != record.Input {
			t.Fatal("from", at, "it gives", again, err)
		}
	}
	if int64(len(all)) != v.count {
		t.Fatal("the survey counted", v.count, "of", len(all))
	}
	return all
}

// told is an outcome without what depends on the order of lines.
func told(o migrate.Outcome) string {
	hash := ""
	if o.Hash != nil {
		hash = o.Hash.Encode()
	}
	return strings.TrimSpace(fmt.Sprintf("%s %s %s %s %s", o.Key, o.Verdict(), o.Reason(), o.Lacks(), hash))
}

// hashNumber is one of many bcrypt hashes of nothing in particular.
func hashNumber(n int) string {
	return fmt.Sprintf("$2b$10$%021du%s", n, strings.Repeat("u", 31))
}

func userLine(id int) string {
	return fmt.Sprintf(`{"user_id":"auth0|%d","email":"u%d@orchard.test","identities":[{"provider":"auth0","connection":"Users","user_id":"%d"}]}`, id, id, id)
}

func linkedLine(id int) string {
	return fmt.Sprintf(`{"user_id":"github|%d","email":"g%d@orchard.test","identities":[{"provider":"github","connection":"github","user_id":%d},{"provider":"auth0","connection":"Users","user_id":"%d"}]}`, id, id, id, id)
}

func hashLine(id int, hash string) string {
	return fmt.Sprintf(`{"_id":{"$oid":"%d"},"email":"x@orchard.test","passwordHash":"%s"}`, id, hash)
}

// What comes out of the join is what goes in: each user once, with the hash of
// that id; each hash with its user, or by itself. The order of neither file
// matters, nor how much of the index was sorted in memory at once.
func TestTheJoinKeepsEveryRowInAnyOrder(t *testing.T) {
	plan, dir := auth0Plan(t), t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		ids := rapid.SliceOfN(rapid.IntRange(0, 12), 1, 20)
		userIDs, hashIDs := ids.Draw(t, "users"), ids.Draw(t, "hashes")
		var users, hashes []string
		byID := map[int][]string{}
		asked := map[int]bool{}
		for i, id := range userIDs {
			asked[id] = true
			if rapid.Bool().Draw(t, "linked") && i > 0 {
				users = append(users, linkedLine(id))
			} else {
				users = append(users, userLine(id))
			}
		}
		for i, id := range hashIDs {
			hash := hashNumber(rapid.IntRange(0, 2).Draw(t, "hash"))
			byID[id] = append(byID[id], hash)
			hashes = append(hashes, hashLine(id, hash))
			if i > 0 && rapid.IntRange(0, 6).Draw(t, "broken") == 0 {
				hashes = append(hashes, fmt.Sprintf(`{"half":%d`, i))
			}
		}
		want := expectation(users, hashes, userIDs, byID, asked)
		got := outcomes(t, plan, dir, 3, strings.Join(users, "\n"), strings.Join(hashes, "\n"))
		slices.Sort(got)
		// Of damaged rows the key depends on their bytes: they are counted.
		got = slices.DeleteFunc(got, func(s string) bool { return strings.Contains(s, "malformed-row") })
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatal(diff)
		}
		shuffled := outcomes(t, plan, dir, 1<<10, strings.Join(rapid.Permutation(users).Draw(t, "users"), "\n"),
			strings.Join(rapid.Permutation(hashes).Draw(t, "hashes"), "\n"))
		slices.Sort(shuffled)
		shuffled = slices.DeleteFunc(shuffled, func(s string) bool { return strings.Contains(s, "malformed-row") })
		if diff := cmp.Diff(got, shuffled); diff != "" {
			t.Fatalf("in another order: %s", diff)
		}
	})
}

// expectation says the same by looking everything up in maps.
func expectation(users, _ []string, ids []int, byID map[int][]string, asked map[int]bool) []string {
	var all []string
	for i, id := range ids {
		key := fmt.Sprintf("auth0|%d", id)
		if strings.Contains(users[i], "github|") {
			key = fmt.Sprintf("github|%d", id)
		}
		found := byID[id]
		differ := slices.ContainsFunc(found, func(h string) bool { return h != found[0] })
		switch {
		case len(found) == 0:
			all = append(all, key+" accept  no-password")
		case len(found) > migrate.MaxJoint || differ:
			all = append(all, key+" hold duplicate-hash")
		default:
			all = append(all, key+" accept   "+found[0])
		}
	}
	for id, hashes := range byID {
		if asked[id] {
			continue
		}
		for _, hash := range hashes {
			all = append(all, fmt.Sprintf("auth0|%d hold hash-without-user  %s", id, hash))
		}
	}
	slices.Sort(all)
	return all
}

func TestAnIndexLeavesNothingOnDisk(t *testing.T) {
	plan, dir := auth0Plan(t), t.TempDir()
	var users, hashes strings.Builder
	for i := range 2000 {
		fmt.Fprintln(&users, userLine(i))
		fmt.Fprintln(&hashes, hashLine(1999-i, hashNumber(i)))
	}
	got := outcomes(t, plan, dir, 100, users.String(), hashes.String())
	for i, line := range got {
		if want := fmt.Sprintf("auth0|%d accept   %s", i, hashNumber(1999-i)); line != want {
			t.Fatalf("got %q, want %q", line, want)
		}
	}
	if err := Tidy(dir); err != nil {
		t.Error(err)
	}
}

func FuzzTheJoinLosesNothing(f *testing.F) {
	f.Add(userLine(1)+"\n"+linkedLine(2), hashLine(2, hashNumber(1))+"\n"+hashLine(3, hashNumber(2))+"\n{")
	f.Add("\xef\xbb\xbf"+userLine(1)+"\r\n\r\n", "\n\n"+hashLine(1, "")+"\n\x00\n")
	plan, dir := auth0Plan(f), f.TempDir()
	f.Fuzz(func(t *testing.T, users, hashes string) {
		users, hashes = users+"\n"+userLine(1), hashes+"\n"+hashLine(1, hashNumber(7))
		got := outcomes(t, plan, dir, 2, users, hashes)
		lines := func(text string) (n int) {
			for line := range strings.SplitSeq(strings.TrimPrefix(text, "\xef\xbb\xbf"), "\n") {
				if strings.TrimSuffix(line, "\r") != "" || strings.HasSuffix(line, "\r\r") {
					n++
				}
			}
			return n
		}
		if n := lines(users); len(got) < n || len(got) > n+lines(hashes)-1 {
			t.Fatalf("%d records of %d and %d rows", len(got), n, lines(hashes))
		}
	})
}
