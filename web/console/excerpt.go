package console

import (
	"crypto/rand"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"

	"sallyport/service/environment"
)

const (
	// sampleBytes is how much of a file the workbench looks at, and sampleRows how
	// many of its records it shows.
	sampleBytes = 128 << 10
	sampleRows  = 50
	// sampleLife is how long a sample is remembered, and mostSamples how many are, in
	// memory alone: another node, or this one when it was restarted, asks for the file
	// again.
	sampleLife  = 15 * time.Minute
	mostSamples = 32
)

// excerpt is the beginning of somebody's file, for their own session.
type excerpt struct {
	session   [16]byte
	live      *environment.Live
	migration string
	name      string
	content   []byte
	cut       bool // the file goes on
	until     time.Time
}

// excerpts are those that are being looked at. It is safe for concurrent use.
type excerpts struct {
	mu  sync.Mutex
	all map[string]*excerpt
}

// put remembers one, and forgets what is old or too many.
func (s *excerpts) put(one *excerpt, now time.Time) (id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.all == nil {
		s.all = map[string]*excerpt{}
	}
	oldest := ""
	for id, other := range s.all {
		if now.After(other.until) {
			delete(s.all, id)
		} else if oldest == "" || other.until.Before(s.all[oldest].until) {
			oldest = id
		}
	}
	if len(s.all) >= mostSamples {
		delete(s.all, oldest)
	}
	id, one.until = rand.Text(), now.Add(sampleLife)
	s.all[id] = one
	return id
}

// get gives the one of an id to the session whose it is; nil for none.
func (s *excerpts) get(id string, like excerpt, now time.Time) *excerpt {
	s.mu.Lock()
	defer s.mu.Unlock()
	one := s.all[id]
	if one == nil || now.After(one.until) || one.session != like.session || one.live != like.live || one.migration != like.migration {
		return nil
	}
	return one
}

// plainWords say nothing about anybody.
var plainWords = []string{"true", "false", "yes", "no", "active", "disabled", "enabled", "null"}

// masked shows the form of a value and not what it says: of each word the first
// letter, of each number nothing.
func masked(value string) string {
	value = strings.TrimSpace(strings.ToValidUTF8(value, "\uFFFD"))
	if slices.Contains(plainWords, strings.ToLower(value)) || value == "" {
		return value
	}
	var b strings.Builder
	within, n := false, 0
	for _, r := range value {
		if n++; n > 40 {
			b.WriteString("…")
			break
		}
		switch {
		case unicode.IsDigit(r):
			b.WriteByte('#')
			within = true
		case unicode.IsLetter(r) && !within:
			b.WriteRune(r)
			within = true
		case unicode.IsLetter(r):
			b.WriteRune('•')
		case unicode.IsControl(r):
			b.WriteRune('\uFFFD')
			within = false
		default:
			b.WriteRune(r)
			within = false
		}
	}
	return b.String()
}
