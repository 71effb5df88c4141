// The tour: every page of operators in a real browser. One demo, one browser; all pages
// are looked at, then people do what they came for, by keyboard. Pages of customers:
// customers.test.mjs.
import { after, before, test } from 'node:test'
import { ready } from './ready.mjs'
import { heard, launch, setUp } from './tour/browser.mjs'
import { compare, crawl } from './tour/console.mjs'
import { authorization } from './tour/customers.mjs'
import * as journeys from './tour/journeys.mjs'
import { look, none } from './tour/look.mjs'
import { weigh, weighsAtMost } from './tour/weight.mjs'

const home = `${ready.url}/console`
const production = `${home}/e/harbourlight/production`
const { SALLYPORT_OPERATOR_LINK: link } = process.env

let browser
let robin // the operator's cookies
let operator // and what they sign in with

before(async () => { browser = await launch() })
after(() => browser?.close())

// inTab gives does a tab of a browser of its own; what that complains of fails the test.
async function inTab(options, does) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce', ...options })
  const complaints = heard(context)
  try {
    const done = await does(await context.newPage(), complaints)
    complaints.none()
    return done
  } finally {
    await context.close()
  }
}
const asRobin = (does, options = {}) => inTab({ storageState: robin, ...options }, does)

// looks collects what is wrong with the pages that it is called on.
function looks() {
  const wrong = []
  return { wrong, see: async (page, name) => { wrong.push(...await look(page, name)) } }
}

test('an operator is set up', () => inTab({}, async (page) => {
  const { wrong, see } = looks()
  operator = { username: 'robin', key: await setUp(page, link, 'robin', see) }
  robin = await page.context().storageState()
  none(wrong)
}))

test('every page, and the same without a script', { timeout: 600_000 }, () => asRobin(async (page, complaints) => {
  const { wrong, facts } = await crawl(page, complaints, home, operator)
  none(wrong)
  robin = await page.context().storageState() // they may have signed in anew
  await asRobin(async (plain, expected) => {
    none(await compare(plain, expected, facts, operator))
    robin = await plain.context().storageState()
  }, { javaScriptEnabled: false })
}))

test('a keyboard finds, goes and reads', () => asRobin(async (page) => {
  await journeys.findsACustomer(page, production)
  await journeys.goesAbout(page, production)
  await journeys.goesByThePalette(page, production)
  await journeys.readsTheMatrix(page, production)
  await journeys.worksWithoutSingleKeys(page, production)
}))

test('a keyboard changes things, with a script and without', async () => {
  const { wrong, see } = looks()
  const customer = await asRobin(async (page) => {
    const found = await journeys.findsACustomer(page, production)
    await journeys.changes(page, found, 'disable', true)
    await see(page, 'a disabled customer')
    await page.goto(`${found}/enable`)
    await see(page, 'a form to enable them')
    await journeys.makesASecret(page, production, see)
    return found
  })
  await asRobin((page) => journeys.changes(page, customer, 'enable', false), { javaScriptEnabled: false })
  none(wrong)
})

test('pages weigh little', async () => {
  await asRobin(async (page) => weighsAtMost('the console', await weigh(page, () => page.goto(production)), 120, 1))
  await inTab({}, async (page) => {
    weighsAtMost('sign-in', await weigh(page, () => page.goto(authorization())), 14, 0)
    const { username, password } = ready.people.otis
    await page.goto(`${ready.url}/account?application=my-account`)
    await page.fill('input[name=username]', username)
    await page.click('#login-submit')
    await page.fill('input[name=password]', password)
    await page.click('#login-submit')
    await page.waitForSelector('#account-name')
    weighsAtMost('the account', await weigh(page, () => page.reload()), 14, 0)
  })
})
