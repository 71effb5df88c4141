// A promotion, by two operators in browsers of their own, and a customer in a third.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { application, ready } from './ready.mjs'
import { launch, setUp } from './tour/browser.mjs'
import { authorization } from './tour/customers.mjs'
import { tabTo } from './tour/journeys.mjs'
import { look, none } from './tour/look.mjs'

const preview = `${ready.url}/console/e/harbourlight/preview`
const production = `${ready.url}/console/e/harbourlight/production`
const app = application('my-account')
const verifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk' // of authorization's challenge, RFC 7636 appendix B
const scope = 'billing.write.payment'

let browser, lena, amir, customer
let change // address of the change that is right
let tokens // of a landlord, issued under it
const wrong = []
const see = async (page, name) => { wrong.push(...await look(page, name)) }
const tab = async () => (await browser.newContext({ reducedMotion: 'reduce' })).newPage()

before(async () => {
  browser = await launch()
  lena = await tab()
  amir = await tab()
  customer = await tab()
  await setUp(lena, process.env.LENA, 'lena.ortega')
  await setUp(amir, process.env.AMIR, 'amir.saleh')
})
after(() => browser?.close())

// press goes by the keyboard to what selector finds, and presses it.
async function press(page, selector) {
  await tabTo(page, selector)
  await page.keyboard.press('Enter')
}

// moves takes a change where a button of its page leads; reason is written if asked.
async function moves(page, word, reason) {
  await press(page, `.head a[href$="/${word}"]`)
  const form = `form:has(input[name=binding])`
  await page.waitForSelector(`${form} button[type=submit]`)
  if (await page.locator('dialog').count() === 0) await see(page, `${word} a change`) // behind a dialog nothing can be reached
  if (reason) {
    await tabTo(page, '#reason')
    await page.keyboard.type(reason)
  }
  await press(page, `${form} button[type=submit]`)
  await page.waitForSelector('main [role=status]')
  return page.innerText('main [role=status]')
}

// edits proposes another text of a file, and makes it live where nobody else is asked.
async function edits(page, file, from, to, reason) {
  await page.goto(`${preview}/edit?file=${file}`)
  await see(page, `edit ${file}`)
  const text = await page.inputValue('#text')
  assert.ok(text.includes(from), `${file} does not say ${from}`)
  await page.fill('#text', text.replace(from, to))
  await page.fill('#reason', reason)
  await press(page, 'form button[type=submit]')
  await page.waitForURL('**/changes/*')
  assert.match(await moves(page, 'apply'), /The change is live/)
}

const token = (form) => fetch(`${app.issuer}/token`, {
  method: 'POST', body: new URLSearchParams(form),
  headers: { authorization: `Basic ${Buffer.from(`${app.client_id}:${app.client_secret}`).toString('base64')}` },
})

const pay = (access) => fetch(`${ready.gateway}/billing/payments`, {
  method: 'POST', body: JSON.stringify({ account: 'HL-1028-148', amount_cents: 100, reference: 'stairs' }),
  headers: { authorization: `Bearer ${access}`, 'subscription-key': app.subscription_key, 'content-type': 'application/json' },
})

// signIn gives what an application of a landlord is issued for what it asks.
async function signIn(page, asked) {
  const ivo = ready.people.ivo
  await page.goto(authorization({ scope: asked }))
  await page.fill('input[name=username]', ivo.username)
  await page.click('#login-submit')
  await page.fill('input[name=password]', ivo.password)
  await page.click('#login-submit')
  await page.waitForURL((url) => url.href.startsWith(app.redirect_uris[0])) // which did not ask, and leaves the code alone
  const answer = new URL(page.url())
  return (await token({ grant_type: 'authorization_code', code: answer.searchParams.get('code'), redirect_uri: app.redirect_uris[0], code_verifier: verifier })).json()
}

test('a red cell explains itself to a keyboard', async () => {
  await lena.goto(`${preview}/access/enterprise`)
  await see(lena, 'the matrix of preview')
  await tabTo(lena, '.matrix td a')
  for (const key of ['ArrowDown', 'ArrowRight', 'Enter']) await lena.keyboard.press(key)
  await lena.waitForSelector('#panel h2')
  const said = await lena.innerText('#panel')
  assert.match(said, /Why sunshare gets payments\.write\.posting/)
  assert.match(said, /read-only/)
  assert.match(said, /SunShare reads usage\. It must never move money\./)
})

test('the change that waits is stopped, and is rejected', async () => {
  await amir.goto(`${production}/changes/1`)
  await see(amir, 'a change that is stopped')
  const said = await amir.innerText('main')
  assert.match(said, /sunshare can now get payments\.write\.posting of enterprise/)
  assert.match(said, /about \d+ customers now/)
  assert.match(said, /Stopped Expectations 2 not met/)
  assert.match(said, /SunShare reads usage\. It must never move money\./)
  assert.match(said, /Waits Approvals 0 of 1 approvals/)
  assert.equal(await amir.locator('.head a[href$="/apply"]').count(), 0)
  assert.match(await moves(amir, 'reject', 'SunShare must not move money'), /rejected/)
})

test('the slip is taken out of preview, and the rest is proposed', async () => {
  const why = 'left over from an afternoon of testing'
  await edits(lena, 'servers.yaml', 'grants: [client_credentials]\n        scopes: ["*"]', 'grants: [client_credentials]\n        scopes: [usage.read.interval, payments.read.posting]', why)
  await edits(lena, 'applications.yaml', ', payments.read.posting, payments.write.posting]', ', payments.read.posting]', why)
  await lena.goto(`${production}/promote`)
  await see(lena, 'promote from where')
  await lena.selectOption('select[name=from]', 'preview')
  await press(lena, 'form.ask button')
  await lena.waitForSelector('#propose')
  await see(lena, 'promote preview')
  const said = await lena.innerText('main')
  assert.match(said, /my-account can now get billing\.write\.payment of apps too/)
  assert.match(said, /As expected/)
  assert.doesNotMatch(said, /sunshare/)
  await lena.fill('#reason', 'landlords asked for it')
  await press(lena, 'form:has(#title) button[type=submit]')
  await lena.waitForURL('**/changes/*')
  change = lena.url().split('?')[0]
})

test('its author cannot approve it', async () => {
  await see(lena, 'a change of her own')
  const said = await lena.innerText('main .head')
  assert.match(said, /Nobody approves what they wrote/)
  assert.match(said, /It does not pass everything yet/)
  assert.equal(await lena.locator('.head button:disabled').count(), 2)
  assert.equal((await lena.request.get(`${change}/approve`)).status(), 409)
})

test('somebody else approves it, and its author makes it live', async () => {
  assert.equal((await signIn(await tab(), `openid ${scope}`)).scope ?? '', 'openid')
  await amir.goto(change)
  assert.match(await moves(amir, 'approve'), /Your approval is recorded/)
  await lena.goto(change)
  assert.match(await moves(lena, 'apply'), /The change is live/)
  await see(lena, 'a change that was applied')
  assert.match(await lena.innerText('.timeline'), /amir\.saleh[^]*lena\.ortega/)
})

test('a landlord pays', async () => {
  tokens = await signIn(customer, `openid offline_access ${scope}`)
  assert.match(tokens.scope ?? scope, /billing\.write\.payment/)
  assert.equal((await pay(tokens.access_token)).status, 201)
})

test('what it gave dies with it', async () => {
  await lena.goto(change)
  assert.match(await moves(lena, 'undo', 'INC-2047'), /taken back/)
  const until = Date.now() + 5_000
  let status = 0
  while (status !== 401 && Date.now() < until) status = (await pay(tokens.access_token)).status
  assert.equal(status, 401, 'the gateway honours the token after five seconds')
  const again = await token({ grant_type: 'refresh_token', refresh_token: tokens.refresh_token })
  assert.equal(again.status, 400)
  assert.equal((await again.json()).error, 'invalid_grant')
  await lena.goto(change)
  await see(lena, 'a change that was undone')
  assert.match(await lena.innerText('main'), /undone by change 3/)
  await lena.click('a:text-is("change 3")')
  await lena.waitForSelector('#recalled')
  await see(lena, 'an undo')
})

test('every page of it is for everybody', () => none(wrong))
