// Every page of the console. docs/reference/console.md lists them, and a test of
// web/console holds that list to the routes; whatever is on it is opened here, by the
// links of other pages or from the seeds below.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import { open } from './browser.mjs'
import { look } from './look.mjs'

const below = '/e/harbourlight/production'
const reference = new URL('../../../docs/reference/console.md', import.meta.url)

// listed are the addresses of the reference's tables, as it writes them.
const listed = readFileSync(reference, 'utf8').split('\n').filter((line) => line.startsWith('|'))
  .flatMap((line) => [...line.split('|')[1].matchAll(/`([/…][^` ]*)`/g)].map((found) => found[1]))
assert.ok(listed.length > 40, 'the reference lists no pages')
const patterns = listed.map((text) => ({
  text, form: new RegExp(`^${text.replace('…', below).replaceAll('.', '\\.').replace(/\b[A-Z]+\b/g, '([^/]+)')}$`),
  words: text.replace(/\b[A-Z]+\b/g, '').length,
}))

// What these show comes of what operators do; it is looked at where they do it.
const done = ['…/applications/NAME/secrets', '…/applications/NAME/subscriptions', '…/customers/ID/enable',
  '…/changes/N/approve', '…/changes/N/apply', '…/changes/N/withdraw', '…/changes/N/undo', // these: promotion.test.mjs
  // An import that goes on, and a mapping that was tried on a sample: jobs_test.go and workbench_test.go of web/console.
  '…/migrations/NAME/pause', '…/migrations/NAME/resume', '…/migrations/NAME/cancel', '…/migrations/NAME/propose',
  '…/claims/ID', '…/claims/ID/grant', '…/claims/ID/refuse', // one that waits: claims_test.go of web/console
  '…/customers/ID/agreements.json', // of whoever agreed to something: persontags_test.go of web/console
  '…/messages/ID'] // one that failed: messages_test.go of web/console

// patternOf says which of them an address is of: the one that leaves least open.
const patternOf = (path) => patterns.filter((p) => p.form.test(path)).sort((a, b) => b.words - a.words)[0]?.text

// Pages that ask before they show, and what else has looks of its own; last, the answer
// where it is a refusal.
const seeds = [
  ['/'], [`${below}/customers?q=dana`], [`${below}/customers?q=nobody-of-that-name`], [`${below}/applications?q=colour:red`, 400],
  [`${below}/applications?q=type:machine`], [`${below}/applications?q=nothing-of-that-name`], [`${below}/access/apps?group=residential`], [`${below}/revisions/2`],
  [`${below}/migrations/meterman/records?state=held&reason=broken-hash`], [`${below}/migrations/meterman/records?state=imported`],
  [`${below}/migrations/meterman/duplicates?show=all`], [`${below}/audit?q=colour:red`, 400],
  [`${below}/audit?q=${encodeURIComponent('customer:cus_00000000000000000000000000')}`], ['/nowhere', 404], [`${below}/revisions/9`, 404], [`${below}/revisions/1`], [`${below}/revisions/2/access.csv`], ['/design'], ['/design/form'],
]

// crawl looks at a page of each pattern and at each seed, and takes each file. It gives
// what is wrong, and what the pages told, by their addresses.
export async function crawl(page, heard, home, operator) {
  const wrong = []
  const facts = new Map()
  const met = new Set()
  const waiting = []
  const found = (path, status = 200) => {
    const pattern = status === 200 && !path.includes('?') && patternOf(path)
    if (pattern) met.add(pattern)
    waiting.push({ url: home + path, name: path.replace(below, '…'), status })
  }
  for (const seed of seeds) found(...seed)
  for (let next = waiting.shift(); next; next = waiting.shift()) {
    const { url, name, status } = next
    if (isFile(url)) {
      wrong.push(...await file(page, url, name))
      continue
    }
    if (status !== 200) heard.refused(url)
    const answer = await open(page, url, operator)
    if (answer.status() !== status) wrong.push(`${name}: ${answer.status()}`)
    wrong.push(...(await look(page, name)).filter((text) => !(name === '/design' && text.includes('landmark-unique')))) // it shows things twice
    if (!name.startsWith('/design')) facts.set(url, await page.evaluate(factsOf))
    for (const link of await page.$$eval('a[href]', (all) => all.map((a) => a.href.split('#')[0]))) {
      if (link !== home && !link.startsWith(`${home}/`)) continue
      const path = link.slice(home.length) || '/'
      const pattern = patternOf(path.split('?')[0])
      if (pattern && !met.has(pattern)) {
        met.add(pattern)
        found(path)
      }
    }
  }
  return { wrong: [...wrong, ...patterns.filter(({ text }) => !met.has(text) && !done.includes(text)).map(({ text }) => `nothing leads to ${text}`)], facts }
}

const isFile = (url) => /\.(csv|ndjson|json)$/.test(new URL(url).pathname)

async function file(page, url, name) {
  const answer = await page.request.get(url)
  const { 'content-type': kind, 'content-disposition': disposition } = answer.headers()
  const whole = answer.status() === 200 && /^(text\/csv|application\/x-ndjson|application\/json)/.test(kind) && /^attachment/.test(disposition) && (await answer.text()).trim() !== ''
  return whole ? [] : [`${name} is no file: ${answer.status()} ${kind} ${disposition}`]
}

// factsOf is what a page tells, in the page: the same with a script and without. Times
// are told in the reader's zone by the script, so their instants are compared.
function factsOf() {
  const { document } = window
  const text = (e) => {
    const copy = e.cloneNode(true)
    copy.querySelectorAll('time').forEach((t) => { t.textContent = t.dateTime })
    copy.querySelectorAll('[data-copy] button').forEach((b) => b.remove())
    return copy.textContent.replace(/\s+/g, ' ').trim()
  }
  return {
    h1: text(document.querySelector('h1')),
    rows: [...document.querySelectorAll('main tbody tr, main dl > *')].map(text),
    forms: [...document.querySelectorAll('main form')].map((f) => `${f.action} ${[...f.elements].map((e) => e.name).filter(Boolean)}`),
  }
}

// Pages that tell what goes on tell more a moment later; of them the frame is compared.
const live = /\/(production|console\/|audit|audit\/verify|audit\?.*|operators.*|keys|customers\/cus_\w+|applications\/\w+)$/

// compare opens pages without a script and gives in what they differ from what they told
// with one.
export async function compare(page, heard, facts, operator) {
  const wrong = []
  for (const [url, told] of facts) {
    heard.refused(url)
    await open(page, url, operator)
    const plain = await page.evaluate(factsOf)
    if (live.test(url)) for (const side of [plain, told]) side.rows = side.rows.length > 0
    if (!isDeepStrictEqual(plain, told)) wrong.push(`${url} tells without a script\n  ${JSON.stringify(plain)}\nand with one\n  ${JSON.stringify(told)}`)
  }
  return wrong
}
