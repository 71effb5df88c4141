// The living page of the design system, in a real browser: axe and HTML_CodeSniffer
// read every component, and the islands are used as people use them.
import AxeBuilder from '@axe-core/playwright'
import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { after, before, test } from 'node:test'
import { chromium } from 'playwright-core'
import { ready } from './ready.mjs'

const standard = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']
const sniffer = createRequire(import.meta.url).resolve('@pa11y/html_codesniffer/build/HTMLCS.js')
const living = `${ready.url}/console/design`

let browser

before(async () => {
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM,
    args: [
      ...(process.getuid() === 0 ? ['--no-sandbox'] : []), // the sandbox refuses root
      '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync',
    ],
  })
})
after(() => browser?.close())

// opened opens the page; whatever the browser complains of fails the test, a breach
// of the page's policy above all.
async function opened(options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, reducedMotion: 'reduce', ...options })
  const page = await context.newPage()
  const complaints = []
  page.on('console', (message) => { if (message.type() === 'error' && !message.location().url.endsWith('/favicon.ico')) complaints.push(message.text()) })
  page.on('pageerror', (error) => complaints.push(error.message))
  await page.goto(living)
  return { page, async close() { await context.close(); assert.deepEqual(complaints, []) } }
}

// One page shows each component several times, so its landmarks share their names.
async function axe(page, name, part = 'html') {
  const { violations } = await new AxeBuilder({ page }).include(part).withTags(standard).disableRules(['landmark-unique']).analyze()
  assert.equal(violations.length, 0, violations.map((v) => `${name}: ${v.id}: ${v.help}\n  ${v.nodes.map((n) => n.html).join('\n  ')}`).join('\n'))
}

// sniff runs HTML_CodeSniffer, as pa11y does. Its errors count; its warnings and
// notices ask for a person's judgement.
async function sniff(page, name) {
  await page.addScriptTag({ path: sniffer })
  const { said, errors } = await page.evaluate(() => new Promise((resolve) => {
    window.HTMLCS.process('WCAG2AA', document, () => {
      const said = window.HTMLCS.getMessages()
      const errors = said.filter((m) => m.type === window.HTMLCS.ERROR).map((m) => `${m.code}: ${m.msg}\n  ${m.element.outerHTML?.slice(0, 200)}`)
      resolve({ said: said.length, errors })
    })
  }))
  assert.ok(said > 0, `${name}: nothing was read`)
  assert.equal(errors.length, 0, `${name}:\n${errors.join('\n')}`)
}

for (const [name, options] of Object.entries({
  light: {},
  dark: { colorScheme: 'dark' },
  narrow: { viewport: { width: 320, height: 640 } },
  'forced colours': { forcedColors: 'active' },
})) {
  test(`every component, ${name}`, async () => {
    const { page, close } = await opened(options)
    await page.evaluate(() => document.querySelectorAll('details').forEach((d) => { d.open = true }))
    await axe(page, name)
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth), false, 'it scrolls sideways')
    await close()
  })
}

test('every component, by HTML_CodeSniffer', async () => {
  // The page's policy lets no foreign script in; this test is one.
  const context = await browser.newContext({ bypassCSP: true })
  const page = await context.newPage()
  await page.goto(living)
  await sniff(page, 'living page')
  await context.close()
})

test('with text twice as large', async () => {
  const { page, close } = await opened()
  await page.evaluate(() => { document.documentElement.style.fontSize = '200%' })
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth), false, 'it scrolls sideways')
  await close()
})

const focused = (page, read) => page.evaluate((name) => document.activeElement?.[name], read)

test('keys search, go, step through rows and list themselves', async () => {
  const { page, close } = await opened()
  await page.keyboard.press('/')
  assert.equal(await focused(page, 'id'), 'search')
  await page.keyboard.type('g/?jk')
  assert.match(await page.inputValue('#search'), /g\/\?jk$/, 'keys act while somebody types')
  await page.evaluate(() => document.activeElement.blur())

  await page.keyboard.press('j')
  await page.keyboard.press('j')
  const second = await focused(page, 'href')
  await page.keyboard.press('k')
  assert.ok(second && await focused(page, 'href'), 'j and k find no row')
  await page.evaluate(() => document.activeElement.blur())

  await page.keyboard.press('g')
  await page.keyboard.press('l')
  await page.waitForURL(/#lists$/)

  await page.keyboard.press('?')
  await page.waitForSelector('dialog[open]')
  await axe(page, 'keys')
  await page.uncheck('#single-keys')
  await page.keyboard.press('Escape')
  await page.waitForSelector('dialog', { state: 'detached' })
  await page.evaluate(() => document.activeElement.blur())
  await page.keyboard.press('/')
  assert.notEqual(await focused(page, 'id'), 'search', 'single keys act though they are off')
  await page.reload()
  await page.keyboard.press('/')
  assert.notEqual(await focused(page, 'id'), 'search', 'the browser does not remember')
  await close()
})

test('the palette finds and goes', async () => {
  const { page, close } = await opened()
  await page.keyboard.press('Control+k')
  await page.waitForSelector('dialog.palette[open]')
  await axe(page, 'palette')
  await page.keyboard.type('facts and')
  assert.match(await page.innerText('.palette [aria-selected=true]'), /Facts and figures/)
  await page.keyboard.press('Enter')
  await page.waitForURL(/#facts$/)
  await close()
})

test('a matrix is one stop, and its cells explain themselves beside it', async () => {
  const { page, close } = await opened()
  assert.equal(await page.locator('.matrix td a[tabindex="0"]').count(), 1)
  await page.focus('.matrix td a[tabindex="0"]')
  await page.keyboard.press('ArrowRight')
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('End')
  await page.keyboard.press('Home')
  await page.keyboard.press('ArrowRight')
  const cell = page.locator('.matrix tbody tr:nth-child(2) td:nth-of-type(2) a')
  assert.equal(await cell.evaluate((e) => e === document.activeElement), true, 'the arrows lead elsewhere')
  await page.keyboard.press('Enter')
  await page.waitForSelector('#panel h2')
  assert.equal(page.url(), living)
  assert.match(await page.innerText('#panel'), /By rule counters/)
  assert.equal(await page.locator('#panel main, #panel h1').count(), 0, 'a page was put into the page')
  await axe(page, 'panel', '#panel') // the bar below the table hides boxes until one scrolls
  await page.keyboard.press('Escape')
  assert.equal(await page.locator('#panel').count(), 0)
  assert.equal(await cell.evaluate((e) => e === document.activeElement), true, 'the focus does not return')
  await close()
})

test('rows are chosen one by one, in a range and all at once', async () => {
  const { page, close } = await opened()
  const boxes = page.locator('form[data-select] tbody input[type=checkbox]')
  const act = page.locator('form[data-select] .bulk button').first()
  assert.equal(await act.isDisabled(), true)
  await boxes.nth(0).click()
  await boxes.nth(2).click({ modifiers: ['Shift'] })
  assert.equal(await page.innerText('[data-chosen]'), '3 customers chosen')
  assert.equal(await act.isDisabled(), false)
  await page.click('form[data-select] thead input')
  assert.equal(await page.innerText('[data-chosen]'), '0 customers chosen')
  await close()
})

test('a form comes in a dialog, and is a page without script', async () => {
  const { page, close } = await opened()
  await page.click('.head a[data-dialog]')
  await page.waitForSelector('dialog[open] form')
  await axe(page, 'dialog')
  assert.equal(await focused(page, 'name'), 'reason')
  await page.click('dialog [data-close] >> text=Cancel')
  await page.waitForSelector('dialog', { state: 'detached' })
  assert.match(await focused(page, 'href'), /\/design\/form$/)
  await close()

  const plain = await opened({ javaScriptEnabled: false })
  await plain.page.click('.head a[data-dialog]')
  await plain.page.waitForURL(/\/design\/form$/)
  await plain.page.waitForSelector('main form')
  await plain.close()
})

test('what goes on is looked at again', async () => {
  const { page, close } = await opened()
  await page.evaluate(() => { document.querySelector('#run-7f2').value = 0 })
  await page.waitForFunction(() => document.querySelector('#run-7f2').value === 5214, null, { timeout: 10000 })
  assert.equal(await page.locator('#run-7f2-progress').count(), 1)
  await close()
})

test('instants are told in the zone of who reads, and in UTC', async () => {
  const { page, close } = await opened({ timezoneId: 'Asia/Kolkata' })
  const time = page.locator('time').first()
  assert.equal(await time.innerText(), '2026-11-22 16:12:05')
  assert.equal(await time.getAttribute('title'), '2026-11-22 10:42:05 UTC')
  await close()
})

test('what people take elsewhere is copied', async () => {
  const { page, close } = await opened({ permissions: ['clipboard-read', 'clipboard-write'] })
  await page.click('.listing[data-copy] button')
  await page.waitForSelector('.listing button >> text=Copied')
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), 'sallyport access test --client partner-sunshare')
  await close()
})

test('attributes run no programs, even where no policy forbids it', async () => {
  const context = await browser.newContext({ bypassCSP: true })
  const page = await context.newPage()
  await page.goto(living)
  const ran = await page.evaluate(async () => {
    const trap = document.createElement('button')
    trap.setAttribute('hx-on:click', 'window.ran = "on"')
    trap.setAttribute('hx-get', '/console/design')
    trap.setAttribute('hx-vals', 'js:{a: window.ran = "vals"}')
    document.querySelector('main').append(trap)
    try {
      window.htmx.process(trap)
    } catch { /* a refusal */ }
    trap.click()
    await new Promise((done) => setTimeout(done, 200))
    return [typeof window.htmx.process, window.ran]
  })
  assert.deepEqual(ran, ['function', undefined])
  await context.close()
})
