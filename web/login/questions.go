package login

import (
	"strconv"

	"sallyport/service/signin"
	"sallyport/web/design"
)

// maxAnswer is longer than any answer that is taken.
const maxAnswer = 100

// questionFields are the fields of security questions: of those that are asked an answer
// each, of those that are set up a choice besides. Nothing that was typed is shown again.
func questionFields(x *exchange, answer *signin.Answer) []design.Field {
	shown, _ := answer.Shown.(signin.SecurityQuestions)
	var fields []design.Field
	text := func(i int, label string) design.Field {
		return design.Field{Name: signin.AnswerPrefix + strconv.Itoa(i+1), Label: label, Type: "text", Autocomplete: "off", MaxLength: maxAnswer}
	}
	if shown.Asked != nil {
		for i, q := range shown.Asked {
			fields = append(fields, text(i, q.Text))
		}
		return fields
	}
	for i := range shown.Number {
		f := design.Field{Name: signin.QuestionPrefix + strconv.Itoa(i+1), Label: x.say("Question %d", i+1), Choices: design.One}
		for k, q := range shown.Choice {
			f.Options = append(f.Options, design.Option{Value: q.Name, Label: q.Text, Chosen: k == i})
		}
		fields = append(fields, f, text(i, x.say("Answer %d", i+1)))
	}
	return fields
}
