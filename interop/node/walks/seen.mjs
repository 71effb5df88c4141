// Which pages of customers there are, and which of them a walk came to. The lists are
// read from the sources: a page that nobody walks to fails the test, unless it is named
// below with why.
import { readFileSync, readdirSync } from 'node:fs'

const source = (path) => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8')

// The pages of journeys, each by what is on it alone: a selector, and words in its text.
const journey = {
  Identifier: ['#username'],
  Password: ['#password'],
  Code: ['#code', 'Enter the code of your app'],
  Recovery: ['#recovery-code'],
  Passkey: ['#passkey-form, #passkey-elsewhere', 'Use your passkey'],
  Choice: ['#way-0'],
  Text: ['form:not(:has([name=step])) #code', 'We sent a code to …'],
  Call: ['form:not(:has([name=step])) #code', 'We call …'],
  Card: ['#code', 'Enter a code of your card'],
  Enrol: ['#totp-key'],
  Phone: ['#phone'],
  Codes: ['#recovery-codes'],
  Over: ['h1', /ended|ran out|account already/],
  Verify: ['form:has([name=step])', 'Enter the code that we sent'],
  NewPassword: ['#new-password'],
  Terms: ['h1', 'Please read and agree'],
  Profile: ['h1', 'A few things about you'],
  Claim: ['h1', /Which account is yours|We look at your claim/],
}

// Pages of journeys to which nothing of the demo leads.
const elsewhere = {
  Access: 'rights are there on the first request; its page is tested where it is made',
  Questions: 'questions that only somebody knows are off; their page is tested where it is made',
}

// Addresses of the account to which nothing of the demo leads.
const unvisited = ['/questions/remove'] // of questions that only somebody knows, which are off there

// The templates, each by what only it has.
const templates = {
  'web/login': { 'signin.html': '#login-submit', 'task.html': 'input[name=step]', 'factor.html': '#use-recovery-code, #totp-key, #recovery-codes', 'passkey.html': '#passkey-form', 'recent.html': '#recent' },
  'web/account/pages': {
    'accounts.html': '#accounts', 'activity.html': '.timeline', 'addresses.html': '#username-add', 'agreements.html': '[name=purpose]', 'app.html': '#app-set-up',
    'applications.html': '[name=from]', 'codes.html': '#recovery-codes', 'confirm.html': 'form.form', 'data.html': '#download', 'gone.html': '#gone',
    'newpasskey.html': '#new-passkey', 'overview.html': '.tiles', 'password.html': '#old-password', 'prove.html': '#address-prove', 'recent.html': '#recent', 'review.html': '#was-me',
    'taken.html': '#taken-back', 'undo.html': '#undo', 'sessions.html': '#sessions-end-others', 'shared-account.html': '#members', 'shared.html': '#status', 'ways.html': 'main h2',
  },
}

// Seen notes what was seen.
export class Seen {
  #kinds = new Set()

  // note tells what a page is, by its address and what is on it.
  async note(page) {
    const { pathname } = new URL(page.url())
    const found = await page.evaluate(([journey, templates]) => {
      const text = document.body.innerText
      const has = ([selector, words]) => document.querySelector(selector) && (!words || new RegExp(words).test(text))
      return {
        journey: Object.keys(journey).filter((name) => has(journey[name])),
        templates: Object.keys(templates).filter((name) => document.querySelector(templates[name])),
      }
    }, [
      Object.fromEntries(Object.entries(journey).map(([name, [selector, words]]) => [name, [selector, words?.source ?? words]])),
      Object.fromEntries(Object.entries(templates).flatMap(([folder, all]) => Object.entries(all).map(([file, selector]) => [`${folder}/${file}`, selector]))),
    ])
    const at = pathname.match(/^(?:\/preview)?\/(signin|account)(\/.*)?$/)
    if (!at) return []
    const folder = at[1] === 'signin' ? 'web/login/' : 'web/account/'
    const kinds = [
      ...(at[1] === 'signin' ? found.journey.map((name) => `page ${name}`) : [`address /account${at[2] ?? ''}`]),
      ...found.templates.filter((name) => name.startsWith(folder)).map((name) => `template ${name}`),
    ]
    for (const kind of kinds) this.#kinds.add(kind)
    return kinds
  }

  // missing are the pages that there are, and that nobody came to.
  missing() {
    const pages = [...source('pure/journey/page.go').matchAll(/^\t(\w+)Page\s+(?:Page )?=/gm)].map((found) => found[1])
    const addresses = [...source('web/account/account.go').matchAll(/^\t"((?:\/[^"]*)?)":\s+\{(?:show: )/gm)].map((found) => found[1])
    const files = Object.keys(templates).flatMap((folder) => readdirSync(new URL(`../../../${folder}`, import.meta.url)).filter((name) => name.endsWith('.html')).map((name) => `${folder}/${name}`))
    if (pages.length < 15 || addresses.length < 20 || files.length < 20) return ['the sources list no pages']
    return [
      ...pages.filter((name) => !elsewhere[name]).map((name) => `page ${name}`), ...addresses.filter((path) => !unvisited.includes(path)).map((path) => `address /account${path}`), ...files.map((name) => `template ${name}`),
    ].filter((kind) => !this.#kinds.has(kind))
  }
}
