package message

// Language is a BCP 47 tag, such as es or es-MX.
type Language string

// The languages that are built in. English is what there is for everybody.
const (
	English Language = "en"
	Spanish Language = "es"
)

// Languages lists them.
func Languages() []Language { return []Language{English, Spanish} }

// words are what stands around what a sheet says.
type words struct{ help, phone, copy, because string }

func wordsOf(language Language) words {
	switch language.Base() {
	case English:
		return words{"Get help", "Call", "If the button does not work, open this address:", "You get this message because it concerns your sign-in. Nobody from us will ever ask you for a code or a password."}
	case Spanish:
		return words{"Obtener ayuda", "Llame al", "Si el botón no funciona, abra esta dirección:", "Recibe este mensaje porque se trata de su acceso. Nunca le pediremos un código ni una contraseña."}
	}
	return words{} // the rest speaks for itself
}

// notice is what one of the messages tells that say what was changed.
type notice struct {
	name    Name
	title   string
	english said
	spanish said
}

// said is a subject, and what happened in one sentence.
type said struct{ subject, happened string }

// told lists what customers are told of.
var told = []notice{
	{PasswordChanged, "The password was changed", said{"Your password was changed", "Your password was changed. Everybody who was signed in was signed out."}, said{"Se cambió su contraseña", "Se cambió su contraseña. Se cerraron todas las sesiones abiertas."}},
	{PasswordReset, "A new password was set without the old one", said{"You have a new password", "A new password was set with a code or a link that we had sent."}, said{"Tiene una contraseña nueva", "Se estableció una contraseña nueva con un código o un enlace que enviamos."}},
	{AppAdded, "An authenticator app was added", said{"An authenticator app was added", "An authenticator app was added to how you sign in."}, said{"Se añadió una aplicación de códigos", "Se añadió una aplicación de códigos a su forma de iniciar sesión."}},
	{AppRemoved, "An authenticator app was removed", said{"An authenticator app was removed", "An authenticator app was removed from how you sign in."}, said{"Se quitó una aplicación de códigos", "Se quitó una aplicación de códigos de su forma de iniciar sesión."}},
	{PasskeyAdded, "A passkey was added", said{"A passkey was added", "A passkey was added to how you sign in."}, said{"Se añadió una clave de acceso", "Se añadió una clave de acceso a su forma de iniciar sesión."}},
	{PasskeyRemoved, "A passkey was removed", said{"A passkey was removed", "A passkey was removed from how you sign in."}, said{"Se quitó una clave de acceso", "Se quitó una clave de acceso de su forma de iniciar sesión."}},
	{CodesRenewed, "Recovery codes were made anew", said{"You have new recovery codes", "New recovery codes were made. The old ones are void."}, said{"Tiene códigos de recuperación nuevos", "Se crearon códigos de recuperación nuevos. Los anteriores ya no valen."}},
	{CodeUsed, "A recovery code was used", said{"A recovery code was used", "Somebody signed in with one of your recovery codes."}, said{"Se usó un código de recuperación", "Alguien inició sesión con uno de sus códigos de recuperación."}},
	{PhoneAdded, "A phone for codes was added", said{"A phone for codes was added", "A phone number was added to which codes are sent."}, said{"Se añadió un teléfono para códigos", "Se añadió un número de teléfono al que se envían códigos."}},
	{PhoneRemoved, "A phone for codes was removed", said{"A phone for codes was removed", "A phone number to which codes were sent was removed."}, said{"Se quitó un teléfono para códigos", "Se quitó un número de teléfono al que se enviaban códigos."}},
	{CardOrdered, "A card of codes was ordered", said{"A card of codes is on its way", "A card of codes was ordered and goes to you by post."}, said{"Va en camino una tarjeta de códigos", "Se pidió una tarjeta de códigos y va en camino por correo."}},
	{CardEnded, "A card of codes was ended", said{"A card of codes was ended", "A card of codes was ended. Its codes are not good any more."}, said{"Se anuló una tarjeta de códigos", "Se anuló una tarjeta de códigos. Sus códigos ya no valen."}},
	{AddressAdded, "An address was added", said{"An address was added", "An e-mail address or phone number was added to your details."}, said{"Se añadió una dirección", "Se añadió una dirección de correo o un teléfono a sus datos."}},
	{AddressRemoved, "An address was removed", said{"An address was removed", "An e-mail address or phone number was taken off your details."}, said{"Se quitó una dirección", "Se quitó de sus datos una dirección de correo o un teléfono."}},
	{FirstAddress, "Another address comes first", said{"Another address of yours comes first", "Another of your confirmed e-mail addresses or phone numbers comes first now. Applications are given that one, and we send to it what goes to one address alone."}, said{"Otra dirección suya es ahora la primera", "Otra de sus direcciones de correo o de sus teléfonos confirmados es ahora la primera. Las aplicaciones reciben esa, y a ella enviamos lo que va a una sola dirección."}},
	{ChangeUndone, "A change was taken back by an address of before", said{"A change was taken back", "Somebody who reads an address of yours told us that a change was not you. Everybody was signed out, your password is not good any more, and what was added lately was taken away. To sign in, set a new password. If you had made the change yourself, tell us at once."}, said{"Se deshizo un cambio", "Alguien que lee una dirección suya nos dijo que un cambio no fue cosa suya. Se cerraron todas las sesiones, su contraseña ya no vale y se quitó lo que se había añadido últimamente. Para entrar, cree una contraseña nueva. Si el cambio lo hizo usted, avísenos enseguida."}},
	{SignedOut, "Signed out everywhere", said{"You were signed out everywhere", "Every other browser and device was signed out."}, said{"Se cerraron sus sesiones", "Se cerró la sesión en todos los demás navegadores y dispositivos."}},
	{AccountLinked, "An account was linked", said{"An account was linked to you", "An account was linked to your sign-in."}, said{"Se vinculó una cuenta", "Se vinculó una cuenta a su acceso."}},
	{AccountShared, "An account was shared", said{"An account is shared now", "Somebody else can see and use an account of yours from now on."}, said{"Ahora comparte una cuenta", "Desde ahora otra persona puede ver y usar una cuenta suya."}},
	{AccountLeft, "An account was taken away", said{"An account was taken off your sign-in", "An account is no longer linked to your sign-in."}, said{"Se quitó una cuenta de su acceso", "Una cuenta ya no está vinculada a su acceso."}},
	{AnswersAdded, "Security questions were set up", said{"You set up security questions", "Security questions were set up, which are asked when somebody wants a new password for your account."}, said{"Configuró preguntas de seguridad", "Se configuraron preguntas de seguridad, que se hacen cuando alguien quiere una contraseña nueva para su cuenta."}},
	{AnswersRemoved, "Security questions were removed", said{"Your security questions were removed", "Security questions are not asked any more when somebody wants a new password for your account."}, said{"Se quitaron sus preguntas de seguridad", "Ya no se hacen preguntas de seguridad cuando alguien quiere una contraseña nueva para su cuenta."}},
	{ClaimGranted, "A claim of an account that waited was granted", said{"Your account was linked", "We looked at what you told us about an account of yours. It is linked to your sign-in now."}, said{"Se vinculó su cuenta", "Revisamos lo que nos dijo sobre una cuenta suya. Ya está vinculada a su acceso."}},
	{ClaimRefused, "A claim of an account that waited was refused", said{"We could not link an account", "We looked at what you told us about an account, and could not link it to your sign-in. If it is yours, get in touch with us."}, said{"No pudimos vincular una cuenta", "Revisamos lo que nos dijo sobre una cuenta y no pudimos vincularla a su acceso. Si es suya, comuníquese con nosotros."}},
	{AccessReady, "The access that somebody waited for is there", said{"Your access is ready", "The access that you waited for is there. Go on where you like."}, said{"Su acceso está listo", "El acceso que esperaba ya está disponible. Continúe donde quiera."}},
	{Disabled, "Signing in was disabled", said{"You cannot sign in for now", "Signing in with your details was disabled. If you do not know why, get in touch with us."}, said{"Por ahora no puede iniciar sesión", "Se desactivó el acceso con sus datos. Si no sabe por qué, comuníquese con nosotros."}},
	{Erased, "Everything about the customer was erased", said{"Your data was deleted", "What we knew of you for signing in was deleted, as was asked for. This is the last message."}, said{"Se eliminaron sus datos", "Lo que sabíamos de usted para iniciar sesión se eliminó, tal como se pidió. Este es el último mensaje."}},
	{Test, "A test that an operator sends", said{"Test message", "This message was sent to see whether messages arrive. There is nothing to do."}, said{"Mensaje de prueba", "Este mensaje se envió para comprobar que los mensajes llegan. No tiene que hacer nada."}},
}

// Builtin is what a kind says in a language without anybody's own words: false if
// the language is not built in.
func Builtin(name Name, language Language) (Sheet, bool) {
	sheet, known := secretSheets(language)[name]
	if known {
		return sheet, true
	}
	for _, n := range told {
		if n.name == name {
			return n.sheet(language)
		}
	}
	return Sheet{}, false
}

// short tells of a notice that asks nobody whether it was them.
func (n notice) short() bool {
	switch n.name {
	case ChangeUndone, Erased, Test, AccessReady, Disabled, ClaimGranted, ClaimRefused:
		return true
	}
	return false
}

// decides tells of a notice of what a person decided about a claim.
func (n notice) decides() bool { return n.name == ClaimGranted || n.name == ClaimRefused }

// Undoable tells of which changes a notice may hold a link that takes them back: what could
// lock a customer out, or let somebody else in.
func Undoable(name Name) bool {
	switch name {
	case PasswordChanged, PasswordReset, AppAdded, AppRemoved, PasskeyAdded, PasskeyRemoved, CodesRenewed, CodeUsed, PhoneAdded, PhoneRemoved, CardEnded, AddressAdded, AddressRemoved, FirstAddress:
		return true
	}
	return false
}

// sheet puts a notice into the frame that all share.
func (n notice) sheet(language Language) (Sheet, bool) {
	switch language {
	case English:
		body, button := "Hello {name},\n\n"+n.english.happened, "Open your account"
		text := n.english.happened
		switch {
		case n.name == Test, n.name == Disabled: // they cannot open it
		case n.decides():
			body += "\n\nAccount: {account}\n\n{link}"
		case n.short():
			body += "\n\n{link}"
		case Undoable(n.name):
			button = "This was not me"
			body += "\n\nWhen: {when}\n\nOn: {device}" + n.lately(English) + "\n\nIf this was you, there is nothing to do. If it was not, press the button within seven days: we sign everybody out and take it back.\n\n{link}"
			text += " {when}. If this was not you, tell us at once."
		default:
			body += "\n\nAccount: {account}\n\nWhen: {when}\n\nOn: {device}\n\nIf this was you, there is nothing to do. If it was not, look at your account at once, and tell us.\n\n{link}"
			text += " {when}. If this was not you, tell us at once."
		}
		return Sheet{Subject: n.english.subject, Body: body, Button: button, Text: "{brand}: " + text}, true
	case Spanish:
		body, button := "Hola, {name}:\n\n"+n.spanish.happened, "Abrir su cuenta"
		text := n.spanish.happened
		switch {
		case n.name == Test, n.name == Disabled:
		case n.decides():
			body += "\n\nCuenta: {account}\n\n{link}"
		case n.short():
			body += "\n\n{link}"
		case Undoable(n.name):
			button = "No fui yo"
			body += "\n\nCuándo: {when}\n\nEn: {device}" + n.lately(Spanish) + "\n\nSi fue usted, no tiene que hacer nada. Si no, pulse el botón en un plazo de siete días: cerraremos todas las sesiones y desharemos el cambio.\n\n{link}"
			text += " {when}. Si no fue usted, avísenos enseguida."
		default:
			body += "\n\nCuenta: {account}\n\nCuándo: {when}\n\nEn: {device}\n\nSi fue usted, no tiene que hacer nada. Si no, revise su cuenta enseguida y avísenos.\n\n{link}"
			text += " {when}. Si no fue usted, avísenos enseguida."
		}
		return Sheet{Subject: n.spanish.subject, Body: body, Button: button, Text: "{brand}: " + text}, true
	}
	return Sheet{}, false
}

// lately says what was added to how somebody signs in who has a new password: whoever was
// in their account may have left a way in. A paragraph without its value is left out.
func (n notice) lately(language Language) string {
	if n.name != PasswordReset {
		return ""
	}
	if language == Spanish {
		return "\n\nAplicaciones de códigos añadidas en los últimos 30 días: {apps}\n\nClaves de acceso añadidas en los últimos 30 días: {passkeys}" +
			"\n\nTeléfonos añadidos en los últimos 30 días: {phones}\n\nTarjetas de códigos añadidas en los últimos 30 días: {cards}" +
			"\n\nListas de códigos de recuperación creadas en los últimos 30 días: {codes}\n\nDirecciones añadidas en los últimos 30 días: {addresses}"
	}
	return "\n\nAuthenticator apps added in the last 30 days: {apps}\n\nPasskeys added in the last 30 days: {passkeys}" +
		"\n\nPhones added in the last 30 days: {phones}\n\nCards of codes added in the last 30 days: {cards}" +
		"\n\nLists of recovery codes made in the last 30 days: {codes}\n\nAddresses added in the last 30 days: {addresses}"
}
