package signin_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"sallyport/pure/journey"
	"sallyport/service/audit"
	"sallyport/service/signin"
	"sallyport/service/signin/signintest"
	"sallyport/store"
)

const (
	askedSteps = `  - name: questions
    ask: questions
    questions:
      - {name: pet, texts: {en: "What was your first pet called?", es: "¿Cómo se llamaba su primera mascota?"}}
      - {name: teacher, texts: {en: "Who taught you to read?"}}
      - {name: street, texts: {en: "In which street did you live at six?"}}
`
	newPasswordStep = "  - {name: password, ask: new-password}\n"
)

// questioned is a world whose recovery asks questions, and Dana behind her password, who
// sets some up.
func questioned(t *testing.T) (w *signintest.World, b *signintest.Browser, ticket string) {
	t.Helper()
	w = world(t, nil)
	ask(w, askedSteps)
	dana := w.Customer("dana", w.Hash("tractor"))
	verify(w, dana, "dana@mail.test")
	b = w.Browser()
	ticket, a := first(b)
	shows(t, a, journey.QuestionsPage, "")
	if shown := a.Shown.(signin.SecurityQuestions); shown.Number != 2 || len(shown.Choice) != 3 || shown.Asked != nil {
		t.Fatalf("the page shows %+v", shown)
	}
	return w, b, ticket
}

// ask has recovery ask by steps before the new password.
func ask(w *signintest.World, steps string) {
	recovery := signintest.Journeys[strings.Index(signintest.Journeys, "---\nkind: journey\nname: recovery"):]
	const password = "  - {name: password, ask: password}\n"
	tree := strings.Replace(signintest.Tree, password, password+"  - {name: questions, ask: questions, skip: true}\n", 1)
	if steps == "" {
		tree = signintest.Tree
	}
	w.Apply(w.Live, tree+strings.Replace(recovery, newPasswordStep, steps+newPasswordStep, 1))
}

var rex = map[string]string{"question-1": "pet", "answer-1": " Rex  the DOG", "question-2": "street", "answer-2": "Ｗharf Lane"}

// recovers leads Dana to what recovery asks behind her address.
func recovers(w *signintest.World) (*signintest.Browser, string, *signin.Answer) {
	w.T.Helper()
	b := w.Browser()
	ticket := b.Ticket(recovering)
	b.Name(ticket, "dana@mail.test")
	return b, ticket, b.Answer(ticket, "address", map[string]string{"code": w.Outbox.Last().Code})
}

func TestSecurityQuestionsAreOneMoreHurdleOfRecovery(t *testing.T) {
	w, b, ticket := questioned(t)
	for name, form := range map[string]map[string]string{
		"nothing":                {},
		"one question twice":     {"question-1": "pet", "answer-1": "rex", "question-2": "pet", "answer-2": "mia"},
		"one answer twice":       {"question-1": "pet", "answer-1": "rex", "question-2": "street", "answer-2": "REX "},
		"a question of nobody's": {"question-1": "pet", "answer-1": "rex", "question-2": "moon", "answer-2": "full"},
		"an answer that is none": {"question-1": "pet", "answer-1": "r", "question-2": "street", "answer-2": "wharf"},
		"one that is too long":   {"question-1": "pet", "answer-1": strings.Repeat("r", 64<<10), "question-2": "street", "answer-2": "wharf"},
	} {
		a := b.Answer(ticket, "questions", form)
		if a.Page == nil || a.Page.Page != journey.QuestionsPage || a.Page.Problem != signin.AnswersPoor {
			t.Errorf("%s: %+v", name, a.Page)
		}
	}
	goesOn(t, b.Answer(ticket, "questions", rex))
	if got, methods := signedIn(t, b); got != "pwd" || methods != "pwd" {
		t.Errorf("whoever set questions up is signed in at %q by %q", got, methods)
	}
	_, a := first(w.Browser())
	goesOn(t, a) // they are set up once

	b, ticket, a = recovers(w)
	shows(t, a, journey.QuestionsPage, "")
	if shown := a.Shown.(signin.SecurityQuestions); len(shown.Asked) != 2 || shown.Asked[0].Name != "pet" || shown.Asked[1].Text != "In which street did you live at six?" {
		t.Errorf("the page asks %+v", shown)
	}
	for _, form := range []map[string]string{
		{}, {"answer-1": "rex the dog", "answer-2": "elm street"}, {"answer-1": "wharf lane", "answer-2": "rex the dog"}, {"answer-1": "rex the dog\nstreet\nwharf lane", "answer-2": ""},
	} {
		shows(t, b.Answer(ticket, "questions", form), journey.QuestionsPage, signin.AnswersWrong)
	}
	shows(t, b.Act(ticket, "questions", signin.ActSkip), journey.QuestionsPage, "")
	shows(t, b.Answer(ticket, "password", map[string]string{"new-password": longPassword}), journey.QuestionsPage, journey.Interrupted)
	shows(t, b.Answer(ticket, "questions", map[string]string{"answer-1": "REX THE DOG", "answer-2": "wharf   lane"}), journey.NewPasswordPage, "")
	a = b.Answer(ticket, "password", map[string]string{"new-password": longPassword})
	if got, methods := signedIn(t, b); a.Page == nil && (got != "pwd" || methods != "pwd email kba") {
		t.Errorf("the session is %q by %q", got, methods)
	}
}

// What nobody set up is asked of nobody; what was taken from the list is asked of those
// who chose it.
func TestQuestionsThatWereTakenOutStrandNobodyAndExcuseNobody(t *testing.T) {
	w, b, ticket := questioned(t)
	shows(t, b.Answer(ticket, "elsewhere", rex), journey.QuestionsPage, journey.Interrupted)
	goesOn(t, b.Act(ticket, "questions", signin.ActSkip))
	_, _, a := recovers(w)
	shows(t, a, journey.NewPasswordPage, "")

	b = w.Browser()
	ticket, _ = first(b)
	goesOn(t, b.Answer(ticket, "questions", rex))
	ask(w, strings.Replace(askedSteps, "name: pet", "name: first-pet", 1))
	b, ticket, a = recovers(w)
	shows(t, a, journey.QuestionsPage, "")
	if shown := a.Shown.(signin.SecurityQuestions); shown.Asked[0].Text != "What was your first pet called?" {
		t.Errorf("the page asks %+v", shown)
	}
	shows(t, b.Answer(ticket, "questions", map[string]string{"answer-1": "rex the dog", "answer-2": "wharf lane"}), journey.NewPasswordPage, "")
}

func TestGuessesAtAnswersAreCountedAndAnswersAreNowhere(t *testing.T) {
	w, b, ticket := questioned(t)
	goesOn(t, b.Answer(ticket, "questions", rex))
	b, ticket, _ = recovers(w)
	wrong := 0
	for range 15 {
		if a := b.Answer(ticket, "questions", map[string]string{"answer-1": "no", "answer-2": "nor"}); a.Page.Problem == signin.AnswersWrong {
			wrong++
		} else if a.Page.Problem != journey.TooManyAttempts {
			t.Fatalf("got %+v", a.Page)
		}
	}
	if wrong > 10 {
		t.Errorf("%d guesses were looked at", wrong)
	}
	if e := w.Events(audit.FactorRefused); len(e) == 0 {
		t.Error("the ledger does not tell of it")
	}
	for _, kind := range []audit.Type{"factor.", "signin.", "step."} {
		for _, e := range w.Events(kind) {
			if bytes.Contains(bytes.ToLower(e.Body), []byte("rex")) || bytes.Contains(bytes.ToLower(e.Body), []byte("wharf")) {
				t.Errorf("the ledger has an answer: %s", e.Body)
			}
		}
	}
}

func TestAnswersAreKeptAsOneSlowHashAndRemoved(t *testing.T) {
	w, b, ticket := questioned(t)
	goesOn(t, b.Answer(ticket, "questions", rex))
	current, err := w.SignIn.Current(t.Context(), w.Live, b.Session())
	if err != nil {
		t.Fatal(err)
	}
	all, err := w.Store.Factors(t.Context(), w.Live.ID, current.Customer.ID)
	if err != nil || len(all) != 1 || all[0].Kind != store.FactorAnswers {
		t.Fatalf("stored is %+v, %v", all, err)
	}
	plain, err := w.Master.Open(t.Context(), w.Live.ID, "factor/"+hexOf(all[0].ID), all[0].Sealed)
	if err != nil || !json.Valid(plain) || !strings.Contains(string(plain), "$argon2id$") || strings.Contains(strings.ToLower(string(plain)), "rex") {
		t.Errorf("sealed is %s, %v", plain, err)
	}
	ways, err := w.SignIn.Ways(t.Context(), w.Live, current)
	if err != nil || ways.Questions.IsZero() {
		t.Errorf("ways are %+v, %v", ways, err)
	}
	if err := w.SignIn.RemoveQuestions(t.Context(), w.Live, current, b.Visit("")); err != nil {
		t.Fatal(err)
	}
	if all, err = w.Store.Factors(t.Context(), w.Live.ID, current.Customer.ID); err != nil || len(all) != 0 {
		t.Errorf("left is %+v, %v", all, err)
	}
	w.Pass(signin.FreshFor + 1)
	if err := w.SignIn.RemoveQuestions(t.Context(), w.Live, current, b.Visit("")); !errors.Is(err, signin.ErrNotFresh) {
		t.Errorf("got %v, want ErrNotFresh", err)
	}
}

func hexOf(id store.FactorID) string { return hex.EncodeToString(id[:]) }
