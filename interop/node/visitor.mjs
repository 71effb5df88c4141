// A person with a browser that knows no JavaScript: the twin of harness/visitor.go,
// so that the clients below are tested without a Go program in between.
import { request as overHTTP } from 'node:http'

const tag = /<(form|input|button)\b([^>]*)>|<\/form>/gi
const attribute = /([^\s=/"'>]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?/g
const entities = { amp: '&', quot: '"', lt: '<', gt: '>', apos: "'" }

const decode = (text) =>
  text.replace(/&(?:#(\d+)|#x([0-9a-f]+)|(\w+));/gi, (whole, decimal, hex, name) => {
    if (decimal || hex) return String.fromCodePoint(parseInt(decimal ?? hex, decimal ? 10 : 16))
    return entities[name] ?? whole
  })

const attributesOf = (text) =>
  Object.fromEntries([...text.matchAll(attribute)].map(([, name, a, b, c]) => [name.toLowerCase(), decode(a ?? b ?? c ?? '')]))

// formsOf returns the forms of a page: action, fields, and buttons by id.
export function formsOf(html) {
  const forms = []
  let form
  for (const [whole, name, rest] of html.matchAll(tag)) {
    if (whole.toLowerCase() === '</form>') {
      form = undefined
      continue
    }
    const at = attributesOf(rest)
    if (name.toLowerCase() === 'form') {
      forms.push((form = { action: at.action ?? '', fields: new URLSearchParams(), buttons: {} }))
    } else if (form && (name.toLowerCase() === 'button' || at.type === 'submit')) {
      form.buttons[at.id] = at
    } else if (form && at.name && !(/checkbox|radio/.test(at.type) && !('checked' in at))) {
      form.fields.append(at.name, at.value ?? '')
    }
  }
  return forms
}

// ask sends what a browser sends when it goes to a page by itself. fetch would say
// that a script does (Sec-Fetch-Mode: cors).
const ask = (url, { method = 'GET', body, headers = {} }) => new Promise((done, failed) => {
  const text = body?.toString()
  const sent = overHTTP(url, {
    method,
    headers: {
      'sec-fetch-mode': 'navigate',
      'sec-fetch-dest': 'document',
      ...(text !== undefined && { 'content-type': 'application/x-www-form-urlencoded', 'content-length': Buffer.byteLength(text) }),
      ...headers,
    },
  }, async (answer) => {
    try {
      const chunks = []
      for await (const chunk of answer) chunks.push(chunk)
      done({ status: answer.statusCode, headers: answer.headers, text: Buffer.concat(chunks).toString() })
    } catch (error) {
      failed(error)
    }
  })
  sent.on('error', failed)
  sent.end(text)
})

// A person has a username and a password, and may have an app for codes: then key is
// what the app was set up with, and code computes what it shows. Who denies does not
// consent.
export class Visitor {
  #cookies = new Map()

  // twin is another browser with the same cookies, as who stole them has.
  twin() {
    const other = new Visitor()
    other.#cookies = new Map(this.#cookies)
    return other
  }

  // visit follows redirections until there is a page, or until one leads to stop.
  async visit(address, stop, init = {}) {
    let url = new URL(address)
    for (let hop = 0; hop < 20; hop++) {
      const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ')
      const { status, headers, text } = await ask(url, { ...init, headers: { ...init.headers, ...(cookie && { cookie }) } })
      this.#keep(headers['set-cookie'] ?? [])
      const { location } = headers
      if (!location) return { url, status, headers, text }
      url = new URL(location, url)
      if (stop && url.href.startsWith(stop)) return { arrived: url }
      init = {}
    }
    throw new Error('the redirections do not end')
  }

  #keep(lines) {
    for (const line of lines) {
      const [pair, ...attributes] = line.split(';').map((part) => part.trim())
      const at = pair.indexOf('=')
      const gone = attributes.some((a) => /^max-age=(0|-)/i.test(a))
      if (gone) this.#cookies.delete(pair.slice(0, at))
      else this.#cookies.set(pair.slice(0, at), pair.slice(at + 1))
    }
  }

  // signIn answers every page as person would and returns the address that the
  // browser was sent to in the end.
  async signIn(request, redirectUri, person) {
    let page = await this.visit(request, redirectUri)
    for (let step = 0; step < 10; step++) {
      if (page.arrived) return page.arrived
      page = await this.#answer(page, redirectUri, person)
    }
    throw new Error(`sign-in does not end; the last page is ${page.url}`)
  }

  #answer(page, redirectUri, person) {
    for (const form of formsOf(page.text)) {
      let id = 'login-submit'
      if (form.fields.has('password')) form.fields.set('password', person.password)
      else if (form.fields.has('username')) form.fields.set('username', person.username)
      else if (form.fields.has('code') && person.code) form.fields.set('code', codeOf(page, person))
      else if (form.buttons['consent-allow']) id = person.denies ? 'consent-deny' : 'consent-allow'
      else if (form.buttons[id]?.name !== 'codes-kept') continue
      return this.press(page, form, id, redirectUri)
    }
    throw new Error(`${page.url} (${page.status}) asks for something else:\n${page.text}`)
  }

  // press sends a form of a page by one of its buttons.
  press(page, form, id, stop) {
    const button = form.buttons[id]
    if (!button) throw new Error(`the form on ${page.url} has no button ${id}`)
    if (button.name) form.fields.set(button.name, button.value ?? '')
    return this.visit(new URL(form.action, page.url), stop, {
      method: 'POST',
      body: form.fields,
      headers: { origin: page.url.origin },
    })
  }
}

// codeOf sets the person's app up if the page shows a key.
function codeOf(page, person) {
  person.key = /id="totp-key">([^<]+)</.exec(page.text)?.[1] ?? person.key
  if (!person.key) throw new Error(`${page.url} asks for a code of an app that nobody set up`)
  return person.code(person.key)
}
