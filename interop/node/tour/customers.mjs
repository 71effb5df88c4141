// What customers see: signing in with all that can go wrong, consent, their account,
// a second factor, and signing out.
import assert from 'node:assert/strict'
import { ready, application } from '../ready.mjs'
import { totp } from './browser.mjs'

const app = application('my-account')
const dana = ready.people.dana
const submit = '#login-submit'

// authorization is a request of My Account, as the demo's own server makes it.
export const authorization = (more = {}) => `${app.issuer}/authorize?${new URLSearchParams({
  client_id: app.client_id, response_type: 'code', redirect_uri: app.redirect_uris[0], scope: 'openid', state: 's',
  code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM', code_challenge_method: 'S256', ...more,
})}`

// visitCustomers goes the way of a customer; see is called on each page of it. later
// moves the clock by a minute, for a code of an authenticator app is good once.
export async function visitCustomers(page, heard, see, later) {
  const at = async (selector, name) => { await page.waitForSelector(selector); await see(page, name) }
  const press = async (button, selector, name) => { await page.click(button); await at(selector, name) }

  await page.goto(ready.apps.start)
  await see(page, 'start')
  await press('#call-sunshare', '#outcome', 'refused at the gateway')
  await page.goto(`${ready.apps['my-account']}/help`)
  await see(page, 'help')
  await page.goto(ready.apps['my-account'])
  await see(page, 'welcome')
  await press('#sign-in', 'input[name=username]', 'username')
  heard.refused(page.url())
  await press(submit, '#error', 'no username')
  await page.fill('input[name=username]', dana.username)
  await press(submit, 'input[name=password]', 'password')
  heard.refused(page.url())
  await page.fill('input[name=password]', 'not the password')
  await press(submit, '#error', 'wrong password')
  await page.fill('input[name=password]', dana.password)
  await press(submit, '#bill', 'bill')
  await press('#pay', '#outcome', 'paid')

  await page.goto(authorization({ prompt: 'consent', scope: 'openid profile billing.read.bill billing.write.payment' }))
  await at('#consent-allow', 'consent')
  heard.refused(`${ready.apps['my-account']}/callback`) // it did not ask for this itself
  await page.click('#consent-allow')
  await page.waitForURL(`${ready.apps['my-account']}/**`)
  await see(page, 'an answer that nobody asked for')

  const account = `${ready.url}/account?application=my-account`
  await page.goto(account)
  await at('#account-name', 'account')
  for (const section of ['sessions', 'applications', 'activity', 'ways']) await press(`nav a[href*="/account/${section}"]`, `nav a[href*="/account/${section}"][aria-current]`, `account: ${section}`)
  await press('a[href*="/account/password"]', '#old-password', 'account: change the password')
  await page.goBack()
  await press('text=Set up an app', '#totp-key', 'account: set up an app')
  const key = await page.innerText('#totp-key')
  heard.refused(page.url())
  await page.fill('#code', '000000')
  await press('#app-set-up', '#error', 'account: a wrong code')
  await page.fill('#code', totp(await page.innerText('#totp-key')))
  await press('#app-set-up', '#recovery-codes', 'account: recovery codes')
  assert.equal(await page.locator('#recovery-codes li').count(), 10)
  await press('text=I have kept them', 'text=Make new recovery codes', 'account: ways, with an app')
  const changes = await page.$$eval('main a.button.quiet', (all) => all.map((a) => a.href))
  await later()

  // Whoever has a second factor proves both before anything of it changes.
  await page.goto(changes[0])
  await press(submit, 'input[name=password]', 'account: proves it again')
  await page.fill('input[name=password]', dana.password)
  await press(submit, '#code', 'account: proves the other too')
  await page.fill('#code', totp(key, Date.now() + 60_000))
  await press(submit, '#old-password', 'account: a password, with an app')
  for (const link of changes.slice(1)) {
    await page.goto(link)
    await see(page, `account: ${new URL(link).pathname}`)
  }

  await page.goto(`${app.issuer}/logout?client_id=${app.client_id}`)
  await at('#logout-confirm', 'sign out?')
  await press('#logout-confirm', 'h1:not(:has-text("?"))', 'signed out')

  // Who comes back from an application that wants more proves both factors.
  await page.context().clearCookies()
  await page.goto(authorization({ acr_values: 'mfa', scope: 'openid billing.read.bill' }))
  await page.fill('input[name=username]', dana.username)
  await page.click(submit)
  await page.fill('input[name=password]', dana.password)
  await press(submit, '#code', 'code')
  heard.refused(page.url())
  await page.fill('#code', '000000')
  await press(submit, '#error', 'wrong second factor')
  await press('#use-recovery-code', '#recovery-code', 'recovery code')
  await press('#use-code', '#code', 'code again')

  for (const [name, url] of Object.entries({
    'nobody asks': authorization({ client_id: 'nobody' }), 'a stale sign-in': `${ready.url}/signin?t=stale`,
    'a stale link': `${ready.url}/console/setup?t=stale`, 'nowhere': `${ready.url}/account/nowhere`,
  })) {
    heard.refused(url)
    await page.goto(url)
    await see(page, name)
  }
}
