// What the utility's customers are sent, as its inbox, phone and letterbox show it. A
// test reads there what its people would read, and nothing else tells it a code.
import assert from 'node:assert/strict'
import { ready } from '../ready.mjs'

const plain = (html) => html.replace(/<style.*?<\/style>/gs, '').replace(/<[^>]+>/g, ' ')
  .replace(/&#(\d+);/g, (_, n) => String.fromCodePoint(n)).replace(/&#x([0-9a-f]+);/gi, (_, n) => String.fromCodePoint(parseInt(n, 16)))
  .replaceAll('&amp;', '&').replaceAll('&#43;', '+').replace(/\s+/g, ' ')

const read = async (path) => (await fetch(ready.apps.start + path)).text()

// entries are what lies in a tray, newest first: to whom, and where to read it, or what
// it says.
async function entries(tray) {
  const page = await read(`/${tray}`)
  return [...page.matchAll(/<h2>(?:<a href="(\/messages\/[^"]+)">)?(.*?)(?:<\/a>)?<\/h2>\s*<p>(.*?)<\/p>/gs)]
    .map(([, path, title, text]) => (path ? { path, to: plain(text).replace(/^\s*To /, '').trim(), title: plain(title) } : { to: plain(title).trim(), text: plain(text), path: `${tray} ${title} ${text}` }))
}

// Post is the mail of these tests. What was read once is not read again.
export class Post {
  #read = new Set()

  // next waits for the next message to somebody in a tray.
  async next(tray, to, holds = () => true) {
    for (const end = Date.now() + 20_000; ;) {
      for (const entry of await entries(tray)) {
        if (!entry.to.includes(to) || this.#read.has(entry.path)) continue
        const html = entry.text ?? await read(entry.path)
        const message = { ...entry, html, text: plain(html) }
        if (!holds(message)) continue
        this.#read.add(entry.path)
        assert.doesNotMatch(message.to + message.title + message.html, /sallyport/i, 'a message says who made it')
        return message
      }
      assert.ok(Date.now() < end, `nothing comes to ${to} in the ${tray}`)
      await new Promise((done) => setTimeout(done, 40))
    }
  }

  // code waits for a code to somebody.
  async code(tray, to) {
    const found = /\b(\d{3}) ?(\d{3})\b/
    const { text } = await this.next(tray, to, (m) => found.test(spoken(m.text).replaceAll(to, '')))
    const [, first, second] = spoken(text).replaceAll(to, '').match(found)
    return first + second
  }

  // link waits for a message with a link, and gives it.
  async link(tray, to, about) {
    const { html } = await this.next(tray, to, (m) => m.html.includes(about))
    return html.match(new RegExp(`href="([^"]*${about}[^"]*)"`))[1].replaceAll('&amp;', '&')
  }
}

// spoken makes a code one that is told digit by digit.
const spoken = (text) => text.replace(/\b\d(?:[,.]? \d){5}\b/g, (digits) => digits.replace(/\D/g, ''))
