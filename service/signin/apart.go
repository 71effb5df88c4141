package signin

import (
	"context"

	"sallyport/pure/journey"
	"sallyport/service/code"
	"sallyport/store"
)

// PhoneFirst: the number that is to be a second factor got the first code.
const PhoneFirst journey.Problem = "phone-first"

// noteFirst keeps at which number the code arrives that is the first proof. It stands in
// the row of the journey, so that no second code comes there.
func (r *run) noteFirst(a addressee) {
	if r.state.Proven() {
		return
	}
	if r.saved.First = ""; a.channel == code.SMS || a.channel == code.Voice {
		r.saved.First = a.id.Value
	}
}

// apart tells whether a second factor must not arrive where the first did. Who registers
// chooses a password besides, by which they sign in from then on, and may have no other
// phone; their session says one factor all the same.
func (r *run) apart() bool {
	chooses := r.journey.Purpose() == journey.Registration && r.journey.Asks(journey.NewPassword)
	return r.saved.First != "" && !chooses
}

// reaches tells whether a number is texted or called here.
func (r *run) reaches(number string) bool { return code.Reaches(r.snapshot, r.cfg.Region, number) }

// reachedBy is the phone that gets a code in a way.
func reachedBy(own map[int]store.Factor, by journey.Proof) (f store.Factor, has bool) {
	f, has = own[textSlot]
	if called, alone := own[callSlot]; alone && by == journey.ByCall {
		return called, true
	}
	return f, has
}

// beside tells whether a phone can be reached in a way, and is not that at which the first
// code arrived. One whose number cannot be read may be that.
func (r *run) beside(ctx context.Context, own map[int]store.Factor, by journey.Proof) bool {
	f, has := reachedBy(own, by)
	if !has || !r.apart() {
		return has
	}
	number, err := r.numberOf(ctx, f)
	if err != nil {
		r.cfg.Log.Error("a second factor cannot be read", "environment", r.live.ID, "customer", f.Customer, "error", err)
	}
	return err == nil && number != r.saved.First
}

// provedAll tells whether a session proves as much as its customer can: two factors; of
// whoever has no password, the second factor behind a first that arrived elsewhere.
func (r *run) provedAll(ctx context.Context) (bool, error) {
	if r.current.TwoFactors() {
		return true, nil
	}
	has, err := r.credential(ctx)
	if err != nil || has.Version > 0 {
		return false, err
	}
	sent := 0
	for _, method := range r.current.Session.Methods {
		switch method {
		case "otp", "swk", "hwk", "mfa":
			return true, nil
		case "email", "sms", "tel":
			sent++
		}
	}
	return sent > 1, nil
}

// wantsPassword tells whether a password has to be one of the two factors that are wanted:
// they have one, and what a code proves that was sent is none beside another.
func (r *run) wantsPassword(ctx context.Context) (bool, error) {
	if !r.ticket.Two {
		return false, nil
	}
	has, err := r.credential(ctx)
	return has.Version > 0, err
}
