// The browser of the tour: one for all of it, and what people do in it.
import { createHmac } from 'node:crypto'
import { chromium } from 'playwright-core'
import { none } from './look.mjs'

export const password = 'heron over copper water' // what operators of these tests choose

export const launch = () => chromium.launch({
  executablePath: process.env.CHROMIUM,
  args: [
    ...(process.getuid() === 0 ? ['--no-sandbox'] : []), // the sandbox refuses root
    '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync',
    '--host-resolver-rules=MAP *.test 127.0.0.1, MAP *.example 127.0.0.1',
  ],
})

// totp gives the code of an authenticator app (RFC 6238). It is written here so that
// the product is not its own witness.
export function totp(key, at = Date.now()) {
  const bits = [...key.replaceAll(' ', '')].map((c) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0')).join('')
  const secret = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)))
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(Math.floor(at / 30000)))
  const sum = createHmac('sha1', secret).update(counter).digest()
  return String((sum.readUInt32BE(sum[19] & 15) & 0x7fffffff) % 1_000_000).padStart(6, '0')
}

let spent = 0 // the last time step whose code was given: each is good once

// spend gives a code that was not given yet.
async function spend(key) {
  const step = () => Math.floor(Date.now() / 30000)
  while (step() <= spent) await new Promise((resolve) => setTimeout(resolve, 500))
  spent = step()
  return totp(key)
}

// open opens a page of the console for an operator, who signs in again where it asks for
// that: some pages want it to be a few minutes ago at most.
export async function open(page, url, { username, key }) {
  const answer = await page.goto(url)
  if (!new URL(page.url()).pathname.endsWith('/console/signin')) return answer
  for (const [field, text] of [['username', username], ['password', password], ['code', await spend(key)]]) {
    await page.fill(`input[name=${field}]`, text)
    await page.click('#login-submit')
  }
  return page.goto(url)
}

// heard keeps what the browser complains of: breaches of a page's policy, errors of
// scripts, and requests that fail; but for addresses that a test expects refusals of.
export function heard(context) {
  const complaints = []
  const expected = []
  const complain = (url, what) => { if (!expected.some((start) => url.startsWith(start))) complaints.push(`${url.slice(0, 120)}: ${what}`) }
  context.setDefaultTimeout(Number(process.env.WALK_PATIENCE ?? 60_000))
  context.on('weberror', (error) => complain(error.page()?.url() ?? '', error.error().message))
  context.on('console', (message) => { if (message.type() === 'error') complain(message.location().url, message.text()) })
  context.on('requestfailed', (request) => {
    const { errorText } = request.failure()
    if (errorText !== 'net::ERR_ABORTED') complain(request.url(), errorText) // aborted: somebody went on
  })
  context.on('response', (response) => { if (response.status() >= 400) complain(response.url(), response.status()) })
  return {
    refused: (start) => { // what is heard of it already, too
      expected.push(start)
      complaints.splice(0, complaints.length, ...complaints.filter((text) => !text.startsWith(start)))
    },
    none: () => none(complaints.splice(0)),
  }
}

// setUp opens the link of an operator to be, and makes them one; look is called on
// each page of it. It gives the key of their authenticator app.
export async function setUp(page, link, username, look = async () => {}) {
  await page.goto(link)
  await look(page, 'set-up')
  await page.fill('#username', username)
  await page.fill('#name', 'Robin Reyes')
  await page.fill('#new-password', password)
  await page.press('#new-password', 'Enter')
  const key = await page.innerText('#totp-key')
  await look(page, 'set-up app')
  await page.fill('#code', await spend(key))
  await page.press('#code', 'Enter')
  await page.waitForSelector('#recovery-codes')
  await look(page, 'set-up recovery codes')
  await page.click('#login-submit')
  await page.waitForSelector('a[href$="/signout"]')
  return key
}
