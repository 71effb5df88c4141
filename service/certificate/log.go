package certificate

import (
	"context"
	"log/slog"
	"strings"

	"go.uber.org/zap/zapcore"
)

// bridge writes to slog what certmagic writes to zap.
type bridge struct {
	handler slog.Handler
	fields  []zapcore.Field
}

var _ zapcore.Core = (*bridge)(nil)

// levels are slog's. What is said of every handshake is debugging, and is left out
// before it is made.
var levels = map[zapcore.Level]slog.Level{
	zapcore.InfoLevel: slog.LevelInfo, zapcore.WarnLevel: slog.LevelWarn, zapcore.ErrorLevel: slog.LevelError,
	zapcore.DPanicLevel: slog.LevelError, zapcore.PanicLevel: slog.LevelError, zapcore.FatalLevel: slog.LevelError,
}

// Enabled implements zapcore.LevelEnabler.
func (b *bridge) Enabled(l zapcore.Level) bool {
	level, known := levels[l]
	return known && b.handler.Enabled(context.Background(), level)
}

// With implements zapcore.Core.
func (b *bridge) With(fields []zapcore.Field) zapcore.Core {
	return &bridge{b.handler, append(b.fields[:len(b.fields):len(b.fields)], fields...)}
}

// Check implements zapcore.Core.
func (b *bridge) Check(e zapcore.Entry, ce *zapcore.CheckedEntry) *zapcore.CheckedEntry {
	if b.Enabled(e.Level) {
		return ce.AddCore(e, b)
	}
	return ce
}

// Write implements zapcore.Core.
func (b *bridge) Write(e zapcore.Entry, fields []zapcore.Field) error {
	record := slog.NewRecord(e.Time, levels[e.Level], "certificates: "+e.Message, 0)
	encoded := zapcore.NewMapObjectEncoder()
	for _, list := range [][]zapcore.Field{b.fields, fields} {
		for _, f := range list {
			f.AddTo(encoded)
		}
	}
	for name, value := range encoded.Fields {
		record.AddAttrs(slog.Any(name, speakable(value)))
	}
	return b.handler.Handle(context.Background(), record)
}

// Sync implements zapcore.Core.
func (b *bridge) Sync() error { return nil }

const maxSaid = 500 // bytes of one value

// speakable keeps what must not be told, or is endless, out of the log. certmagic
// writes no key; should a release of it do so, it stays here.
func speakable(value any) any {
	text, is := value.(string)
	switch {
	case !is:
		return value
	case strings.Contains(text, "PRIVATE KEY"):
		return "(hidden)"
	case len(text) > maxSaid:
		return text[:maxSaid] + "…"
	}
	return text
}
