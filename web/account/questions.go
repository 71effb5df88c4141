package account

import "sallyport/web/design"

func (x *exchange) askQuestionsRemoval() {
	x.confirm("Remove your security questions?", []string{"We ask them no more when somebody wants a new password for your account."}, design.Button{Label: "Remove the questions", ID: "questions-remove", Danger: true}, "/ways")
}

func (x *exchange) removeQuestions() {
	if err := x.cfg.SignIn.RemoveQuestions(x.r.Context(), x.live, x.current, x.visit()); err != nil {
		x.failApp(err)
		return
	}
	x.say("questions-removed")
	x.leadBack("/ways")
}
