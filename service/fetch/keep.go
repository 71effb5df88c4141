package fetch

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"sallyport/service/environment"
	"sallyport/store"
)

const (
	keptFor  = 24 * time.Hour // a complete file that nobody imported
	maxPiece = 16 << 20       // bytes of a sealed part
	idBytes  = 16
)

// A kept file is
//
//	id, 16 bytes ‖ ( length, 4 bytes ‖ sealed part )*
//
// Each part is sealed as the n-th of the fetch that has the id, so none can be taken
// out, put elsewhere, or taken from another fetch. What a crash left of one is cut off.

// Kept is a complete file of this server's.
type Kept struct {
	Lines int64
	s     *Service
	ctx   context.Context
	env   store.EnvironmentID
	name  string
	path  string
}

// Progress tells how many lines were fetched so far.
type Progress func(lines int64)

// Keep fetches into this server's spool, or goes on where an earlier call stopped, or
// gives what is complete already. fresh begins anew. Errors are those of
// [Service.Read], [ErrBusy], [ErrKept] and of the disk. Whoever has a Kept has it alone
// until Release.
func (s *Service) Keep(ctx context.Context, live *environment.Live, r Request, fresh bool, progress Progress) (*Kept, error) {
	name := strconv.FormatInt(int64(live.ID), 10) + "-" + r.Migration.Name
	if !s.busy.enter(name) {
		return nil, ErrBusy
	}
	k := &Kept{s: s, ctx: context.WithoutCancel(ctx), env: live.ID, name: name, path: filepath.Join(s.cfg.Dir, "fetch-"+name+".sealed")}
	err := k.complete(ctx, r, fresh, progress)
	if err != nil {
		s.busy.leave(name)
		return nil, err
	}
	return k, nil
}

// Release lets others fetch; forget removes the file.
func (k *Kept) Release(forget bool) error {
	defer k.s.busy.leave(k.name)
	if !forget {
		return nil
	}
	if err := os.Remove(k.path); err != nil {
		return fmt.Errorf("removing a fetched file: %w", err)
	}
	return nil
}

// complete makes the file so.
func (k *Kept) complete(ctx context.Context, r Request, fresh bool, progress Progress) error {
	if info, err := os.Stat(k.path); err == nil && (fresh || k.s.cfg.Now().Sub(info.ModTime()) > keptFor) {
		if err := os.Remove(k.path); err != nil {
			return fmt.Errorf("removing an old fetch: %w", err)
		}
	}
	file, err := own(k.path)
	if err != nil {
		return fmt.Errorf("keeping a fetch: %w", err)
	}
	defer file.Close()
	w := &writer{kept: k, file: file}
	done, err := w.resume()
	if err != nil {
		return err
	}
	k.Lines = w.lines
	if done {
		return nil
	}
	r.From, r.Identity = w.next, w.identity
	err = k.s.Read(ctx, r, func(p Part) error {
		if err := w.add(p); err != nil {
			return err
		}
		k.Lines = w.lines
		if progress != nil {
			progress(w.lines)
		}
		return nil
	})
	return err
}

// own opens a file that this server made, or makes it. What stands there of somebody
// else's making, such as a link that leads elsewhere, is not followed: the name can be
// guessed, and the folder may be one that others write in.
func own(path string) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if !errors.Is(err, fs.ErrExist) {
		return file, err
	}
	before, err := os.Lstat(path)
	if err != nil {
		return nil, err
	}
	if !before.Mode().IsRegular() || before.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("%w: %s is not a file of this server's", ErrKept, filepath.Base(path))
	}
	if file, err = os.OpenFile(path, os.O_RDWR, 0); err != nil {
		return nil, err
	}
	if now, err := file.Stat(); err != nil || !os.SameFile(before, now) {
		return nil, errors.Join(ErrKept, err, file.Close())
	}
	return file, nil
}

// Reader gives the file as the system would have written it. Errors wrap [ErrKept]; one
// that is not complete gives no end, but an error.
func (k *Kept) Reader() io.Reader {
	out, in := io.Pipe()
	go func() {
		file, err := os.Open(k.path)
		if err == nil {
			defer file.Close()
			done := false
			_, err = k.parts(bufio.NewReader(file), func(p *Part, _ int64) error {
				done = done || p.Done
				_, err := in.Write(p.Data)
				return err
			})
			if err == nil && !done {
				err = fmt.Errorf("%w: it is not complete", ErrKept)
			}
		}
		_ = in.CloseWithError(err)
	}()
	return out
}

// parts reads the parts that are whole, and tells the id of the fetch. end is where
// each ends.
func (k *Kept) parts(from io.Reader, each func(p *Part, end int64) error) (id []byte, err error) {
	id = make([]byte, idBytes)
	if _, err := io.ReadFull(from, id); err != nil {
		return nil, nil // nothing was kept yet
	}
	end := int64(idBytes)
	for n := 0; ; n++ {
		var length [4]byte
		if _, err := io.ReadFull(from, length[:]); err != nil {
			return id, nil
		}
		size := binary.BigEndian.Uint32(length[:])
		if size > maxPiece {
			return id, ErrKept
		}
		sealed := make([]byte, size)
		if _, err := io.ReadFull(from, sealed); err != nil {
			return id, nil
		}
		p, err := k.open(id, n, sealed)
		if err != nil {
			return id, err
		}
		end += 4 + int64(size)
		if err := each(p, end); err != nil {
			return id, err
		}
	}
}

// row is the associated data of a part.
func (k *Kept) row(id []byte, n int) string {
	return "fetch/" + k.name + "/" + hex.EncodeToString(id) + "/" + strconv.Itoa(n)
}

func (k *Kept) open(id []byte, n int, sealed []byte) (*Part, error) {
	packed, err := k.s.cfg.Sealer.Open(k.ctx, k.env, k.row(id, n), sealed)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrKept, err)
	}
	unpacked, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrKept, err)
	}
	var p Part
	if err := json.NewDecoder(unpacked).Decode(&p); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrKept, err)
	}
	return &p, nil
}

func (k *Kept) seal(id []byte, n int, p Part) ([]byte, error) {
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	if err := errors.Join(json.NewEncoder(w).Encode(p), w.Close()); err != nil {
		return nil, fmt.Errorf("packing a part: %w", err)
	}
	return k.s.cfg.Sealer.Seal(k.ctx, k.env, k.row(id, n), packed.Bytes())
}

// writer adds parts to a file.
type writer struct {
	kept     *Kept
	file     *os.File
	id       []byte
	n        int
	end      int64
	lines    int64
	identity string
	next     []byte

	safe struct { // behind the last part that had a cursor
		n     int
		end   int64
		lines int64
	}
}

// resume finds where the file goes on, and cuts off what is behind that.
func (w *writer) resume() (done bool, err error) {
	w.id, err = w.kept.parts(bufio.NewReader(w.file), func(p *Part, end int64) error {
		w.n++
		w.end, w.identity = end, p.Identity
		w.lines += p.Lines
		done = done || p.Done
		w.settle(p)
		return nil
	})
	if err != nil || done {
		return done, err
	}
	if w.id == nil || w.next == nil { // from the beginning, as another fetch
		w.id, w.identity, w.next = make([]byte, idBytes), "", nil
		if _, err := rand.Read(w.id); err != nil {
			return false, fmt.Errorf("naming a fetch: %w", err)
		}
		if err := w.file.Truncate(0); err != nil {
			return false, fmt.Errorf("keeping a fetch: %w", err)
		}
		if _, err := w.file.WriteAt(w.id, 0); err != nil {
			return false, fmt.Errorf("keeping a fetch: %w", err)
		}
		w.safe.n, w.safe.end, w.safe.lines = 0, idBytes, 0
	}
	return false, w.back()
}

// settle notes a part that stands for everything before it.
func (w *writer) settle(p *Part) {
	if len(p.Next) > 0 {
		w.next = p.Next
		w.safe.n, w.safe.end, w.safe.lines = w.n, w.end, w.lines
	}
}

// back forgets what came behind the last cursor.
func (w *writer) back() error {
	w.n, w.end, w.lines = w.safe.n, w.safe.end, w.safe.lines
	if err := w.file.Truncate(w.end); err != nil {
		return fmt.Errorf("keeping a fetch: %w", err)
	}
	return nil
}

// add appends a part, durably.
func (w *writer) add(p Part) error {
	if p.Rewind {
		return w.back()
	}
	sealed, err := w.kept.seal(w.id, w.n, p)
	if err != nil {
		return err
	}
	piece := append(binary.BigEndian.AppendUint32(nil, uint32(len(sealed))), sealed...)
	if _, err := w.file.WriteAt(piece, w.end); err != nil {
		return fmt.Errorf("keeping a fetch: %w", err)
	}
	if err := w.file.Sync(); err != nil {
		return fmt.Errorf("keeping a fetch: %w", err)
	}
	w.n++
	w.end += int64(len(piece))
	w.lines += p.Lines
	w.settle(&p)
	return nil
}

// under is the migrations for which something is fetched now.
type under struct {
	mu  sync.Mutex
	all map[string]bool
}

func (u *under) enter(name string) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.all[name] {
		return false
	}
	if u.all == nil {
		u.all = map[string]bool{}
	}
	u.all[name] = true
	return true
}

func (u *under) leave(name string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	delete(u.all, name)
}
