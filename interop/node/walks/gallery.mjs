// Pages as walks found them, hung up to be looked at: the walks go by keyboard and
// without scripts, and what reads the rules of accessibility is a script. So what the
// server sent is shown once more, at the same address, in a tab that has scripts and
// asks the server for style sheets alone.
import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { ready } from '../ready.mjs'
import { brief, look } from '../tour/look.mjs'

const pictures = process.env.WALK_PICTURES // a folder, for whoever wants to see them

export class Gallery {
  #hung = new Set()
  #waiting = []
  #wrong = []
  #tabs

  constructor(browser, tabs = 2) {
    this.#tabs = Array.from({ length: tabs }, () => this.#visitor(browser))
    this.#open = true
  }

  #open
  #wake = () => {}

  // hang adds a page, once of each look: its heading, its fields and whether something is
  // wrong with them.
  async hang(page, name) {
    const { look, html, vendor } = await page.evaluate(() => ({
      vendor: /sallyport/i.test(document.title + document.body.innerText),
      look: JSON.stringify([location.pathname, document.title, [...document.querySelectorAll('main input, main button, main a, main h2, main h3')].map((e) => [e.tagName, e.name, e.id])]),
      html: `<!doctype html>${document.documentElement.outerHTML}`,
    }))
    const key = createHash('sha256').update(look).digest('hex')
    if (this.#hung.has(key)) return
    this.#hung.add(key)
    if (vendor && !page.url().startsWith(ready.apps.start)) this.#wrong.push(`${name}: it says who made it`)
    this.#waiting.push({ url: page.url(), html, name })
    this.#wake()
  }

  async #visitor(browser) {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce' })
    const page = await context.newPage()
    for (;;) {
      const next = this.#waiting.shift()
      if (next) {
        await this.#visit(page, next).catch((error) => this.#wrong.push(`${next.name}: ${error.message}`))
      } else if (!this.#open) {
        await context.close()
        return
      } else {
        await new Promise((done) => { const before = this.#wake; this.#wake = () => { before(); done() } })
        this.#wake = () => {}
      }
    }
  }

  async #visit(page, { url, html, name }) {
    await page.route(url, (route) => (route.request().isNavigationRequest() ? route.fulfill({ contentType: 'text/html; charset=utf-8', body: html }) : route.fallback()), { times: 1 })
    await page.goto(url)
    this.#wrong.push(...await look(page, name, brief))
    if (pictures) await picture(page, name)
  }

  // close waits until everything was looked at, and gives what is wrong.
  async close() {
    this.#open = false
    this.#wake()
    await Promise.all(this.#tabs)
    return { wrong: this.#wrong, looked: this.#hung.size }
  }
}

async function picture(page, name) {
  const file = name.replace(/[^a-z0-9]+/gi, '-')
  for (const [how, colorScheme, width] of [['light', 'light', 1280], ['dark', 'dark', 1280], ['narrow', 'light', 320]]) {
    await page.setViewportSize({ width, height: 800 })
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    writeFileSync(`${pictures}/${file}-${how}.png`, await page.screenshot({ fullPage: true }))
  }
}
