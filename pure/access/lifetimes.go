package access

import (
	"encoding/json"
	"time"
)

// lifetimesJSON is the JSON form of [Lifetimes], in seconds as in RFC 6749 §5.1.
type lifetimesJSON struct {
	Access  int64 `json:"access"`
	Refresh int64 `json:"refresh"`
	Idle    int64 `json:"idle"`
}

// MarshalJSON gives whole seconds, rounded down so that nothing outlives its rule.
func (l Lifetimes) MarshalJSON() ([]byte, error) {
	return json.Marshal(lifetimesJSON{
		Access:  int64(l.Access / time.Second),
		Refresh: int64(l.Refresh / time.Second),
		Idle:    int64(l.Idle / time.Second),
	})
}

// UnmarshalJSON reads what [Lifetimes.MarshalJSON] writes.
func (l *Lifetimes) UnmarshalJSON(data []byte) error {
	var seconds lifetimesJSON
	if err := json.Unmarshal(data, &seconds); err != nil {
		return err
	}
	l.Access = time.Duration(seconds.Access) * time.Second
	l.Refresh = time.Duration(seconds.Refresh) * time.Second
	l.Idle = time.Duration(seconds.Idle) * time.Second
	return nil
}

// or fills what is zero from other.
func (l Lifetimes) or(other Lifetimes) Lifetimes {
	if l.Access == 0 {
		l.Access = other.Access
	}
	if l.Refresh == 0 {
		l.Refresh = other.Refresh
	}
	if l.Idle == 0 {
		l.Idle = other.Idle
	}
	return l
}
