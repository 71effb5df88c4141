package keyring_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"

	"sallyport/service/keyring"
	"sallyport/store"
)

func TestASealedValueOpensOnlyWhereItWasSealed(t *testing.T) {
	w := newWorld(t)
	plain := []byte("seed of a factor")
	sealed, err := w.master.Seal(w.ctx, 2, "factor/7", plain)
	w.must(err)
	again, err := w.master.Seal(w.ctx, 2, "factor/7", plain)
	w.must(err)
	if bytes.Equal(sealed, again) || bytes.Contains(sealed, plain) {
		t.Error("sealing shows what is sealed")
	}
	if opened, err := w.master.Open(w.ctx, 2, "factor/7", sealed); err != nil || !bytes.Equal(opened, plain) {
		t.Fatalf("%q, %v", opened, err)
	}
	other, err := keyring.GenerateMaster(io.Discard)
	w.must(err)
	for _, test := range []struct {
		name   string
		master *keyring.Master
		env    store.EnvironmentID
		row    string
		sealed []byte
	}{
		{"another environment", w.master, 3, "factor/7", sealed},
		{"an environment and row that read the same", w.master, 22, "/factor/7", sealed},
		{"another row", w.master, 2, "factor/8", sealed},
		{"another kind of row", w.master, 2, "credential/7", sealed},
		{"another master key", other, 2, "factor/7", sealed},
		{"one byte less", w.master, 2, "factor/7", sealed[:len(sealed)-1]},
		{"nothing", w.master, 2, "factor/7", nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			opened, err := test.master.Open(w.ctx, test.env, test.row, test.sealed)
			w.is(err, keyring.ErrMaster)
			if opened != nil {
				t.Errorf("opened %q", opened)
			}
		})
	}
	for i := range sealed {
		changed := bytes.Clone(sealed)
		changed[i] ^= 1
		if _, err := w.master.Open(w.ctx, 2, "factor/7", changed); err == nil {
			t.Errorf("byte %d may change", i)
		}
	}
}

func TestAMasterKeySurvivesItsFileAndShowsItselfNowhere(t *testing.T) {
	w := newWorld(t)
	var file bytes.Buffer
	made, err := keyring.GenerateMaster(&file)
	w.must(err)
	read, err := keyring.OpenMaster(file.Bytes())
	w.must(err)
	sealed, err := made.Seal(w.ctx, 1, "row", []byte("value"))
	w.must(err)
	if opened, err := read.Open(w.ctx, 1, "row", sealed); err != nil || string(opened) != "value" {
		t.Fatalf("%q, %v", opened, err)
	}

	var set struct {
		Key []struct{ KeyData struct{ Value []byte } }
	}
	w.must(json.Unmarshal(file.Bytes(), &set))
	raw := set.Key[0].KeyData.Value
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "master", read)
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "master", read)
	//lint:ignore SA9005 that it shows nothing is what is tested
	encoded, _ := json.Marshal(read)
	shown := log.String() + string(encoded)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		text := fmt.Sprintf(verb, read)
		if text != "keyring.Master(hidden)" {
			t.Errorf("%s shows %s", verb, text)
		}
		shown += text
	}
	if strings.Contains(shown, base64.StdEncoding.EncodeToString(raw)) || strings.Contains(shown, string(raw)) {
		t.Errorf("shown: %s", shown)
	}
}

func TestWhatIsNoMasterKeyIsRefusedWithoutRepeatingIt(t *testing.T) {
	w := newWorld(t)
	var file bytes.Buffer
	_, err := keyring.GenerateMaster(&file)
	w.must(err)
	for _, text := range []string{"", "hunter2", "{}", `{"primaryKeyId":1,"key":[]}`, file.String()[:file.Len()/2], strings.ReplaceAll(file.String(), "AesGcmKey", "HmacKey")} {
		_, err := keyring.OpenMaster([]byte(text))
		w.is(err, keyring.ErrMaster)
		if len(err.Error()) > 60 {
			t.Errorf("error tells: %v", err)
		}
	}
}
