// Package redis shares rate counters between nodes. It holds nothing that is
// true elsewhere: every counter may vanish at any moment, and a node that
// cannot reach it counts for itself.
//
// The arithmetic is that of pure/quota. One script reads a counter, decides and
// writes it, so that no two nodes spend the same credit; it works in whole
// microseconds, to which a Lua number is exact, and what it answers is turned
// into a verdict by pure/quota itself.
package redis

import (
	"context"
	"fmt"
	"time"

	"github.com/valkey-io/valkey-go"

	"sallyport/pure/quota"
	"sallyport/store"
)

const (
	dialTimeout = 2 * time.Second
	callTimeout = 250 * time.Millisecond // a limit must not hold up the call that it limits
	prefix      = "sallyport:rate:"
)

// Counters are shared rate counters. They are safe for concurrent use.
type Counters struct {
	client valkey.Client
	spend  *valkey.Lua
	refund *valkey.Lua
}

// Open connects to the server of a redis:// or rediss:// URL. The error wraps
// store.ErrUnavailable if it does not answer, and never repeats the URL, which
// may hold a password.
func Open(ctx context.Context, url string) (*Counters, error) {
	option, err := valkey.ParseURL(url)
	if err != nil {
		return nil, fmt.Errorf("redis: the URL is not of the form redis://[USER:PASSWORD@]HOST:PORT/DATABASE")
	}
	option.DisableCache = true
	option.Dialer.Timeout = dialTimeout
	client, err := valkey.NewClient(option)
	if err != nil {
		return nil, fmt.Errorf("redis: %w: %s", store.ErrUnavailable, firstAddress(option))
	}
	c := &Counters{client: client, spend: valkey.NewLuaScript(spendScript), refund: valkey.NewLuaScript(refundScript)}
	if err := c.Ping(ctx); err != nil {
		client.Close()
		return nil, err
	}
	return c, nil
}

func firstAddress(option valkey.ClientOption) string {
	if len(option.InitAddress) == 0 {
		return "no address"
	}
	return option.InitAddress[0] + " does not answer"
}

// Ping tells whether the server answers; it wraps store.ErrUnavailable.
func (c *Counters) Ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	if err := c.client.Do(ctx, c.client.B().Ping().Build()).Error(); err != nil {
		return fmt.Errorf("redis: %w", store.ErrUnavailable)
	}
	return nil
}

// Close ends the connections.
func (c *Counters) Close() { c.client.Close() }

// spendScript answers how far the counter runs ahead of now, after the call if
// it is allowed, and whether it is. KEYS: the counter. ARGV: now, what one call
// costs, what a full burst costs, calls; times in microseconds.
const spendScript = `
local now, interval, credit, cost = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local ahead = math.min(math.max(tonumber(redis.call('GET', KEYS[1]) or '0') - now, 0), credit)
local price = cost * interval
if ahead + price > credit then return {0, string.format('%.0f', ahead)} end
if cost > 0 then
  ahead = ahead + price
  redis.call('SET', KEYS[1], string.format('%.0f', now + ahead), 'PX', string.format('%.0f', math.ceil(ahead / 1000) + 1000))
end
return {1, string.format('%.0f', ahead)}`

// refundScript gives one call back. KEYS and ARGV as above, without calls.
const refundScript = `
local now, interval, credit = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local ahead = math.min(math.max(tonumber(redis.call('GET', KEYS[1]) or '0') - now, 0), credit)
if ahead == 0 then return 0 end
ahead = math.max(ahead - interval, 0)
redis.call('SET', KEYS[1], string.format('%.0f', now + ahead), 'PX', string.format('%.0f', math.ceil(ahead / 1000) + 1000))
return 0`

// Spend asks the counter of that name for cost calls, as quota.Spend does. An
// error wraps store.ErrUnavailable and means that nothing was spent for certain.
func (c *Counters) Spend(ctx context.Context, name string, limit quota.Limit, now time.Time, cost int) (quota.Verdict, error) {
	if limit.Validate() != nil || cost < 0 || cost > limit.Burst {
		_, verdict := quota.Spend(limit, time.Time{}, now, cost)
		return verdict, nil
	}
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	arguments := append(times(limit, now), fmt.Sprint(cost))
	answer, err := c.spend.Exec(ctx, c.client, []string{prefix + name}, arguments).ToArray()
	if err != nil || len(answer) != 2 {
		return quota.Verdict{}, fmt.Errorf("redis: %w", store.ErrUnavailable)
	}
	allowed, err := answer[0].AsInt64()
	if err != nil {
		return quota.Verdict{}, fmt.Errorf("redis: %w", store.ErrUnavailable)
	}
	ahead, err := answer[1].AsInt64()
	if err != nil {
		return quota.Verdict{}, fmt.Errorf("redis: %w", store.ErrUnavailable)
	}
	arrival := now.Add(time.Duration(ahead) * time.Microsecond)
	if allowed == 1 {
		cost = 0 // it is spent: ask only what remains
	}
	return verdictOf(limit, arrival, now, cost), nil
}

// verdictOf lets pure/quota word the answer. Where it would still allow what
// the script refused, by a fraction of a microsecond, the refusal stands.
func verdictOf(limit quota.Limit, arrival, now time.Time, cost int) quota.Verdict {
	_, verdict := quota.Spend(limit, arrival, now, cost)
	if cost > 0 && verdict.Allowed {
		verdict.Allowed, verdict.RetryAfter = false, time.Microsecond
	}
	return verdict
}

// Refund gives one call back, as quota.Refund does.
func (c *Counters) Refund(ctx context.Context, name string, limit quota.Limit, now time.Time) error {
	if limit.Validate() != nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	if err := c.refund.Exec(ctx, c.client, []string{prefix + name}, times(limit, now)).Error(); err != nil {
		return fmt.Errorf("redis: %w", store.ErrUnavailable)
	}
	return nil
}

// times gives now, the interval and the credit in microseconds, the interval
// rounded up, so that rounding never lets more pass.
func times(limit quota.Limit, now time.Time) []string {
	interval := (limit.Interval() + time.Microsecond - 1) / time.Microsecond
	return []string{
		fmt.Sprint(now.UnixMicro()), fmt.Sprint(int64(interval)), fmt.Sprint(int64(interval) * int64(limit.Burst)),
	}
}
