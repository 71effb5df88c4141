// htmx fetches parts of pages. Nothing that it is given is ever run as a program:
// the policy of our pages forbids it, and so do we.
import htmx from 'htmx.org'
import { enhance } from './island'
import { elsewhere } from './part'

interface Internals {
  initSecurity(policy: undefined, sync: unknown, async: unknown): void
}

interface Context {
  request: { action: string, method: string }
  response?: { raw: Response }
  text?: string
}

function refuse(): never {
  throw new Error('attributes hold no programs here')
}

export function contextOf(event: Event): Context | undefined {
  return (event as CustomEvent<{ ctx?: Context }>).detail?.ctx
}

export function htmxStarts(): void {
  htmx.registerExtension('no-programs', { init: (api: Internals) => api.initSecurity(undefined, refuse, refuse) })
  // Who was signed out meanwhile is led to a page, not shown it in a part of one.
  document.addEventListener('htmx:before:response', (event) => {
    const ctx = contextOf(event)
    if (ctx?.response && ctx.request.method === 'GET' && elsewhere(ctx.response.raw, ctx.request.action)) {
      event.preventDefault()
      location.assign(ctx.request.action)
    }
  })
  document.addEventListener('htmx:after:swap', () => enhance(document))
}

export { htmx }
