// The token reader of the debugger, in a real browser: what is pasted is read there and
// nowhere else, and what it says is text, whatever it says.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { application, ready } from './ready.mjs'
import { heard, launch, setUp } from './tour/browser.mjs'
import { look, none } from './tour/look.mjs'

const debug = `${ready.url}/console/e/harbourlight/production/debugger`

let browser
let lena // the operator's cookies
let token // that PayRight was issued

before(async () => {
  browser = await launch()
  const context = await browser.newContext()
  await setUp(await context.newPage(), process.env.SALLYPORT_OPERATOR_LINK, 'lena')
  lena = await context.storageState()
  await context.close()
  const { issuer, client_id: id, client_secret: secret } = application('payright')
  const answer = await fetch(`${issuer}/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`${id}:${secret}`)}` },
    body: new URLSearchParams({ grant_type: 'client_credentials', scope: 'payments.write.posting' }),
  })
  assert.equal(answer.status, 200)
  token = (await answer.json()).access_token
})
after(() => browser?.close())

// reading opens the debugger, and fails if anything is sent while does goes on. Complaints
// of the browser fail it too: what a pasted token tries would break the page's policy.
async function reading(does) {
  const context = await browser.newContext({ storageState: lena, viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce' })
  const complaints = heard(context)
  try {
    const page = await context.newPage()
    await page.goto(debug)
    await page.waitForSelector('#pasted-token')
    const sent = []
    page.on('request', (request) => sent.push(`${request.method()} ${request.url()}`))
    await does(page, () => assert.deepEqual(sent, [], 'something was sent'))
    complaints.none()
  } finally {
    await context.close()
  }
}

const told = (page) => page.innerText('[data-token-reader]')
const forged = (claims) => [{ alg: 'none' }, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.') + '.'

test('a token that was issued is read, and nothing is sent', () => reading(async (page, nothingSent) => {
  await page.focus('#pasted-token')
  await page.keyboard.insertText(`Authorization: Bearer ${token}`)
  const text = await told(page)
  for (const said of ['Read, not verified', 'It expires in', 'payments.write.posting', 'at+jwt', ready.issuers.enterprise]) {
    assert.ok(text.includes(said), `it does not say ${said}`)
  }
  nothingSent()
  none(await look(page, 'a token that is read'))
}))

test('it leads to the same question', () => reading(async (page) => {
  await page.fill('#pasted-token', token)
  await page.click('text=Ask the same for payright')
  await page.waitForSelector('#gateway')
  const answer = new URL(page.url()).searchParams
  assert.deepEqual(Object.fromEntries(answer), { server: 'enterprise', grant: 'client_credentials', scopes: 'payments.write.posting' })
  assert.ok((await page.innerText('main')).includes('An access token of'))
}))

test('what a hostile token says is text', () => reading(async (page, nothingSent) => {
  const bait = '<img src=/console/bait onerror="document.title=1"><a href="javascript:1">x</a>'
  const title = await page.title()
  await page.fill('#pasted-token', forged({ sub: bait, [bait]: 1, client_id: 'x"><b>', iss: bait, exp: 1e300, scope: bait }))
  assert.ok((await told(page)).includes(bait))
  assert.equal(await page.locator('[data-token-reader] img, [data-token-reader] a').count(), 0)
  assert.equal(await page.title(), title)
  nothingSent()
}))

test('what is no token is said, and taken back', () => reading(async (page, nothingSent) => {
  for (const [pasted, said] of [
    ['hello', 'This is no JSON Web Token'], ['a.b.c', 'This is no JSON Web Token'], [`${token}.x`, 'This is no JSON Web Token'],
    ['W10.W10.x', 'This is no JSON Web Token'], ['at_something', 'It is opaque'], [forged({}), 'It says nothing of an end'],
  ]) {
    await page.fill('#pasted-token', pasted)
    assert.ok((await told(page)).includes(said), `${pasted}: ${await told(page)}`)
  }
  await page.fill('#pasted-token', '')
  assert.ok(!(await told(page)).includes('It says nothing'))
  nothingSent()
}))

test('without scripts it tells of the command', async () => {
  const context = await browser.newContext({ storageState: lena, javaScriptEnabled: false })
  const page = await context.newPage()
  await page.goto(debug)
  assert.equal(await page.locator('#pasted-token').count(), 0)
  assert.ok((await told(page)).includes('sallyport token inspect'))
  await context.close()
})
