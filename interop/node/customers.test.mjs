// What customers do, each of it with a keyboard alone, without scripts, on a telephone of
// 320 pixels; passkeys aside, which take a script. Every page that a walk comes to is
// looked at once, and pages that no walk comes to are named.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { ready, application } from './ready.mjs'
import { launch } from './tour/browser.mjs'
import { authorization } from './tour/customers.mjs'
import { none } from './tour/look.mjs'
import { Gallery } from './walks/gallery.mjs'
import { Post } from './walks/post.mjs'
import { Seen } from './walks/seen.mjs'
import { account, App, portal, submit, Visitor, words } from './walks/world.mjs'

const { dana, otis, ivo, zoe, rita, juno } = ready.people
const post = new Post()
const seen = new Seen()

let browser, gallery
before(async () => {
  browser = await launch()
  gallery = new Gallery(browser)
})
after(() => browser?.close())

// as gives does a browser of somebody's own.
async function as(does, options = {}) {
  const v = await Visitor.at({ browser, seen, gallery, ...options })
  try {
    const done = await does(v)
    await v.leave()
    return done
  } catch (error) {
    throw new Error(`${error.message}\nat ${v.page.url()}: ${await v.page.innerText('body').catch(() => '')}`, { cause: error })
  }
}

// registers goes as far as the password, by an address to which a code is sent.
async function registers(v, address, tray, { at = portal(), to = address } = {}) {
  await v.open(at)
  await v.press('#register')
  await v.is('Create an account')
  await v.give('#username', address)
  await v.is('Enter the code that we sent')
  await v.give('#code', await post.code(tray, to))
  await v.is('Choose a password')
  await v.give('#new-password', words)
}

const skip = (v) => v.press('#skip')

async function agrees(v) {
  await v.is('Please read and agree')
  await v.tick('input[type=checkbox]')
  await v.press(submit)
}

// claims says the number of an account and two facts about it.
async function claims(v, number, by = submit, names = ['account-number', 'fact-postcode', 'fact-meter']) {
  const bill = account(number)
  await v.type(`[name="${names[0]}"]`, number)
  await v.type(`[name="${names[1]}"]`, bill.postcode)
  await v.type(`[name="${names[2]}"]`, bill.meter)
  await v.press(by)
}

// proves gives the password and a second factor anew, where a page wants both.
async function proves(v, password, code) {
  await v.press(submit)
  await v.give('#password', password)
  await v.give('#code', await code())
}

const isIn = (v) => v.page.waitForSelector('.tiles, #bill')


// meets signs in by name and password at My Account, and goes to the page that wants more.
async function wantsTheBank(v, person) {
  await v.open(ready.apps['my-account'])
  await v.press('#sign-in')
  await v.give('#username', person.username)
  await v.give('#password', person.password)
  await v.page.waitForSelector('#bill')
  await v.press('a[href="/bank"]')
  if (await v.page.inputValue('#username') === '') await v.type('#username', person.username)
  await v.press(submit)
}

// signsOut does, by the pages of the application.
async function signsOut(v) {
  await v.open(`${application('my-account').issuer}/logout?client_id=my-account`)
  await v.press('#logout-confirm')
}

const goes = (v, path) => v.press(`nav a[href*="/account/${path}"]`)

const walks = {
  'somebody registers by mail, errs at every step, closes the window and goes on elsewhere': async () => {
    const address = 'ida.lindqvist@letterbox.test'
    await as(async (v) => {
      await v.open(portal())
      await v.press(submit, { refused: true })
      await v.press('#register')
      await v.give('#username', 'nobody at all', { refused: true })
      await v.give('#username', 'pаypal@letterbox.test', { refused: true }) // its a is Cyrillic
      await v.give('#username', address)
      await v.give('#code', '12', { refused: true })
      const first = await post.code('inbox', address)
      await v.press('#send-again')
      const second = await post.code('inbox', address)
      await v.give('#code', first === '000000' ? '111111' : '000000', { refused: true })
      await v.give('#code', second)
      await v.give('#new-password', 'short', { refused: true })
      await v.give('#new-password', words)
      await v.is('Set up your authenticator app')
      await v.give('#code', '000000', { refused: true })
      await skip(v)
      await v.is('Please read and agree')
      await v.press(submit, { refused: true })
    })
    await as(async (v) => { // another device
      await v.signIn(address, words)
      await v.is('Set up your authenticator app') // it was put off, so it is asked for first
      await skip(v)
      await agrees(v)
      await v.page.goBack() // what was agreed to is not asked again
      await v.is('A few things about you')
      await v.type('#field-name', 'Ida Lindqvist')
      await v.press(submit, { refused: true }) // it asks for one thing more
      await v.type('#field-household', '3')
      await v.press(submit)
      await v.is('Which account is yours?')
      await v.type('[name="account-number"]', 'HL-1049-259')
      await v.type('[name="fact-postcode"]', 'XX 000')
      await v.type('[name="fact-meter"]', 'MTR-000000')
      await v.press(submit, { refused: true })
      await claims(v, 'HL-1042-222')
      await isIn(v)
      await everyPage(v, address)
      await goes(v, 'data')
      await v.press('#delete')
      await v.give('main form input[type=text]', 'no', { by: '#data-delete', refused: true })
      const word = (await v.page.innerText('main form')).match(/[“"'](\w+)[”"']|\b(DELETE|delete)\b/)
      await v.give('main form input[type=text]', word[1] ?? word[2], { by: '#data-delete' })
      assert.ok(await v.has('#gone'))
    })
  },

  'somebody registers by a phone at home, and has a phone, an app and codes as second factors': async () => {
    const [home, mobile] = ['+18485550150', '+18485550151']
    let app, codes
    await as(async (v) => {
      await registers(v, '(848) 555-0150', 'phone', { to: home })
      await v.press('#use-phone')
      await v.type('#phone', '12')
      await v.press(submit, { refused: true })
      await v.give('#phone', mobile)
      await v.give('#code', '000000', { refused: true })
      await v.give('#code', await post.code('phone', mobile))
      if (await v.has('#recovery-codes')) {
        codes = await v.page.locator('#recovery-codes code').allInnerTexts()
        await v.press(submit)
      }
      await agrees(v)
      await skip(v)
      await skip(v)
      await isIn(v)
      await goes(v, 'ways')
      await v.press('main a:has-text("Set up an app")')
      if (!await v.has('#totp-key')) await proves(v, words, () => post.code('phone', mobile)) // both, before anything changes
      app = new App(await v.page.innerText('#totp-key'))
      await v.give('#code', '000000', { by: '#app-set-up', refused: true })
      await v.give('#code', await app.code(), { by: '#app-set-up' })
      await v.press('main a[href*="recovery-codes"]')
      if (!await v.has('#recovery-codes-renew')) await proves(v, words, () => post.code('phone', mobile))
      await v.press('#recovery-codes-renew')
      codes = await v.page.locator('#recovery-codes code').allInnerTexts()
      await v.press('main :is(a, button):has-text("I have kept them")')
      await signsOut(v)
      await v.signIn(home, words)
      await v.give('#code', '000000', { refused: true })
      await v.press('#another-way')
      await v.choose('input[name=way][value=text]')
      await v.press(submit)
      await v.give('#code', await post.code('phone', mobile))
      await isIn(v)
      await signsOut(v)
    })
    await as(async (v) => { // a browser that nobody knows
      await v.signIn(home, words)
      await v.press('#use-recovery-code')
      await v.give('#recovery-code', 'x4k9-0d2m-7wtq', { refused: true })
      await v.give('#recovery-code', codes[0])
      await isIn(v)
    })
    await as(async (v) => { // who forgot the password has the second factor still
      await v.open(portal())
      await v.press('#recover')
      await v.give('#username', home)
      await v.give('#code', await post.code('phone', home))
      await v.is('Enter the code of your app')
      await v.give('#code', await app.code())
      await v.give('#new-password', `${words}, the other one`)
      assert.match(await v.page.innerText('#recent'), /phone/i) // what was added lately, in case somebody else did
      await v.press('#go-on')
      await isIn(v)
      await goes(v, 'ways')
      for (const [link, button] of [['a[href*="phone/remove"]', '#phone-remove'], ['a[href*="app/remove"]', '#app-remove']]) {
        await v.press(link)
        if (!await v.has(button)) await proves(v, `${words}, the other one`, () => app.code())
        await v.press(button)
        await v.page.waitForSelector('#status, #username')
      }
    })
  },

  'an account follows from two addresses that are proved': () => as(async (v) => {
    const phone = '+18485550190'
    await registers(v, 'noor.halim@letterbox.test', 'inbox')
    await skip(v)
    await agrees(v)
    await skip(v)
    await skip(v)
    await isIn(v)
    await goes(v, 'addresses')
    await v.press('#address-add')
    await v.give('[name=address]', 'pаypal@letterbox.test', { by: '#address-add', refused: true })
    await v.give('[name=address]', '(848) 555-0190', { by: '#address-add' })
    await v.give('#code', '000000', { by: '#address-prove', refused: true })
    await v.give('#code', await post.code('phone', phone), { by: '#address-prove' })
    assert.match(await v.page.innerText('#status'), /linked to you/)
    await goes(v, 'accounts')
    assert.match(await v.page.innerText('#accounts'), /HL-0001-001/)
    await goes(v, 'addresses')
    await v.press('#address-add')
    await v.give('[name=address]', 'noor.at.work@letterbox.test', { by: '#address-add' })
    await v.give('#code', await post.code('inbox', 'noor.at.work@letterbox.test'), { by: '#address-prove' })
    await v.press('a[href*="addresses/first"]')
    await v.press('#address-first')
    assert.match(await v.page.innerText('#status'), /comes first now/)
  }),

  'a code or a link does instead of the password, once and where it was asked for': async () => {
    await as(async (v) => {
      await v.open(portal())
      await v.give('#username', dana.username)
      await v.press('#send-code')
      const link = await post.link('inbox', dana.email, '/signin')
      await as(async (other) => {
        other.complaints.refused(link)
        await other.page.goto(link)
        assert.match(await other.page.innerText('#error'), /only where you began/)
      })
      await v.open(link)
      await v.press(submit)
      await isIn(v)
      await signsOut(v)
      v.complaints.refused(link)
      await v.page.goto(link)
      assert.equal(await v.page.locator('#account-name').count(), 0, 'a link lets in twice')
    })
    await as(async (v) => {
      await v.open(portal())
      await v.give('#username', dana.username)
      await v.press('#send-code')
      await v.give('#code', await post.code('inbox', dana.email))
      await isIn(v)
      await v.press('nav a[href*="/account/accounts"]')
      await v.press('#account-claim')
      await v.press('#claim', { refused: true })
      await claims(v, 'HL-1000-000', '#claim', ['number', 'fact-postcode', 'fact-meter'])
      await shares(v)
    })
  },

  'who forgot the password gets another, and who has an account makes no second one': async () => {
    await as(async (v) => {
      await v.open(portal())
      await v.press('#recover')
      await v.give('#username', zoe.username)
      await v.give('#code', await post.code('inbox', zoe.email))
      await v.give('#new-password', words)
      await isIn(v)
    })
    await as(async (v) => { // it was not her, she says
      await v.open(await post.link('inbox', zoe.email, '/account/undo'))
      await v.press('#take-back')
      await v.press('#recover')
      await v.is('Get a new password')
    })
    await as(async (v) => {
      await v.open(portal())
      await v.press('#register')
      await v.give('#username', zoe.email)
      await v.give('#code', await post.code('inbox', zoe.email), { ends: true })
      await v.is('You have an account already')
      await v.press('main a')
      assert.equal(await v.page.inputValue('#username'), zoe.email)
    })
  },

  'setting up a second factor waits, is asked for again where it was, and at last has to be': async () => {
    const address = 'enid.farrow@letterbox.test'
    const at = portal('', '/preview')
    await as(async (v) => {
      await registers(v, address, 'inbox', { at })
      await skip(v)
      await agrees(v)
      await skip(v)
      await skip(v)
      await isIn(v)
    })
    for (const waits of [true, true, false]) {
      await as(async (v) => {
        await v.signIn(address, words, at)
        await v.is('Set up your authenticator app')
        if (waits) return // the window is closed
        await skip(v)
        await isIn(v)
      })
    }
    await as(async (v) => {
      await v.signIn(address, words, at)
      assert.ok(!await v.has('#skip'), 'it waits a third time')
      const app = new App(await v.page.innerText('#totp-key'))
      await v.give('#code', await app.code())
      await v.is('Keep your recovery codes')
      await v.press(submit)
      await isIn(v)
    })
  },

  'somebody without a mobile phone proves two factors': async () => {
    await as(async (v) => {
      await wantsTheBank(v, otis)
      await v.give('#password', otis.password)
      const card = await post.next('letterbox', 'Otis')
      const [code] = card.text.match(/\b\d{4}-\d{4}\b/)
      await v.is('Enter a code of your card')
      await v.give('#code', '0000-0000', { refused: true })
      await v.give('#code', code)
      if (await v.has('#recovery-codes')) await v.press(submit)
      assert.ok(await v.has('#bank'))
      await v.open(portal('/ways'))
      await v.press('#card-end')
      await v.press('main a:has-text("Cancel")')
      assert.ok(await v.has('#card-end'))
    })
    await as(async (v) => { // Mei has none, and has her shop called
      await wantsTheBank(v, ready.people.mei)
      await v.give('#password', ready.people.mei.password)
      await v.press('#use-phone')
      await v.give('#phone', '+12125550103', { by: '#call-me' })
      await v.give('#code', await post.code('phone', '+12125550103'))
      if (await v.has('#recovery-codes')) await v.press(submit)
      assert.ok(await v.has('#bank'))
    })
  },

  'passkeys are made and let in': () => as(async (v) => {
    const cdp = await v.context.newCDPSession(v.page)
    await cdp.send('WebAuthn.enable')
    const add = (options) => cdp.send('WebAuthn.addVirtualAuthenticator', { options: { protocol: 'ctap2', automaticPresenceSimulation: true, ...options } })
    const key = await add({ transport: 'usb', hasResidentKey: false, hasUserVerification: false })
    await v.signIn(ivo.username, ivo.password)
    await goes(v, 'ways')
    await v.press('#key-add')
    await v.press('#passkey-make')
    if (await v.has('#recovery-codes')) await v.press('main :is(a, button):has-text("I have kept them")')
    await signsOut(v)
    await v.signIn(ivo.username, ivo.password)
    await v.is('Use your passkey')
    await v.press('#use-passkey')
    await isIn(v)
    await cdp.send('WebAuthn.removeVirtualAuthenticator', key)
    await add({ transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true })
    await goes(v, 'ways')
    await v.press('#passkey-add')
    await v.press('#passkey-make')
    await v.press('a[href*="passkey/remove"]')
    await signsOut(v)
    await v.page.goto(portal())
    await isIn(v) // the browser offers it where the name would be typed
  }, { scripts: true }),

  'an application is let have something, or not, and signing out asks first': () => as(async (v) => {
    await v.open(ready.apps['my-account'])
    await v.press('#sign-in')
    await v.give('#username', rita.username)
    await v.give('#password', rita.password)
    await v.open(authorization({ prompt: 'consent', scope: 'openid profile billing.read.bill' }))
    v.complaints.refused(`${ready.apps['my-account']}/callback`)
    await v.press('#consent-allow')
    await v.open(portal('/applications'))
    await v.press('button[name=from]')
    await signsOut(v)
    await v.open(portal())
    await v.is('Sign in')
  }),

  'the story is told, and whoever comes by a strange address is told where to go': () => as(async (v) => {
    await v.open(ready.apps.start)
    await v.press('#call-sunshare')
    await v.open(`${ready.apps.start}/inbox`)
    await v.open(`${ready.apps['my-account']}/help`)
    await v.open(ready.apps['my-account'])
    await v.press('#sign-in')
    await v.give('#username', rita.username)
    await v.give('#password', 'not the password', { refused: true })
    await v.give('#password', rita.password)
    await v.press('#pay')
    for (const url of [authorization({ client_id: 'nobody' }), `${ready.url}/signin?t=stale`, `${ready.url}/account/nowhere`]) await v.open(url, { ends: true })
  }),

  'a sister has a host of her own': () => as(async (v) => {
    await v.open(portal().replace('localhost', 'orchard.localhost').replace('?application=my-account', ''))
    assert.match(await v.page.innerText('body'), /Orchard Valley Power/)
    await v.give('#username', juno.username)
    await v.give('#password', juno.password)
    await isIn(v)
  }),
}

// everyPage goes to each page of somebody's account, and does what can be done there.
async function everyPage(v, address) {
  await goes(v, 'sessions')
  await v.press('#sessions-end-others')
  await goes(v, 'activity')
  if (await v.has('.timeline a')) {
    await v.press('.timeline a')
    await v.press('#was-me')
  }
  await goes(v, 'activity')
  await v.press('#added-lately')
  await v.press('nav a:has-text("Your account")')
  await v.press('#details')
  await v.page.evaluate(() => document.querySelector('[name=name]').removeAttribute('maxlength'))
  await v.give('[name=name]', 'Ida '.repeat(16 << 10), { by: '#details-keep', ends: true })
  await v.open(portal('/you'))
  await v.give('[name=name]', 'Ida of Gull Quay', { by: '#details-keep' })
  await goes(v, 'addresses')
  await v.press('#username-add')
  await v.give('[name=new-username]', 'pаypal', { by: '#username-add', refused: true })
  await v.give('[name=new-username]', 'ida.of.gull.quay', { by: '#username-add' })
  await v.press('section:has-text("username") a[href*="remove"]')
  await v.press('#address-remove')
  await goes(v, 'ways')
  await v.press('main a[href*="/account/password"]')
  await v.type('#old-password', 'not the password')
  await v.type('#new-password', `${words} again`)
  await v.press('#password-change', { refused: true })
  await v.press('main a:has-text("Cancel")')
  await v.press('a[href*="/account/phone/add"]')
  await v.press('main a:has-text("Cancel")')
  v.complaints.refused(portal('/card')) // no secret is posted to an address that is younger than a week
  await v.open(portal('/card'))
  await goes(v, 'ways')
  await v.press('main a[href*="/account/app?"]')
  await v.press('main a:has-text("Cancel")')
  await goes(v, 'data')
  await v.press('#agreements')
  await v.press('button[name=answer][value=yes]')
  await goes(v, 'data')
  await v.press('#download')
  await v.hand.to('#data-download')
  const file = v.page.waitForEvent('download')
  await v.page.keyboard.press('Enter')
  assert.match((await file).suggestedFilename(), /\.(json|zip|html)$/)
  await goes(v, 'activity')
  await v.press('main a:has-text("Sign out everywhere")')
  await v.press('main a:has-text("Cancel")')
  await goes(v, 'applications')
}

// shares an account with Theo, who registers by the invitation, looks, and leaves again.
async function shares(v) {
  await v.press('#share')
  await v.give('[name=address]', 'nobody', { by: '#account-share', refused: true })
  await v.give('[name=address]', 'theo.reyes@letterbox.test', { by: '#account-share' })
  const link = await post.link('inbox', 'theo.reyes@letterbox.test', '/invited')
  await as(async (theo) => {
    await registers(theo, 'theo.reyes@letterbox.test', 'inbox', { at: link })
    await skip(theo)
    await agrees(theo)
    await skip(theo)
    await skip(theo)
    await theo.press('#invitation-accept')
    if (await theo.has('#accounts')) await theo.press('#accounts a')
    await theo.press('#leave')
    await theo.press('#account-leave')
    theo.complaints.refused(link.split('?')[0])
    await theo.page.goto(link) // it counted once
    assert.equal(await theo.page.locator('#invitation-accept').count(), 0, 'an invitation counts twice')
  })
  await goes(v, 'accounts')
  await v.press('#accounts a')
  await v.press('#share')
  await v.give('[name=address]', 'saul@letterbox.test', { by: '#account-share' })
  await v.press('button[name=invitation]')
}

const only = process.env.WALK && new RegExp(process.env.WALK)

test('walks', { concurrency: 3, timeout: 600_000 }, (t) => Promise.all(
  Object.entries(walks).filter(([name]) => !only || only.test(name)).map(([name, walk]) => t.test(name, walk)),
))

test('every page was seen, and looked at', async () => {
  const { wrong, looked } = await gallery.close()
  console.log(`${looked} pages were looked at`)
  none(wrong)
  none(seen.missing())
})
