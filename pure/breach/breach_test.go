package breach_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"sallyport/pure/breach"
)

// filterOf is the file of some keys.
func filterOf(t testing.TB, keys []breach.Key) []byte {
	t.Helper()
	slices.Sort(keys)
	var file bytes.Buffer
	w := breach.NewWriter(&file)
	for _, k := range keys {
		if err := w.Add(k); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

func opened(t testing.TB, file []byte) *breach.Filter {
	t.Helper()
	f, err := breach.Open(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func has(t testing.TB, f *breach.Filter, k breach.Key) bool {
	t.Helper()
	found, err := f.Has(k)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// drawn are keys of a list that nobody has, the same each time.
func drawn(n int, seed uint64) []breach.Key {
	source := rand.New(rand.NewPCG(seed, 7))
	keys := make([]breach.Key, n)
	for i := range keys {
		keys[i] = breach.Key(source.Uint64())
	}
	return keys
}

func TestEveryKeyOfTheListIsFoundInFilesOfAnySize(t *testing.T) {
	for _, n := range []int{1, 2, 3, 4, 5, 7, 100, 1000, breach.ShardKeys - 1, breach.ShardKeys, breach.ShardKeys + 1, 2*breach.ShardKeys + 1} {
		keys := drawn(n, uint64(n))
		f := opened(t, filterOf(t, slices.Clone(keys)))
		if f.Keys() != uint64(n) {
			t.Errorf("of %d keys it says %d", n, f.Keys())
		}
		if err := f.Verify(); err != nil {
			t.Errorf("of %d keys: %v", n, err)
		}
		for i := 0; i < n; i += max(1, n/300) {
			if !has(t, f, keys[i]) {
				t.Fatalf("of %d keys, number %d is missed", n, i)
			}
		}
		slices.Sort(keys) // the ends of shards above all
		for i := range keys {
			if at := i % (breach.ShardKeys - 1); (at < 2 || at > breach.ShardKeys-4) && !has(t, f, keys[i]) {
				t.Fatalf("of %d keys, number %d in order is missed", n, i)
			}
		}
	}
}

// Neighbours, as a list has that was made to be awkward.
func TestKeysThatAreCloseAreToldApart(t *testing.T) {
	var keys []breach.Key
	for i := range 5000 {
		keys = append(keys, breach.Key(i*2), ^breach.Key(i*2))
	}
	f := opened(t, filterOf(t, slices.Concat(keys, keys, []breach.Key{0, ^breach.Key(0)}))) // twice each
	if f.Keys() != 10_000 {
		t.Errorf("%d keys, want each once", f.Keys())
	}
	wrong := 0
	for i := range 5000 {
		if !has(t, f, breach.Key(i*2)) || !has(t, f, ^breach.Key(i*2)) {
			t.Fatalf("%d is missed", i*2)
		}
		if has(t, f, breach.Key(i*2+1)) {
			wrong++
		}
	}
	if wrong > 3 {
		t.Errorf("%d of 5000 neighbours are taken for keys", wrong)
	}
}

// Measured on as many others as make four hits likely. The draw is always the same.
func TestOneInSixtyFiveThousandOthersIsTakenForOne(t *testing.T) {
	f := opened(t, filterOf(t, drawn(1000, 1))) // small, as a shard is read for each question
	const tries = 1 << 18
	wrong := 0
	for _, k := range drawn(tries, 2) {
		if has(t, f, k) {
			wrong++
		}
	}
	t.Logf("%d of %d", wrong, tries)
	if wrong > 14 { // by chance once in a hundred thousand draws
		t.Errorf("%d of %d are taken for keys, want %d or so", wrong, tries, tries>>16)
	}
}

func TestAKeyTakesNineteenBits(t *testing.T) {
	file := filterOf(t, drawn(breach.ShardKeys, 5))
	if perKey := float64(len(file)) * 8 / breach.ShardKeys; perKey > 19.5 {
		t.Errorf("%.1f bits a key", perKey)
	}
}

func TestOneByteThatIsAnotherIsSeen(t *testing.T) {
	keys := drawn(300, 3)
	file := filterOf(t, slices.Clone(keys))
	for i := range file {
		damaged := slices.Clone(file)
		damaged[i] ^= 1 << (i % 8)
		f, err := breach.Open(bytes.NewReader(damaged), int64(len(damaged)))
		if err == nil {
			err = f.Verify()
			if _, asked := f.Has(keys[0]); !errors.Is(asked, breach.ErrDamaged) {
				t.Fatalf("byte %d: asking says %v", i, asked)
			}
		}
		if !errors.Is(err, breach.ErrDamaged) && !errors.Is(err, breach.ErrFormat) {
			t.Fatalf("byte %d: %v", i, err)
		}
	}
	for i := range file {
		if _, err := breach.Open(bytes.NewReader(file[:i]), int64(i)); err == nil {
			t.Fatalf("cut to %d bytes it opens", i)
		}
	}
	if _, err := breach.Open(bytes.NewReader(file[:100]), int64(len(file))); err == nil {
		t.Error("a file that is shorter than it says opens")
	}
}

func TestAWriterRefusesWhatIsNoFilter(t *testing.T) {
	w := breach.NewWriter(&bytes.Buffer{})
	if err := w.Close(); !errors.Is(err, breach.ErrEmpty) {
		t.Errorf("of nothing: %v", err)
	}
	w = breach.NewWriter(&bytes.Buffer{})
	_ = w.Add(7)
	if err := w.Add(6); !errors.Is(err, breach.ErrOrder) {
		t.Errorf("out of order: %v", err)
	}
	full := errors.New("full")
	w = breach.NewWriter(failing{full})
	if err := errors.Join(w.Add(7), w.Close()); !errors.Is(err, full) {
		t.Errorf("on a full disk: %v", err)
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

func TestListsAreReadAsTheyAreWritten(t *testing.T) {
	digest := fmt.Sprintf("%X", []byte{0x5b, 0xaa, 0x61, 0xe4, 0xc9, 0xb9, 0x3f, 0x3f, 0x06, 0x82, 0x25, 0x0b, 0x6c, 0xf8, 0x33, 0x1b, 0x7e, 0xe6, 0x8f, 0xd8})
	password := breach.KeyOf([]byte("password"))
	tests := []struct {
		name, list string
		form       breach.Form
		want       []breach.Entry
		read       breach.Read
		err        error
	}{
		{"digests with counts, with DOS line ends", digest + ":37359195\r\n" + digest + ":3\r\n", "", []breach.Entry{{password, 37359195}, {password, 3}}, breach.Read{Form: breach.Digests, Lines: 2}, nil},
		{"digests in small letters, without counts, without an end", strings.ToLower(digest), "", []breach.Entry{{password, 0}}, breach.Read{Form: breach.Digests, Lines: 1}, nil},
		{"passwords", "password\n\npassword\n", "", []breach.Entry{{password, 0}, {password, 0}}, breach.Read{Form: breach.Plain, Lines: 2}, nil},
		{"a password with a colon", "password:3", "", []breach.Entry{{breach.KeyOf([]byte("password:3")), 0}}, breach.Read{Form: breach.Plain, Lines: 1}, nil},
		{"a password that is a digest, where it is said to be one", digest, breach.Plain, []breach.Entry{{breach.KeyOf([]byte(digest)), 0}}, breach.Read{Form: breach.Plain, Lines: 1}, nil},
		{"a password among digests", digest + "\npassword", "", []breach.Entry{{password, 0}}, breach.Read{Form: breach.Digests, Lines: 2}, breach.ErrLine},
		{"a count that is none", digest + ":many", breach.Digests, nil, breach.Read{Form: breach.Digests, Lines: 1}, breach.ErrLine},
		{"digests of another kind", digest[:32], breach.Digests, nil, breach.Read{Form: breach.Digests, Lines: 1}, breach.ErrLine},
		{"a line without an end to it", "a\n" + strings.Repeat("b", 200_000) + "\nc", "", []breach.Entry{{breach.KeyOf([]byte("a")), 0}, {breach.KeyOf([]byte("c")), 0}}, breach.Read{Form: breach.Plain, Lines: 3, Passed: 1}, nil},
		{"spaces, which are part of a password", " a \n", "", []breach.Entry{{breach.KeyOf([]byte(" a ")), 0}}, breach.Read{Form: breach.Plain, Lines: 1}, nil},
		{"nothing", "", "", nil, breach.Read{}, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var got []breach.Entry
			read, err := breach.ReadList(strings.NewReader(test.list), test.form, func(e breach.Entry) error { got = append(got, e); return nil })
			if !errors.Is(err, test.err) || read != test.read || !slices.Equal(got, test.want) {
				t.Errorf("got %v, %+v, %v", got, read, err)
			}
			if err != nil && strings.Contains(err.Error(), "password") {
				t.Errorf("the error quotes the list: %v", err)
			}
		})
	}
}

// Whatever stands in a file, opening and asking end with an answer or an error.
func FuzzAFileIsReadWithinItsBounds(f *testing.F) {
	f.Add(filterOf(f, drawn(40, 4)))
	f.Add([]byte("SPBREACH"))
	f.Fuzz(func(t *testing.T, file []byte) {
		filter, err := breach.Open(bytes.NewReader(file), int64(len(file)))
		if err != nil {
			return
		}
		_ = filter.Verify()
		for _, k := range []breach.Key{0, 1 << 63, ^breach.Key(0)} {
			if _, err := filter.Has(k); err != nil && !errors.Is(err, breach.ErrDamaged) {
				t.Fatal(err)
			}
		}
	})
}

func ExampleFilter_Has() {
	keys := []breach.Key{breach.KeyOf([]byte("tractor")), breach.KeyOf([]byte("letmein"))}
	slices.Sort(keys)
	var file bytes.Buffer
	w := breach.NewWriter(&file)
	for _, k := range keys {
		_ = w.Add(k)
	}
	_ = w.Close()

	filter, _ := breach.Open(bytes.NewReader(file.Bytes()), int64(file.Len()))
	fmt.Println(filter.Has(breach.KeyOf([]byte("letmein"))))
	fmt.Println(filter.Has(breach.KeyOf([]byte("a tractor in the rain"))))
	// Output:
	// true <nil>
	// false <nil>
}
