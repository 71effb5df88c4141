package signin

import (
	"context"
	"fmt"

	"sallyport/pure/message"
	"sallyport/service/audit"
	"sallyport/service/environment"
	"sallyport/store"
)

// RemoveQuestions takes the customer's security questions away; none is no error.
// [ErrNotFresh].
func (s *Service) RemoveQuestions(ctx context.Context, live *environment.Live, current *Current, v Visit) error {
	r, err := s.own(ctx, live, current, v)
	if err != nil {
		return err
	}
	if err := r.recent(ctx, FreshFor); err != nil {
		return err
	}
	f, err := r.factor(ctx, store.FactorAnswers)
	if f == nil || err != nil {
		return err
	}
	err = r.writeTold(ctx, message.AnswersRemoved, func(tx store.Tx) error {
		if err := tx.DeleteFactor(ctx, f.ID); err != nil {
			return err
		}
		return tx.Audit(ctx, r.factorEvent(audit.FactorRemoved, factorDetail{Kind: f.Kind}))
	})
	if err != nil {
		return fmt.Errorf("removing security questions: %w", err)
	}
	return nil
}
