// The pictures of the documents: PICTURES names the folder. Nothing in them is of use to
// anybody; what is shown once, such as keys and codes, is not on them.
import { after, before, test } from 'node:test'
import { join } from 'node:path'
import { ready } from './ready.mjs'
import { launch, setUp } from './tour/browser.mjs'
import { authorization } from './tour/customers.mjs'

const production = `${ready.url}/console/e/harbourlight/production`
const dana = ready.people.dana

let browser
before(async () => { browser = await launch() })
after(() => browser?.close())

async function tab(options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce', timezoneId: 'UTC', ...options })
  return context.newPage()
}

// What differs on each machine, and passwords though they are invented, are not on them.
const picture = async (page, name) => {
  await page.evaluate(() => {
    for (const cell of document.querySelectorAll('td[data-label="Old password"] code')) cell.textContent = '••••••••'
    for (const term of document.querySelectorAll('dt')) if (term.textContent === 'Author') term.nextElementSibling.textContent = 'lena'
  })
  await page.evaluate(() => document.activeElement?.blur())
  await page.screenshot({ path: join(process.env.PICTURES, `${name}.png`) })
}

test('customers', async () => {
  const page = await tab()
  await page.goto(ready.apps.start)
  await picture(page, 'start')
  await page.click('#call-sunshare')
  await page.waitForSelector('#outcome')
  await page.goto(ready.apps['my-account'])
  await page.click('#sign-in')
  await page.fill('input[name=username]', dana.username)
  await picture(page, 'sign-in')
  await page.click('#login-submit')
  await page.fill('input[name=password]', dana.password)
  await page.click('#login-submit')
  await page.waitForSelector('#bill')
  await page.goto(authorization({ prompt: 'consent', scope: 'openid profile billing.read.bill billing.write.payment' }))
  await picture(page, 'consent')
  await page.goto(`${ready.url}/account/sessions?application=my-account`)
  await picture(page, 'account-sessions')
  await page.context().close()
})

test('operators', async () => {
  const page = await tab()
  await setUp(page, process.env.SALLYPORT_OPERATOR_LINK, 'robin')
  for (const [name, path] of Object.entries({
    overview: '', customers: '/customers?q=d', revision: '/revisions/2', audit: '/audit?q=application:my-account', keys: '/keys', migration: '/migrations/meterman',
  })) {
    await page.goto(production + path)
    await picture(page, name)
  }
  await page.goto(`${production}/customers?q=dana`)
  await page.click('tbody a')
  await page.waitForSelector('a[href$="/disable"]')
  await picture(page, 'customer')
  await page.emulateMedia({ colorScheme: 'dark' })
  await page.goto(`${production}/access/apps`)
  await page.click('.matrix tbody tr:nth-child(2) td:nth-of-type(2) a')
  await page.waitForSelector('#panel h2')
  await picture(page, 'matrix')
})
