// What walks of customers share: a browser without scripts on the narrowest telephone,
// what the business knows of accounts, and codes of authenticator apps.
import { readFileSync } from 'node:fs'
import { ready } from '../ready.mjs'
import { heard, totp } from '../tour/browser.mjs'
import { Hand } from './hand.mjs'

export const submit = '#login-submit'
export const words = 'a heron stands on one leg' // what people of these walks choose as a password
export const portal = (path = '', environment = '') => `${ready.url}${environment}/account${path}?application=my-account`

const [columns, ...rows] = readFileSync(new URL('../../../demo/harbourlight/accounts.csv', import.meta.url), 'utf8').trim().split('\n').map((line) => line.split(','))

// account is what the bill of an account says.
export const account = (number) => Object.fromEntries(rows.find((row) => row[0] === number).map((value, i) => [columns[i], value]))

const steps = () => Math.floor(Date.now() / 30_000)

// App is somebody's authenticator app. A code is good once. That of the next step counts
// as well, for clocks that are ahead: who wants a third waits.
export class App {
  #step = 0
  constructor(key) { this.key = key }

  async code() {
    this.#step = Math.max(this.#step + 1, steps())
    while (this.#step > steps() + 1) await new Promise((done) => setTimeout(done, 500))
    return totp(this.key, this.#step * 30_000)
  }
}

// Visitor is a browser of somebody's own, whose pages are noted and hung up.
export class Visitor {
  static async at({ browser, seen, gallery, width = 320, scripts = false }) {
    const v = new Visitor()
    v.context = await browser.newContext({ viewport: { width, height: 640 }, javaScriptEnabled: scripts, reducedMotion: 'reduce' })
    v.complaints = heard(v.context)
    v.page = await v.context.newPage()
    return Object.assign(v, { hand: new Hand(v.page), seen, gallery })
  }

  async open(url, how = {}) {
    if (how.ends) this.complaints.refused(url)
    await this.page.goto(url)
    await this.#arrived(how)
  }

  // press goes on by a button or a link; refused says that a page with a mistake comes,
  // ends that it is one from which nothing leads on.
  async press(selector, { refused = false, ends = false } = {}) {
    if (refused || ends) this.complaints.refused(this.page.url().split('?')[0])
    await this.hand.press(selector)
    if (refused || ends) this.complaints.refused(this.page.url().split('?')[0])
    await this.#arrived({ refused, ends })
  }

  type(selector, text) { return this.hand.type(selector, text) }
  tick(selector) { return this.hand.tick(selector) }
  choose(selector) { return this.hand.choose(selector) }

  // give types into one field and goes on.
  async give(selector, text, options) {
    await this.type(selector, text)
    await this.press(options?.by ?? submit, options)
  }

  async #arrived({ refused = false, ends = false } = {}) {
    const { page } = this
    const wide = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth, document.querySelector('#error')?.innerText, document.title])
    if (wide[0] > wide[1]) throw new Error(`${page.url()} is ${wide[0]} pixels wide in a window of ${wide[1]}`)
    if (refused && !wide[3].startsWith('Error: ')) throw new Error(`${page.url()} does not say that something is wrong: ${wide[3]}`)
    if (!refused && !ends && wide[2]) throw new Error(`${page.url()} says: ${wide[2]}`)
    const kinds = await this.seen.note(page)
    await this.gallery?.hang(page, `${new URL(page.url()).pathname} ${kinds[0] ?? ''} ${wide[3]}`)
  }

  // is waits for a heading.
  async is(heading) {
    const got = await this.page.innerText('h1')
    if (!got.includes(heading)) throw new Error(`${this.page.url()} is "${got}", want "${heading}"`)
  }

  has(selector) { return this.page.locator(selector).count().then((n) => n > 0) }

  // signIn goes to the pages of the account by name and password.
  async signIn(name, password, url = portal()) {
    await this.open(url)
    await this.give('#username', name)
    await this.give('#password', password)
  }

  // leave closes the browser; what it complained of fails the walk.
  async leave() {
    this.complaints.none()
    await this.context.close()
  }
}
