package hook

import (
	"net/http"
	"time"

	"sallyport/pure/config"
	"sallyport/service/breaker"
	"sallyport/service/egress"
	"sallyport/store"
)

const (
	// maxCalls is how many calls of a hook a node has under way.
	maxCalls = 32
	// maxTime bounds a call whatever configuration says.
	maxTime = 3 * time.Second
	// maxLines is how many hooks a node may keep connections to; one that was not
	// asked for idleLine is forgotten before there are more.
	maxLines = 256
	idleLine = 10 * time.Minute
	// restTime is how long a hook is left alone that was slow or away too often, before
	// one call tries it: people wait for it, so it is tried again soon.
	restTime = 5 * time.Second
)

// line is a node's way to one hook.
type line struct {
	url     string
	client  *http.Client
	slots   chan struct{}
	breaker breaker.Breaker
	used    time.Time
}

// lineName is whose hook it is.
type lineName struct {
	env  store.EnvironmentID
	name string
}

// line gives the way to a hook. One whose address changed begins anew: it is
// another service.
func (s *Service) line(env store.EnvironmentID, h *config.Hook) *line {
	name, now := lineName{env, h.Name}, s.cfg.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.lines[name]
	if l == nil || l.url != h.URL {
		if l != nil {
			l.client.CloseIdleConnections()
		}
		s.forget(now)
		l = &line{url: h.URL, client: s.client(), slots: make(chan struct{}, maxCalls), breaker: breaker.Breaker{Longest: restTime}}
		s.lines[name] = l
	}
	l.used = now
	return l
}

// forget drops lines that nobody used of late, if there are many. The caller
// holds mu.
func (s *Service) forget(now time.Time) {
	if len(s.lines) < maxLines {
		return
	}
	for name, l := range s.lines {
		if now.Sub(l.used) > idleLine {
			l.client.CloseIdleConnections()
			delete(s.lines, name)
		}
	}
}

// client connects to one address through the guard: a hook is told of customers, so
// whether it may be inside is the installation's word alone.
func (s *Service) client() *http.Client {
	dialer := &egress.Dialer{Host: func(string) bool { return true }, Allowed: s.cfg.Private, Resolver: s.cfg.Resolver, Timeout: maxTime}
	client := dialer.Client(s.cfg.Roots, maxTime)
	if transport, is := client.Transport.(*http.Transport); is {
		transport.DisableCompression = true // what is counted is what came
		transport.MaxConnsPerHost = maxCalls
		transport.MaxIdleConnsPerHost = maxCalls
	}
	return client
}
