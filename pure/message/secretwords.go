package message

// secretSheets are what messages say that hand out a code or a link. A code is the
// first thing in it, since that is what a phone shows without being opened; it is
// never in the subject, which servers of mail write into their logs. What it is for
// stands beside it, so that nobody reads it out to a stranger who asks for another.
func secretSheets(language Language) map[Name]Sheet {
	switch language {
	case English:
		return map[Name]Sheet{
			VerifyCode:   englishCode("to confirm this address", "Confirm this address"),
			SignInCode:   englishCode("to sign in", "Sign in"),
			RecoveryCode: englishCode("to set a new password", "Set a new password"),
			FactorCode:   englishCode("to go on signing in", "Sign in"),
			VerifyLink:   englishLink("Confirm this address", "Press the button to confirm that this address is yours."),
			SignInLink:   englishLink("Sign in", "Press the button to sign in."),
			RecoveryLink: englishLink("Set a new password", "Press the button to set a new password."),
			CodeCard: {
				Subject: "Your card of codes",
				Body:    "{name}\n\nHere are codes for signing in. Each works once; strike out those that you have used. Keep this card where you keep your keys, and show it to nobody.\n\n{codes}\n\nIf you did not ask for it, tell us at once.",
			},
			Invitation: {
				Subject: "You are invited to share an account",
				Body:    "You are invited to see and use an account.\n\nInvited by: {by}\n\nAccount: {account}\n\n{link}\n\nThe invitation is good for {days} days. If you do not know who it is from, do nothing.",
				Button:  "Look at the invitation",
				Text:    "{brand}: you are invited to share an account: {link}",
			},
		}
	case Spanish:
		return map[Name]Sheet{
			VerifyCode:   spanishCode("para confirmar esta dirección", "Confirmar esta dirección"),
			SignInCode:   spanishCode("para iniciar sesión", "Iniciar sesión"),
			RecoveryCode: spanishCode("para crear una contraseña nueva", "Crear una contraseña nueva"),
			FactorCode:   spanishCode("para seguir iniciando sesión", "Iniciar sesión"),
			VerifyLink:   spanishLink("Confirmar esta dirección", "Pulse el botón para confirmar que esta dirección es suya."),
			SignInLink:   spanishLink("Iniciar sesión", "Pulse el botón para iniciar sesión."),
			RecoveryLink: spanishLink("Crear una contraseña nueva", "Pulse el botón para crear una contraseña nueva."),
			CodeCard: {
				Subject: "Su tarjeta de códigos",
				Body:    "{name}\n\nEstos son códigos para iniciar sesión. Cada uno sirve una vez; tache los que haya usado. Guarde la tarjeta donde guarda sus llaves y no se la enseñe a nadie.\n\n{codes}\n\nSi no la pidió, avísenos enseguida.",
			},
			Invitation: {
				Subject: "Le invitan a compartir una cuenta",
				Body:    "Le invitan a ver y usar una cuenta.\n\nLe invita: {by}\n\nCuenta: {account}\n\n{link}\n\nLa invitación vale {days} días. Si no conoce a quien le invita, no haga nada.",
				Button:  "Ver la invitación",
				Text:    "{brand}: le invitan a compartir una cuenta: {link}",
			},
		}
	}
	return nil
}

func englishCode(what, button string) Sheet {
	return Sheet{
		Subject: "Your code " + what,
		Body:    "{code}\n\nOr press the button:\n\n{link}\n\nIt works for {minutes} minutes, once. Never tell it to anybody, not to us either. If you did not ask for it, do nothing: without the code nothing happens.",
		Button:  button,
		Text:    "{code} is your {brand} code " + what + ". Good for {minutes} minutes. Never tell it to anybody.",
		Speech:  "This is {brand}. Your code " + what + " is: {code}. Once more: {code}. It works for {minutes} minutes. Never tell it to anybody.",
	}
}

func englishLink(subject, what string) Sheet {
	return Sheet{
		Subject: subject,
		Body:    what + "\n\n{link}\n\nThe button works for {minutes} minutes, once. If you did not ask for it, do nothing: without it nothing happens.",
		Button:  subject,
		Text:    "{brand}: {link} Good for {minutes} minutes.",
	}
}

func spanishCode(what, button string) Sheet {
	return Sheet{
		Subject: "Su código " + what,
		Body:    "{code}\n\nO pulse el botón:\n\n{link}\n\nSirve durante {minutes} minutos, una vez. No se lo diga a nadie, tampoco a nosotros. Si no lo pidió, no haga nada: sin el código no pasa nada.",
		Button:  button,
		Text:    "{code} es su código de {brand} " + what + ". Vale {minutes} minutos. No se lo diga a nadie.",
		Speech:  "Le llamamos de {brand}. Su código " + what + " es: {code}. Otra vez: {code}. Sirve durante {minutes} minutos. No se lo diga a nadie.",
	}
}

func spanishLink(subject, what string) Sheet {
	return Sheet{
		Subject: subject,
		Body:    what + "\n\n{link}\n\nEl botón sirve durante {minutes} minutos, una vez. Si no lo pidió, no haga nada: sin él no pasa nada.",
		Button:  subject,
		Text:    "{brand}: {link} Vale {minutes} minutos.",
	}
}
