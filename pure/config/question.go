package config

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

// QuestionSpec is one security question.
type QuestionSpec struct {
	Name  string            `yaml:"name"`
	Texts map[string]string `yaml:"texts"` // by language, such as en
}

// In gives the question in a language, else in English, else in the first that it has.
func (q QuestionSpec) In(language string) string {
	for _, try := range []string{language, "en"} {
		if text := q.Texts[try]; text != "" {
			return text
		}
	}
	for _, try := range slices.Sorted(maps.Keys(q.Texts)) {
		return q.Texts[try]
	}
	return q.Name
}

// Bounds of security questions.
const (
	maxQuestions    = 20
	maxQuestionText = 200
)

// questionsStep checks security questions. They stand in the journey to recover, where they
// are asked; others set up what stands there.
func (c *checker) questionsStep(at spot, step StepSpec, purpose string) {
	recovers := purpose == "recovery"
	if step.Ask != "questions" || !recovers {
		for key, said := range map[string]bool{"questions": len(step.Questions) > 0, "number": step.Number != 0} {
			if said {
				c.fail(at.at(key), finding{ValueUnknown, fmt.Sprintf("only a step that asks for questions, in a journey to recover, has %s", key), "remove it, or move it there"})
			}
		}
		return
	}
	if step.Skip {
		c.fail(at.at("skip"), finding{ValueUnknown, "questions that can be passed over hold up nobody", "remove it"})
	}
	names := make([]string, len(step.Questions))
	for i, q := range step.Questions {
		here := at.at("questions", i)
		names[i] = q.Name
		c.name(here, q.Name, "question")
		if len(q.Texts) == 0 {
			c.fail(here, finding{FieldRequired, "the question has no words", "add texts: with a line for each language, such as en"})
		}
		for _, language := range slices.Sorted(maps.Keys(q.Texts)) {
			text := q.Texts[language]
			if len(language) < 2 || len(language) > 3 || strings.ToLower(language) != language {
				c.fail(here.at("texts", language), finding{ValueUnknown, fmt.Sprintf("%.20q is no language", language), "use two letters, such as en or es"})
			}
			if strings.TrimSpace(text) == "" || utf8.RuneCountInString(text) > maxQuestionText {
				c.fail(here.at("texts", language), finding{OutOfBounds, "the question is empty, or too long", fmt.Sprintf("use up to %d characters", maxQuestionText)})
			}
		}
	}
	c.once(at.at("questions"), names, "question", "name")
	most := min(len(step.Questions), 5)
	if len(step.Questions) < 2 || len(step.Questions) > maxQuestions {
		c.fail(at, finding{OutOfBounds, fmt.Sprintf("there are %d questions", len(step.Questions)), fmt.Sprintf("have 2 to %d of them to choose from", maxQuestions)})
	} else if step.Number < 0 || step.Number > most {
		c.fail(at.at("number"), finding{OutOfBounds, fmt.Sprintf("%d questions are asked", step.Number), fmt.Sprintf("choose between 1 and %d", most)})
	}
}
