// The panel beside the page shows what a cell or a row leads to. Without script,
// or with another mouse button, the link leads there.
import { contextOf, htmx } from './htmx'
import { make, say } from './island'
import { partOf } from './part'
import { plain } from './dialog'

let from: HTMLElement | null = null

export function panel(): void {
  document.addEventListener('click', (event) => {
    const target = event.target instanceof Element ? event.target : null
    const link = target?.closest<HTMLAnchorElement>('.matrix td a[href], a[data-panel]')
    if (link && !link.closest('.panel') && plain(event)) {
      event.preventDefault()
      explain(link)
    }
    if (target?.closest('.panel [data-close]')) close()
  })
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && document.querySelector('.panel') && !document.querySelector('dialog[open]')) close()
  })
  document.addEventListener('htmx:after:request', (event) => {
    const ctx = contextOf(event)
    if (ctx?.text !== undefined && event.target instanceof Element && event.target.id === 'panel') {
      const part = partOf(ctx.text, ctx.request.action)
      if (part) ctx.text = make('div', {}, part).innerHTML
    }
  })
}

function explain(link: HTMLAnchorElement): void {
  from?.removeAttribute('aria-current')
  from = link
  link.setAttribute('aria-current', 'true')
  const place = opened(link.closest('.body') ?? document.body)
  place.setAttribute('aria-busy', 'true')
  place.querySelector('#panel-whole')?.setAttribute('href', link.href)
  htmx.ajax('GET', link.href, { source: '#panel', target: '#panel-part', swap: 'innerHTML' }).then(() => {
    place.removeAttribute('aria-busy')
    place.scrollTop = 0
    const title = place.querySelector<HTMLElement>('h2')
    if (title) say(title.textContent ?? '')
    place.focus({ preventScroll: true })
    link.scrollIntoView({ block: 'nearest', inline: 'nearest' })
  }, () => location.assign(link.href))
}

function opened(beside: Element): HTMLElement {
  let place = document.querySelector<HTMLElement>('#panel')
  if (!place) {
    place = make('aside', { id: 'panel', class: 'panel', tabindex: '-1', 'aria-label': 'Explanation' },
      make('div', { class: 'panel-head' },
        make('a', { id: 'panel-whole', href: '#' }, 'Open as a page'),
        make('button', { type: 'button', class: 'close', 'data-close': '', 'aria-label': 'Close' }, '✕')),
      make('div', { id: 'panel-part' }))
    beside.append(place)
  }
  return place
}

function close(): void {
  document.querySelector('#panel')?.remove()
  from?.removeAttribute('aria-current')
  from?.focus()
}
