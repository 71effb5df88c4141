// Keys for who works here all day. Single keys can be switched off (WCAG 2.2
// §2.1.4), and never act while somebody types.
import { show } from './dialog'
import { make } from './island'

const setting = 'sallyport.single-keys'

function singleKeys(): boolean {
  try {
    return localStorage.getItem(setting) !== 'off'
  } catch {
    return true // storage is forbidden: then there is no remembering
  }
}

function remember(on: boolean): void {
  try {
    localStorage.setItem(setting, on ? 'on' : 'off')
  } catch { /* the choice holds for this page */ }
}

// sections gives each section a letter: the first of its label that no other has.
function sections(): Map<string, HTMLAnchorElement> {
  const letters = new Map<string, HTMLAnchorElement>()
  for (const link of document.querySelectorAll<HTMLAnchorElement>('.rail a')) {
    const letter = [...(link.textContent ?? '').toLowerCase()].find((c) => c >= 'a' && c <= 'z' && !letters.has(c))
    if (letter) letters.set(letter, link)
  }
  return letters
}

function typing(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || target.matches('input, textarea, select'))
}

let going = 0 // when g was pressed

export function keys(): void {
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || typing(event.target)) return
    if (document.querySelector('dialog[open]') || !singleKeys()) return
    if (act(event.key)) event.preventDefault()
  })
  const button = make('button', { type: 'button', class: 'keys' }, 'Shortcuts')
  button.addEventListener('click', () => list(button))
  document.querySelector('.top .who')?.prepend(button)
}

function act(key: string): boolean {
  if (Date.now() - going < 1500) {
    going = 0
    const link = sections().get(key.toLowerCase())
    link?.click()
    return link !== undefined
  }
  switch (key) {
    case '/': return focused(document.querySelector<HTMLInputElement>('#search'))
    case 'j': return step(1)
    case 'k': return step(-1)
    case '?': list(document.activeElement instanceof HTMLElement ? document.activeElement : null); return true
    case 'g': going = Date.now(); return true
    default: return false
  }
}

function focused(field: HTMLInputElement | null): boolean {
  field?.focus()
  field?.select()
  return field !== null
}

// step goes to the link of the next row, or of the first.
function step(by: number): boolean {
  const links = [...document.querySelectorAll<HTMLElement>('main .table:not(.matrix) tbody th a[href], main .matrix tbody tr td:nth-of-type(1) a')]
  const row = document.activeElement?.closest('tr')
  const at = links.findIndex((l) => row?.contains(l))
  const next = links[at < 0 ? 0 : Math.min(links.length - 1, Math.max(0, at + by))]
  next?.focus()
  return next !== undefined
}

function list(from: HTMLElement | null): void {
  const line = (what: string, ...pressed: string[]): Node[] => [
    make('dt', {}, ...pressed.flatMap((k, i) => (i ? [' ', make('kbd', {}, k)] : [make('kbd', {}, k)]))), make('dd', {}, what)]
  const body = make('dl', {},
    ...line('Find anything on this page', 'Ctrl', 'K'), ...line('Search', '/'), ...line('Next row', 'j'), ...line('Row before', 'k'),
    ...line('Open the row', 'Enter'), ...line('Move in a matrix', '←', '↑', '↓', '→'), ...line('Close', 'Esc'), ...line('These keys', '?'))
  for (const [letter, link] of sections()) body.append(...line(`Go to ${link.textContent ?? ''}`, 'g', letter))
  const box = make('input', { type: 'checkbox', id: 'single-keys' })
  box.checked = singleKeys()
  box.addEventListener('change', () => remember(box.checked))
  const part = document.createDocumentFragment()
  part.append(make('h2', {}, 'Keyboard shortcuts'), body,
    make('div', { class: 'choice' }, box, make('label', { for: 'single-keys' }, 'Single keys act ',
      make('small', {}, 'Those without Ctrl. This browser remembers it.'))))
  show(part, from)
}
