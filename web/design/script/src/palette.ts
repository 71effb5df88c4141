// Ctrl-K lists where one can go from here: sections, environments, tabs, what the
// page links to and its own parts. It is a combobox with a list (ARIA APG).
import { make } from './island'

interface Way { label: string, kind: string, go: () => void }

const kinds: [string, string][] = [
  ['.rail a', 'Section'], ['.switch li a', 'Environment'], ['main .tabs a', 'Tab'], ['main .head .buttons a', 'Action'],
  ['main .search .tags a', 'Search'], ['main :is(h2, h3)[id]', 'On this page'], ['main tbody th a', 'Row'], ['main .tiles a', 'Figure'], ['.trail a', 'Above'],
]

export function palette(): void {
  document.addEventListener('keydown', (event) => {
    if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return
    if (document.querySelector('dialog[open]')) return
    event.preventDefault()
    open()
  })
}

function ways(): Way[] {
  const found: Way[] = []
  for (const [selector, kind] of kinds) {
    for (const element of document.querySelectorAll<HTMLElement>(selector)) {
      const label = (element.innerText || element.textContent || '').replace(/\s+/g, ' ').trim()
      const go = element instanceof HTMLAnchorElement ? () => element.click() : () => { location.hash = element.id }
      if (label) found.push({ label, kind, go })
    }
  }
  return found
}

const most = 50 // ways shown at once

// fit tells whether each word typed occurs.
function fit(way: Way, typed: string): boolean {
  const text = `${way.label} ${way.kind}`.toLowerCase()
  return typed.toLowerCase().split(/\s+/).every((word) => text.includes(word))
}

function open(): void {
  const from = document.activeElement instanceof HTMLElement ? document.activeElement : null
  const all = ways()
  const list = make('ul', { role: 'listbox', id: 'palette-list', 'aria-label': 'Where to' })
  const field = make('input', {
    type: 'text', role: 'combobox', 'aria-label': 'Go to', 'aria-controls': 'palette-list', 'aria-expanded': 'true', 'aria-autocomplete': 'list',
    placeholder: 'Go to …', autocomplete: 'off', spellcheck: 'false',
  })
  const dialog = make('dialog', { class: 'palette', 'aria-label': 'Go to' }, field, list)
  let shown: Way[] = []
  let at = 0

  const choose = (index: number): void => {
    at = Math.max(0, Math.min(shown.length - 1, index))
    ;[...list.children].forEach((item, i) => item.setAttribute('aria-selected', String(i === at)))
    list.children[at]?.scrollIntoView({ block: 'nearest' })
    if (shown.length) field.setAttribute('aria-activedescendant', `way-${at}`)
    else field.removeAttribute('aria-activedescendant')
  }
  const fill = (): void => {
    shown = all.filter((way) => fit(way, field.value.trim())).slice(0, most)
    list.replaceChildren(...shown.map((way, i) => make('li', { role: 'option', id: `way-${i}` }, way.label, make('span', {}, way.kind))))
    choose(0)
  }
  const go = (index: number): void => {
    const way = shown[index]
    dialog.close()
    way?.go()
  }

  field.addEventListener('input', fill)
  field.addEventListener('keydown', (event) => {
    const by: Record<string, number | undefined> = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 }
    const steps = by[event.key]
    if (steps !== undefined) choose(at + steps)
    else if (event.key === 'Enter') go(at)
    else return
    event.preventDefault()
  })
  list.addEventListener('click', (event) => {
    const item = event.target instanceof Element ? event.target.closest('li') : null
    if (item) go([...list.children].indexOf(item))
  })
  dialog.addEventListener('click', (event) => { if (event.target === dialog) dialog.close() })
  dialog.addEventListener('close', () => { dialog.remove(); from?.focus() })
  document.body.append(dialog)
  fill()
  dialog.showModal()
  field.focus()
}
