// The script of sign-in pages that can take a passkey: it asks the browser for one
// and sends what comes as the page's own form. Without it, the form stays hidden.

interface Allowed { type: 'public-key', id: string, transports?: AuthenticatorTransport[] }
interface Request {
  challenge: string, rpId: string, timeout: number
  userVerification: UserVerificationRequirement
  allowCredentials?: Allowed[]
}

// A challenge is good for five minutes; what is asked for later would be in vain.
const stale = Date.now() + 270_000

let filling: AbortController | null = null

for (const form of document.querySelectorAll<HTMLFormElement>('form[data-passkeys]')) {
  if (!window.PublicKeyCredential || !navigator.credentials) continue
  const requests = JSON.parse(form.dataset['passkeys'] ?? '[]') as Request[]
  form.hidden = false
  for (const button of form.querySelectorAll('button')) {
    button.addEventListener('click', (event) => {
      event.preventDefault()
      const request = requests[Number(button.value)]
      if (request) void ask(form, request)
    })
  }
  if (form.hasAttribute('data-fills')) void fill(form, requests[0])
}

async function ask(form: HTMLFormElement, request: Request): Promise<void> {
  if (Date.now() > stale) return location.assign(location.href)
  filling?.abort() // there is room for one question at a time
  told(form).hidden = true
  try {
    send(form, await get(request))
  } catch {
    // Browsers do not tell whether there was none, nobody wanted, or time ran out.
    const text = told(form)
    text.hidden = false
    text.focus()
    if (form.hasAttribute('data-fills')) void fill(form, request)
  }
}

// fill lets the browser offer passkeys where the name is typed.
async function fill(form: HTMLFormElement, request: Request | undefined): Promise<void> {
  if (!request || !await PublicKeyCredential.isConditionalMediationAvailable?.()) return
  const mine = filling = new AbortController()
  const timer = setTimeout(() => mine.abort(), Math.max(0, stale - Date.now()))
  try {
    send(form, await get(request, mine.signal))
  } catch {
    clearTimeout(timer) // nobody asked for it, so nobody is told
  }
}

async function get(request: Request, signal?: AbortSignal): Promise<PublicKeyCredential> {
  const publicKey = {
    ...request, challenge: bytes(request.challenge),
    allowCredentials: (request.allowCredentials ?? []).map((a) => ({ ...a, id: bytes(a.id) })),
  }
  const found = await navigator.credentials.get(signal ? { publicKey, signal, mediation: 'conditional' } : { publicKey })
  if (!(found instanceof PublicKeyCredential)) throw new Error('no passkey')
  return found
}

function send(form: HTMLFormElement, found: PublicKeyCredential): void {
  const response = found.response as AuthenticatorAssertionResponse
  const input = form.querySelector<HTMLInputElement>('input[name=passkey]')
  if (!input) return
  input.value = JSON.stringify({
    id: found.id, rawId: text(found.rawId), type: found.type, clientExtensionResults: {},
    response: {
      clientDataJSON: text(response.clientDataJSON), authenticatorData: text(response.authenticatorData),
      signature: text(response.signature), ...(response.userHandle ? { userHandle: text(response.userHandle) } : {}),
    },
  })
  form.submit()
}

function told(form: HTMLFormElement): HTMLElement {
  return form.querySelector<HTMLElement>('[role=alert]') ?? form
}

function bytes(base64url: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64url.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0))
}

function text(raw: ArrayBuffer): string {
  return btoa(String.fromCharCode(...new Uint8Array(raw))).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}

export {}
