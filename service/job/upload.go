package job

import (
	"bytes"
	"context"
	"crypto/cipher"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"
	"unicode"
	"unicode/utf8"

	"sallyport/pure/migrate"
	"sallyport/service/audit"
	"sallyport/service/intake"
	"sallyport/store"
)

// Request asks for a job.
type Request struct {
	Env       store.EnvironmentID
	Migration string
	Actor     audit.Actor   // who asked
	Retry     *intake.Retry // as of intake.Request
}

// Upload takes the files of a job. It is used by one goroutine.
type Upload struct {
	service *Service
	folder  *folder
	req     Request
	id      string
	aead    cipher.AEAD
	sealed  []byte
	next    uint32
	inputs  []store.JobInput
	started bool
}

// Begin makes room for the files of a job. Close what it gives. [ErrAlone].
func (s *Service) Begin(ctx context.Context, req Request) (*Upload, error) {
	f := s.opened()
	if f == nil {
		return nil, ErrAlone
	}
	raw := make([]byte, 12+keySize)
	if _, err := io.ReadFull(s.cfg.Rand, raw); err != nil {
		return nil, err
	}
	defer clear(raw)
	u := &Upload{service: s, folder: f, req: req, id: "job_" + hex.EncodeToString(raw[:12])}
	var err error
	if u.aead, err = cipherOf(raw[12:]); err != nil {
		return nil, err
	}
	if u.sealed, err = s.cfg.Sealer.Seal(ctx, req.Env, row(u.id), raw[12:]); err != nil {
		return nil, err
	}
	s.mu.Lock()
	s.uploading[u.id] = true
	s.mu.Unlock()
	if err := os.Mkdir(f.of(req.Env, u.id), 0o700); err != nil {
		return nil, errors.Join(err, u.Close())
	}
	return u, nil
}

// row is the name under which a job's key is sealed.
func row(id string) string { return "job/" + id }

// Add keeps one file, of which from gives all; what is packed by gzip is unpacked.
// The name is for people, and whoever sends it chooses it: only its last part is
// kept. Errors are [ErrTooLarge], [ErrNoRoom], those of intake.Unpacked, of from,
// and of the disk, an [*os.PathError].
func (u *Upload) Add(input migrate.Input, name string, from io.Reader) error {
	number := u.next
	u.next++
	file, err := os.OpenFile(u.folder.file(u.req.Env, u.id, number), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	size, sum, err := u.keep(file, number, from)
	if err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err != nil {
		return err
	}
	if uint32(len(u.inputs)) != number {
		return errors.New("a file before this one was not kept")
	}
	u.inputs = append(u.inputs, store.JobInput{Input: string(input), Name: plainName(name), Size: size, SHA256: sum})
	return nil
}

func (u *Upload) keep(file *os.File, number uint32, from io.Reader) (size int64, sum []byte, err error) {
	plain, err := intake.Unpacked(from)
	if err != nil {
		return 0, nil, err
	}
	w := newWriter(chunks{u.aead, u.id, number}, file)
	m := &measure{to: w, hash: sha256.New(), most: u.service.cfg.Most, dir: u.folder.path, reserve: u.service.cfg.Reserve}
	if _, err := io.CopyBuffer(m, plain, make([]byte, chunkSize)); err != nil {
		return 0, nil, err
	}
	return m.size, m.hash.Sum(nil), w.Close()
}

// measure counts and digests what is kept, and ends what would fill the disk.
type measure struct {
	to      io.Writer
	hash    hash.Hash
	size    int64
	most    int64
	dir     string
	reserve int64
	asked   int64 // size at which the disk was last asked, and 1
}

// askRoomEvery is after how many bytes the disk is asked again.
const askRoomEvery = 1 << 20

// reservedPart is which part of a small disk is left free, if that is less than
// what is configured.
const reservedPart = 20

// Write implements io.Writer.
func (m *measure) Write(b []byte) (int, error) {
	if m.size+int64(len(b)) > m.most {
		return 0, fmt.Errorf("%w: %d GiB at most", ErrTooLarge, m.most>>30)
	}
	if m.asked == 0 || m.size >= m.asked-1+askRoomEvery {
		m.asked = m.size + 1
		left, all, err := roomIn(m.dir)
		if err != nil {
			return 0, err
		}
		if kept := min(m.reserve, all/reservedPart); left < kept {
			return 0, fmt.Errorf("%w: %d MiB are free, and %d MiB stay free for others", ErrNoRoom, left>>20, kept>>20)
		}
	}
	m.size += int64(len(b))
	_, _ = m.hash.Write(b) // never fails
	return m.to.Write(b)
}

const maxName = 255

// plainName is the last part of a path, as every store keeps it and every terminal
// shows it.
func plainName(name string) string {
	name = strings.ToValidUTF8(path.Base(strings.ReplaceAll(name, `\`, "/")), string(utf8.RuneError))
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			return utf8.RuneError
		}
		return r
	}, name)
	for len(name) > maxName {
		_, last := utf8.DecodeLastRuneInString(name)
		name = name[:len(name)-last]
	}
	return name
}

// Start queues the job. If the migration's open job is over the same bytes, that
// one goes on instead, and what was uploaded is forgotten; it is an [*OpenError] if
// it is over others.
func (u *Upload) Start(ctx context.Context) (Job, error) {
	if err := errors.Join(syncFolder(u.folder.of(u.req.Env, u.id)), syncFolder(u.folder.path)); err != nil {
		return Job{}, err
	}
	o := options{}
	if u.req.Retry != nil {
		o = options{Retry: true, Reasons: u.req.Retry.Reasons}
	}
	encoded, err := json.Marshal(o)
	if err != nil {
		return Job{}, err
	}
	for try := 0; ; try++ {
		open, err := u.service.newest(ctx, u.req.Env, u.req.Migration, true)
		switch {
		case err == nil && same(open.Inputs, u.inputs) && bytes.Equal(open.Options, encoded):
			return u.service.Resume(ctx, Steer{u.req.Env, u.req.Migration, u.req.Actor})
		case err == nil:
			return Job{}, &OpenError{u.service.shown(open)}
		case !errors.Is(err, store.ErrNotFound):
			return Job{}, err
		}
		made, err := u.put(ctx, encoded)
		if errors.Is(err, store.ErrExists) && try < tries {
			continue // somebody was faster
		}
		return made, err
	}
}

// same tells whether two jobs are over the same bytes.
func same(a, b []store.JobInput) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i].Input != b[i].Input || a[i].Size != b[i].Size || !bytes.Equal(a[i].SHA256, b[i].SHA256) {
			return false
		}
	}
	return true
}

func (u *Upload) put(ctx context.Context, options []byte) (Job, error) {
	s, at := u.service, u.service.cfg.Now()
	j := store.Job{
		ID: u.id, Migration: u.req.Migration, State: store.JobQueued, Node: u.folder.node, Inputs: u.inputs, Sealed: u.sealed,
		Options: options, Operator: string(u.req.Actor), Created: at, Updated: at,
	}
	s.cfg.Crash(BeforeKeep)
	err := s.cfg.Store.Write(ctx, u.req.Env, func(tx store.Tx) error {
		return errors.Join(tx.PutJob(ctx, j), tx.Audit(ctx, s.event(audit.JobQueued, j, u.req.Actor)))
	})
	if err != nil {
		return Job{}, fmt.Errorf("queueing an import of %s: %w", j.Migration, err)
	}
	u.started = true
	s.cfg.Crash(AfterKeep)
	s.stir()
	return s.shown(j), nil
}

// Close forgets the files, unless their job was started.
func (u *Upload) Close() error {
	u.service.mu.Lock()
	delete(u.service.uploading, u.id)
	u.service.mu.Unlock()
	if u.started {
		return nil
	}
	return os.RemoveAll(filepath.Clean(u.folder.of(u.req.Env, u.id)))
}
