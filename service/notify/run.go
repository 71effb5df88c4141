package notify

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"sallyport/pure/config"
	"sallyport/pure/message"
	"sallyport/service/environment"
	"sallyport/store"
)

const (
	// slots is how many messages of one channel of an environment a node sends at once.
	slots = 8
	// Grace is how much longer a node keeps a message than its sender has time for:
	// what the clocks of nodes may differ by.
	Grace = 30 * time.Second
	// goodbye is how long what is under way may take once the service is to end.
	goodbye = 10 * time.Second
)

// Run sends what is due until ctx ends, and then waits for what is under way, for
// ten seconds at most. It always returns nil or the error of ctx.
func (s *Service) Run(ctx context.Context) error {
	// What is under way when ctx ends is finished: an answer that nobody waits for is
	// one that nobody knows.
	sending, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	var under sync.WaitGroup
	for {
		s.agenda.looked(s.cfg.Now())
		s.round(ctx, sending, &under)
		pause := time.NewTimer(s.agenda.pause(s.cfg.Now(), jittered(s.cfg.Every, s.cfg.Rand)))
		select {
		case <-ctx.Done():
			pause.Stop()
			timer := time.AfterFunc(goodbye, stop)
			under.Wait()
			timer.Stop()
			return nil
		case <-pause.C:
		case <-s.wake:
			pause.Stop()
		}
	}
}

// round takes what is due of every environment and has it sent.
func (s *Service) round(ctx, sending context.Context, under *sync.WaitGroup) {
	for _, live := range s.cfg.Environments() {
		snapshot := live.Snapshot()
		if snapshot == nil || len(snapshot.Senders) == 0 {
			continue
		}
		for _, channel := range message.Channels() {
			if ctx.Err() != nil {
				return
			}
			p := place{live.ID, channel}
			free := s.free(p)
			if free == 0 {
				continue
			}
			taken, err := s.take(ctx, live, snapshot, channel, free)
			if err != nil && ctx.Err() == nil {
				s.cfg.Log.WarnContext(ctx, "the outbox cannot be read or written; it is tried again", "environment", live.Name, "error", err)
			}
			for _, t := range taken {
				s.occupy(p, 1)
				under.Go(func() {
					defer s.Wake()
					defer s.occupy(p, -1)
					s.send(sending, t)
				})
			}
		}
	}
}

func (s *Service) free(p place) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return max(0, slots-s.busy[p])
}

func (s *Service) occupy(p place, by int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.busy[p] += by; s.busy[p] == 0 {
		delete(s.busy, p)
	}
}

// task is a message that this node has.
type task struct {
	live     *environment.Live
	snapshot *config.Snapshot
	row      store.Message
	content  content
	kind     message.Kind
	sender   *config.LiveSender
}

// take makes messages this node's, and ends those that nobody is to get any more.
func (s *Service) take(ctx context.Context, live *environment.Live, snapshot *config.Snapshot, channel message.Channel, most int) ([]task, error) {
	rows, err := s.cfg.Store.DueMessages(ctx, live.ID, string(channel), s.cfg.Now(), most)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	tasks := make([]task, len(rows))
	for i, row := range rows {
		tasks[i] = s.task(ctx, live, snapshot, row)
	}
	s.cfg.Crash(BeforeTake)
	var taken []task
	err = s.cfg.Store.Write(ctx, live.ID, func(tx store.Tx) error {
		taken = taken[:0]
		for _, t := range tasks {
			event, ended := s.told(t.row)
			err := tx.PutMessage(ctx, t.row)
			if errors.Is(err, store.ErrConflict) { // another node has it
				continue
			}
			if err == nil && ended {
				err = tx.Audit(ctx, event)
			}
			if err != nil {
				return err
			}
			if t.row.State == store.MessageSending {
				t.row.Version++
				taken = append(taken, t)
			}
			if t.row.State == store.MessageQueued {
				s.agenda.retry(t.row.Due)
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("taking messages: %w", err)
	}
	s.cfg.Crash(AfterTake)
	return slices.Clip(taken), nil
}

// task decides what becomes of a message that is due: its row is as it is to be.
func (s *Service) task(ctx context.Context, live *environment.Live, snapshot *config.Snapshot, row store.Message) task {
	t := task{live: live, snapshot: snapshot, row: row}
	now := s.cfg.Now()
	var err error
	if len(row.Sealed) == 0 { // it was worth nothing any more, and was taken out
		t.end(store.MessageDropped, Expired, now)
		return t
	}
	t.content, err = s.open(ctx, live.ID, row)
	kind, known := message.Lookup(message.Name(row.Template))
	t.kind, t.row.Updated = kind, now
	if t.sender = snapshot.SenderOf(message.Channel(row.Channel), t.content.Brand); t.sender != nil {
		t.row.Sender = t.sender.Name
	}
	switch {
	case err != nil || !known:
		t.end(store.MessageFailed, Unreadable, now)
	case t.content.Nobody:
		t.end(store.MessageDropped, Nobody, now)
	case t.late(now):
		t.end(store.MessageDropped, Expired, now)
	case t.sender == nil:
		t.postpone(outcome{reason: NoSender}, now)
	case row.State == store.MessageSending && !t.repeatable():
		// Whoever had it is gone, and may have sent it.
		t.end(store.MessageFailed, Interrupted, now)
	default:
		t.row.State, t.row.Attempts = store.MessageSending, row.Attempts+1
		t.row.Due = now.Add(t.sender.Timeout.Std() + Grace)
	}
	return t
}

// late tells whether the message is worth nothing any more.
func (t *task) late(now time.Time) bool {
	return !t.content.Until.IsZero() && !now.Before(t.content.Until)
}

// repeatable tells whether a message may be handed over again although nobody knows
// whether it was: to those who know it by its id, and where twice does no harm.
func (t *task) repeatable() bool { return !t.kind.Secret || t.sender.Via != config.ViaSMTP }
