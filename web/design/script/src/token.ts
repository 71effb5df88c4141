// A pasted token is read here and nowhere else: no form holds it, nothing is
// fetched, and what it says is put into the page as text. Nothing is verified, which
// is said first.
import { make, once, say } from './island'

type Claims = Record<string, unknown>

// Longer than any token that is taken; more would only be slow to read.
const longest = 64 << 10

export function tokenReaders(root: ParentNode): void {
  for (const holder of once<HTMLElement>(root, '[data-token-reader]', 'token')) {
    const field = make('textarea', {
      id: 'pasted-token', rows: '4', spellcheck: 'false', autocomplete: 'off', autocapitalize: 'none', maxlength: String(longest), 'aria-describedby': 'pasted-token-hint',
    })
    const told = make('div')
    field.addEventListener('input', () => {
      told.replaceChildren(...read(field.value, holder))
      say(told.firstChild?.textContent ?? '')
    })
    holder.prepend(make('div', { class: 'field' },
      make('label', { for: 'pasted-token' }, 'Paste a token'),
      make('p', { class: 'small muted', id: 'pasted-token-hint' }, 'It stays in this page: nothing is sent.'),
      field), told)
  }
}

function read(pasted: string, holder: HTMLElement): Node[] {
  const token = pasted.trim().replace(/^(authorization:\s*)?bearer\s+/i, '')
  if (token === '') return []
  if (token.startsWith('at_') && !token.includes('.')) return [note('It is opaque. Only its authorization server and the gateway can read it.')]
  const [header, claims] = token.split('.').slice(0, 2).map(members)
  if (token.split('.').length !== 3 || !header || !claims) return [note('This is no JSON Web Token: it has not three parts of which two hold JSON.')]
  return [
    note('Read, not verified: anybody could have written it.'),
    ...expiry(claims), ...again(claims, holder),
    table('Header', header), table('Claims', claims),
  ]
}

// members reads one part of a token (RFC 7519 §7.2).
function members(part: string): Claims | null {
  if (!/^[A-Za-z0-9_-]+$/.test(part)) return null
  try {
    const bytes = Uint8Array.from(atob(part.replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0))
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value as Claims : null
  } catch {
    return null
  }
}

function note(text: string): HTMLElement {
  return make('p', { class: 'note warn' }, text)
}

const instants = new Set(['exp', 'iat', 'nbf', 'auth_time', 'updated_at'])

function table(title: string, claims: Claims): HTMLElement {
  const body = make('tbody')
  for (const [name, value] of Object.entries(claims)) {
    const text = typeof value === 'string' ? value : JSON.stringify(value)
    const cell = make('td', { 'data-label': 'Value' }, make('code', {}, text))
    if (instants.has(name) && typeof value === 'number') cell.append(` ${instant(value)}`)
    body.append(make('tr', {}, make('th', { scope: 'row' }, make('code', {}, name)), cell))
  }
  return make('div', { class: 'table' }, make('table', {}, make('caption', {}, title), body))
}

function instant(seconds: number): string {
  const at = new Date(seconds * 1000)
  return Number.isNaN(at.getTime()) ? '' : at.toISOString().replace('T', ' ').replace(/\.\d+Z$/, ' UTC')
}

// expiry says in words how long the token lives, by the clock of this machine.
function expiry(claims: Claims): HTMLElement[] {
  const ends = claims['exp']
  if (typeof ends !== 'number') return [make('p', {}, 'It says nothing of an end.')]
  const left = ends - Date.now() / 1000
  return [make('p', {}, left > 0 ? `It expires in ${span(left)}, at ${instant(ends)}.` : `It expired ${span(-left)} ago, at ${instant(ends)}.`)]
}

function span(seconds: number): string {
  for (const [size, name] of [[86400, 'day'], [3600, 'hour'], [60, 'minute']] as const) {
    const n = Math.floor(seconds / size)
    if (n >= 1) return `${n} ${name}${n === 1 ? '' : 's'}`
  }
  return `${Math.floor(seconds)} seconds`
}

// again leads to the same question: of the token it takes the application, the
// server and the scopes, and nothing that is about a person.
function again(claims: Claims, holder: HTMLElement): HTMLElement[] {
  const { ask } = holder.dataset
  const application = claims['client_id'] ?? claims['azp']
  if (!ask || typeof application !== 'string' || !/^[a-z][a-z0-9-]*$/.test(application)) return []
  const query = new URLSearchParams()
  const server = [...holder.querySelectorAll('data')].find((d) => d.value === claims['iss'])
  if (server) query.set('server', server.textContent ?? '')
  query.set('grant', String(claims['sub']).startsWith('app:') ? 'client_credentials' : 'authorization_code')
  if (typeof claims['scope'] === 'string') query.set('scopes', claims['scope'])
  return [make('p', {}, make('a', { href: `${ask}/${application}?${query.toString()}` }, `Ask the same for ${application}`))]
}
