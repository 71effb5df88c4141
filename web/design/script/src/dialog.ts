// A link to a page with a form may show that form in a dialog. Sending it, and
// whatever goes wrong, are pages again.
import { enhance, make } from './island'
import { elsewhere, partOf } from './part'

export function dialogs(): void {
  document.addEventListener('click', (event) => {
    const target = event.target instanceof Element ? event.target : null
    const link = target?.closest<HTMLAnchorElement>('a[data-dialog]')
    if (link && plain(event)) {
      event.preventDefault()
      void open(link)
    }
    const closing = target?.closest('dialog [data-close]')
    if (closing) {
      event.preventDefault()
      closing.closest('dialog')?.close()
    }
  })
}

// plain tells a click that follows a link here from one that opens it elsewhere.
export function plain(event: MouseEvent): boolean {
  return event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey && !event.defaultPrevented
}

async function open(link: HTMLAnchorElement): Promise<void> {
  try {
    const response = await fetch(link.href, { headers: { Accept: 'text/html' } })
    const part = response.ok && !elsewhere(response, link.href) ? partOf(await response.text(), link.href) : null
    if (!part) throw new Error('no part of a page')
    show(part, link)
  } catch {
    location.assign(link.href)
  }
}

// show shows a part in a dialog that goes when it is closed; the focus returns to
// where it came from.
export function show(part: Node, from: HTMLElement | null, name = 'dialog'): HTMLDialogElement {
  const close = make('button', { type: 'button', class: 'close', 'data-close': '', 'aria-label': 'Close' }, '✕')
  const dialog = make('dialog', { class: name }, close, part)
  const title = dialog.querySelector('h2')
  if (title) {
    title.id ||= 'dialog-title'
    dialog.setAttribute('aria-labelledby', title.id)
  }
  dialog.addEventListener('close', () => {
    dialog.remove()
    from?.focus()
  })
  dialog.addEventListener('click', (event) => {
    if (event.target === dialog) dialog.close() // beside it
  })
  document.body.append(dialog)
  enhance(dialog)
  dialog.showModal()
  const field = dialog.querySelector<HTMLElement>('input:not([type=hidden]), select, textarea')
  field?.focus()
  return dialog
}
