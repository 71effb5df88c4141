package signin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"sallyport/protocol/passhash"
	"sallyport/pure/config"
	"sallyport/pure/journey"
	"sallyport/pure/message"
	"sallyport/service/audit"
	"sallyport/store"
)

// Problems of security questions.
const (
	AnswersWrong journey.Problem = "answers-wrong" // they are not what was answered before
	AnswersPoor  journey.Problem = "answers-poor"  // to be set up: missing, alike, or of one question twice
)

// QuestionPrefix and AnswerPrefix are what stands before the number, from 1, of what the
// form of security questions brings.
const (
	QuestionPrefix = "question-"
	AnswerPrefix   = "answer-"
)

// defaultQuestions is how many questions somebody answers.
const defaultQuestions = 2

// Bounds of answers, in characters.
const (
	leastAnswer = 2
	mostAnswer  = 100
)

// SecurityQuestions is what the page of security questions shows.
type SecurityQuestions struct {
	Asked  []SecurityQuestion // that they answered before, and answer now; nil where they set them up
	Choice []SecurityQuestion // from which they choose, where they set them up
	Number int                // of them
}

// SecurityQuestion is one of them, in the words of a language.
type SecurityQuestion struct {
	Name string `json:"name"`
	Text string `json:"text"`
}

// answers is what a factor of that kind seals. All answers are hashed together, slowly and
// with a salt of their own, so that a guess is one at all of them.
type answers struct {
	Questions []SecurityQuestion `json:"questions"` // as they were asked; nobody is stranded by one that is not asked any more
	Hash      string             `json:"hash"`
}

// questions is the task of security questions, which earlier systems had: who recovers
// answers those that they set up, beside everything else that is asked of them; who signs
// in or registers sets them up. Answers are known to relatives and found by searching, so
// they open nothing and are no factor.
type questions struct{}

func (*questions) Look(ctx context.Context, w *Walk) (journey.Found, any, error) {
	f, err := w.run.factor(ctx, store.FactorAnswers)
	if err != nil {
		return journey.Found{}, nil, err
	}
	spec, any := w.run.set.Questions()
	shown := SecurityQuestions{Number: numberOf(spec)}
	if w.Purpose != journey.Recovery {
		shown.Choice = worded(spec.Questions, w.Language)
		return journey.Found{Needed: any && f == nil}, shown, nil
	}
	if f == nil {
		return journey.Found{}, shown, nil
	}
	kept, err := w.run.openAnswers(ctx, f)
	if err != nil {
		return journey.Found{}, nil, err
	}
	shown.Asked = kept.in(worded(spec.Questions, w.Language))
	return journey.Found{Needed: true}, shown, nil
}

func (*questions) Do(ctx context.Context, w *Walk, form url.Values) (journey.Performed, error) {
	r := w.run
	f, err := r.factor(ctx, store.FactorAnswers)
	switch {
	case err != nil:
		return journey.Performed{}, err
	case w.Purpose == journey.Recovery && f == nil, w.Purpose != journey.Recovery && f != nil: // done elsewhere meanwhile
		return journey.Performed{}, errMoved
	case f != nil:
		return r.checkAnswers(ctx, f, form)
	}
	return r.setUpAnswers(ctx, w, form)
}

func numberOf(spec config.StepSpec) int {
	if spec.Number > 0 {
		return spec.Number
	}
	return min(defaultQuestions, len(spec.Questions))
}

// worded are the questions in a language, else in English, else as they come.
func worded(all []config.QuestionSpec, language string) []SecurityQuestion {
	list := make([]SecurityQuestion, len(all))
	base, _, _ := strings.Cut(strings.ToLower(language), "-")
	for i, q := range all {
		list[i] = SecurityQuestion{Name: q.Name, Text: q.In(base)}
	}
	return list
}

// in gives the questions in the words that are asked now, where they still are.
func (a answers) in(now []SecurityQuestion) []SecurityQuestion {
	list := slices.Clone(a.Questions)
	for i := range list {
		if k := slices.IndexFunc(now, func(q SecurityQuestion) bool { return q.Name == list[i].Name }); k >= 0 {
			list[i].Text = now[k].Text
		}
	}
	return list
}

func (r *run) openAnswers(ctx context.Context, f *store.Factor) (kept answers, err error) {
	plain, err := r.cfg.Sealer.Open(ctx, r.live.ID, factorRow(f.ID), f.Sealed)
	if err != nil {
		return kept, fmt.Errorf("%w: %w", errUnreadable, err)
	}
	if err := json.Unmarshal(plain, &kept); err != nil || len(kept.Questions) == 0 {
		return kept, fmt.Errorf("%w: answers of an unknown form", errUnreadable)
	}
	return kept, nil
}

// checkAnswers compares what somebody answers who recovers. An attempt was reserved before.
func (r *run) checkAnswers(ctx context.Context, f *store.Factor, form url.Values) (journey.Performed, error) {
	kept, err := r.openAnswers(ctx, f)
	if err != nil {
		return journey.Performed{}, err
	}
	hash, err := passhash.Parse(kept.Hash)
	if err != nil {
		return journey.Performed{}, fmt.Errorf("%w: %w", errUnreadable, err)
	}
	given := make([]string, len(kept.Questions))
	for i := range given {
		given[i] = plainAnswer(form.Get(AnswerPrefix + strconv.Itoa(i+1)))
	}
	secret := together(kept.Questions, given)
	defer clear(secret)
	match := false
	err = r.workers.do(ctx, false, func() { match, _ = hash.Verify(secret) })
	switch {
	case errors.Is(err, errBusy):
		r.reason = busyReason
		return journey.Performed{RetryAfter: busyRetry}, r.giveBack(ctx)
	case err != nil:
		return journey.Performed{}, err
	case !match:
		r.reason = "wrong-answers"
		return journey.Performed{Verdict: journey.NoMatch, Problem: AnswersWrong}, nil
	}
	event := r.factorEvent(audit.FactorUsed, factorDetail{Kind: f.Kind})
	r.writes = append(r.writes, func(ctx context.Context, tx store.Tx) error { return tx.Audit(ctx, event) })
	return journey.Performed{Verdict: journey.Match}, nil
}

// setUpAnswers keeps the answers of somebody who chose their questions.
func (r *run) setUpAnswers(ctx context.Context, w *Walk, form url.Values) (journey.Performed, error) {
	spec, _ := r.set.Questions()
	choice, chosen := worded(spec.Questions, w.Language), answers{}
	var given []string
	for i := range numberOf(spec) {
		name := form.Get(QuestionPrefix + strconv.Itoa(i+1))
		k := slices.IndexFunc(choice, func(q SecurityQuestion) bool { return q.Name == name })
		text := plainAnswer(form.Get(AnswerPrefix + strconv.Itoa(i+1)))
		length := utf8.RuneCountInString(text)
		if k < 0 || slices.Contains(chosen.Questions, choice[k]) || slices.Contains(given, text) || length < leastAnswer || length > mostAnswer {
			return journey.Performed{Verdict: journey.NoMatch, Problem: AnswersPoor}, nil
		}
		chosen.Questions, given = append(chosen.Questions, choice[k]), append(given, text)
	}
	secret := together(chosen.Questions, given)
	defer clear(secret)
	var failed error
	err := r.workers.do(ctx, false, func() { chosen.Hash, failed = passhash.New(r.cfg.Rand, secret, r.cfg.Cost) })
	switch {
	case errors.Is(err, errBusy):
		r.reason = busyReason
		return journey.Performed{RetryAfter: busyRetry}, r.giveBack(ctx)
	case err != nil || failed != nil:
		return journey.Performed{}, errors.Join(err, failed)
	}
	plain, err := json.Marshal(chosen)
	if err != nil {
		return journey.Performed{}, err
	}
	f, err := r.newFactor(ctx, store.FactorAnswers, plain)
	if err != nil {
		return journey.Performed{}, err
	}
	tell, err := r.noticeOf(ctx, message.AnswersAdded, added{})
	if err != nil {
		return journey.Performed{}, err
	}
	w.Write(func(ctx context.Context, tx store.Tx) error {
		return firstError(func() error { return r.writeFactor(ctx, tx, f) }, func() error { return tell(ctx, tx) })
	})
	return journey.Performed{Verdict: journey.Match}, nil
}

// plainAnswer is an answer without what people write otherwise the next time: letters of
// another width or case, space.
func plainAnswer(text string) string {
	if len(text) > 4*mostAnswer {
		return ""
	}
	return strings.Join(strings.Fields(strings.ToLower(norm.NFKC.String(text))), " ")
}

// together is what is hashed of answers. No answer holds what parts them.
func together(asked []SecurityQuestion, given []string) []byte {
	var all []byte
	for i, q := range asked {
		all = append(all, q.Name...)
		all = append(all, '\n')
		all = append(all, given[i]...)
		all = append(all, '\n')
	}
	return all
}
