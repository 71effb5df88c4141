// The script of the page on which a passkey is made: it has the browser make one and
// sends it as the page's own form. Without it the page says that scripts are needed.

interface Named { type: 'public-key', id: string, transports?: AuthenticatorTransport[] }
interface Creation {
  challenge: string, rp: PublicKeyCredentialRpEntity, timeout: number, attestation: AttestationConveyancePreference
  user: { id: string, name: string, displayName: string }
  pubKeyCredParams: PublicKeyCredentialParameters[]
  authenticatorSelection: AuthenticatorSelectionCriteria
  excludeCredentials?: Named[]
}

const stale = Date.now() + 270_000

for (const form of document.querySelectorAll<HTMLFormElement>('form[data-new-passkey]')) {
  if (!window.PublicKeyCredential || !navigator.credentials) continue
  const wanted = JSON.parse(form.dataset['newPasskey'] ?? '{}') as Creation
  form.hidden = false
  const without = document.getElementById('without-script')
  if (without) without.hidden = true
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    void make(form, wanted)
  })
}

async function make(form: HTMLFormElement, wanted: Creation): Promise<void> {
  if (Date.now() > stale) return location.assign(location.href)
  const told = [...form.querySelectorAll<HTMLElement>('[data-told]')]
  for (const text of told) text.hidden = true
  try {
    const made = await navigator.credentials.create({ publicKey: {
      ...wanted, challenge: bytes(wanted.challenge), user: { ...wanted.user, id: bytes(wanted.user.id) },
      excludeCredentials: (wanted.excludeCredentials ?? []).map((e) => ({ ...e, id: bytes(e.id) })),
    } })
    if (!(made instanceof PublicKeyCredential)) throw new Error('no passkey')
    send(form, made)
  } catch (problem) {
    const had = problem instanceof DOMException && problem.name === 'InvalidStateError'
    const text = told.find((one) => one.dataset['told'] === (had ? 'had' : 'none'))
    if (!text) return
    text.hidden = false
    text.focus()
  }
}

function send(form: HTMLFormElement, made: PublicKeyCredential): void {
  const response = made.response as AuthenticatorAttestationResponse
  const input = form.querySelector<HTMLInputElement>('input[name=passkey]')
  if (!input) return
  input.value = JSON.stringify({
    id: made.id, rawId: text(made.rawId), type: made.type, clientExtensionResults: {},
    response: {
      clientDataJSON: text(response.clientDataJSON), attestationObject: text(response.attestationObject),
      transports: response.getTransports?.() ?? [],
    },
  })
  form.submit()
}

function bytes(base64url: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64url.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0))
}

function text(raw: ArrayBuffer): string {
  return btoa(String.fromCharCode(...new Uint8Array(raw))).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}

export {}
