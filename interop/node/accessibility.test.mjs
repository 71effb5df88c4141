// axe reads the demo's pages and those that customers meet first, in a real browser.
import AxeBuilder from '@axe-core/playwright'
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { chromium } from 'playwright-core'
import { application, ready } from './ready.mjs'

const standard = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']
const account = application('my-account')

let browser

before(async () => {
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM,
    args: [
      ...(process.getuid() === 0 ? ['--no-sandbox'] : []), // the sandbox refuses root
      '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync',
      '--host-resolver-rules=MAP *.test 127.0.0.1, MAP *.example 127.0.0.1',
    ],
  })
})
after(() => browser?.close())

async function check(page, name) {
  const { violations } = await new AxeBuilder({ page }).withTags(standard).analyze()
  const words = violations.map((v) => `${name}: ${v.id}: ${v.help}\n  ${v.nodes.map((n) => n.html).join('\n  ')}`)
  assert.equal(words.length, 0, words.join('\n'))
}

// At 320 CSS pixels nothing may need sideways scrolling (WCAG 1.4.10).
for (const viewport of [{ width: 1280, height: 900 }, { width: 320, height: 640 }]) {
  test(`sign-in at ${viewport.width} pixels`, async () => {
    const context = await browser.newContext({ viewport, reducedMotion: 'reduce' })
    const page = await context.newPage()
    await page.goto(ready.apps['my-account'])
    await check(page, 'welcome')
    await page.click('#sign-in')
    await page.waitForSelector('input[name=username]')
    await check(page, 'username')

    await page.fill('input[name=username]', ready.people.dana.username)
    await page.keyboard.press('Enter') // no mouse needed
    await page.waitForSelector('input[name=password]')
    await check(page, 'password')

    await page.fill('input[name=password]', 'not the password')
    await page.click('#login-submit')
    await page.waitForSelector('#error')
    await check(page, 'wrong password')
    const sideways = await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth)
    assert.equal(sideways, false, 'the page scrolls sideways')

    await page.fill('input[name=password]', ready.people.dana.password)
    await page.click('#login-submit')
    await page.waitForSelector('#bill')
    await page.click('summary')
    await check(page, 'bill')
    await context.close()
  })
}

for (const colorScheme of ['light', 'dark']) {
  test(`the story, ${colorScheme}`, async () => {
    const context = await browser.newContext({ colorScheme })
    const page = await context.newPage()
    await page.goto(ready.apps.start)
    await check(page, 'start')
    await page.click('#call-sunshare')
    await page.waitForSelector('#outcome')
    await check(page, 'refusal')
    await context.close()
  })
}

test('an error page', async () => {
  const context = await browser.newContext()
  const page = await context.newPage()
  const metadata = await (await fetch(`${account.issuer}/.well-known/openid-configuration`)).json()
  const request = new URL(metadata.authorization_endpoint)
  request.search = new URLSearchParams({ client_id: 'nobody', response_type: 'code' })
  await page.goto(request.href)
  await check(page, 'error')
  await context.close()
})
