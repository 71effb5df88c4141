// What operators come for, with a keyboard and no mouse: they search, go about, read
// why a cell is as it is, and change things.
import assert from 'node:assert/strict'

const focused = (page) => page.evaluate(() => {
  const e = document.activeElement
  return e === document.body ? '' : e.id || e.getAttribute('href') || e.name || e.tagName
})
const loose = (page) => page.evaluate(() => document.activeElement.blur())

// tabTo goes by the tabulator to what selector finds.
export async function tabTo(page, selector) {
  for (let i = 0; i < 120; i++) {
    if (await page.evaluate((s) => document.activeElement.matches(s), selector)) return
    await page.keyboard.press('Tab')
  }
  assert.fail(`the keyboard does not lead to ${selector}`)
}

export async function findsACustomer(page, at) {
  await page.goto(`${at}/customers`)
  await page.keyboard.press('/')
  assert.equal(await focused(page), 'search')
  await page.keyboard.type('dana')
  await page.keyboard.press('Enter')
  await page.waitForURL(/q=dana/)
  await loose(page)
  await page.keyboard.press('j')
  const first = await focused(page)
  assert.match(first, /\/customers\/cus_/)
  await page.keyboard.press('Enter')
  await page.waitForURL(`**${first}`)
  return page.url()
}

export async function goesAbout(page, at) {
  await page.goto(at)
  await page.keyboard.press('?')
  await page.waitForSelector('dialog[open]')
  const letters = await page.$$eval('dialog dl > div, dialog dl', (all) => [...all[0].parentElement.querySelectorAll('dt')].map((dt) => [dt.textContent.trim(), dt.nextElementSibling.textContent]))
  const sections = letters.filter(([pressed]) => /^g .$/.test(pressed))
  await page.keyboard.press('Escape')
  await page.waitForSelector('dialog', { state: 'detached' })
  assert.ok(sections.length >= 9, `letters: ${JSON.stringify(letters)}`)
  for (const [pressed, label] of sections) {
    const name = label.replace('Go to ', '')
    // The letter counts for a moment behind the g, which a busy machine may miss.
    for (let tries = 4; ; tries--) {
      await loose(page)
      await page.keyboard.press('g')
      await page.keyboard.press(pressed.slice(2))
      const there = page.waitForFunction((n) => document.querySelector('.rail [aria-current]')?.textContent.trim() === n || document.querySelector('h1').textContent.trim() === n, name, { timeout: tries > 0 ? 8_000 : 30_000 })
      if (tries === 0 || await there.then(() => true, () => false)) {
        await there
        break
      }
    }
    if (name === 'Operators') await page.goto(at) // they are above the environments
  }
  await page.goto(`${at}/audit`)
  await page.keyboard.press('j')
  const first = await focused(page)
  await page.keyboard.press('j')
  const second = await focused(page)
  await page.keyboard.press('k')
  assert.ok(first && second && first !== second && await focused(page) === first, 'j and k do not step through rows')
}

export async function goesByThePalette(page, at) {
  await page.goto(at)
  await page.keyboard.press('Control+k')
  await page.waitForSelector('dialog.palette[open]')
  await page.keyboard.type('revisions')
  await page.keyboard.press('Enter')
  await page.waitForURL(`${at}/revisions`)
  await page.keyboard.press('Control+k')
  await page.keyboard.press('Escape')
  await page.waitForSelector('dialog', { state: 'detached' })
}

export async function readsTheMatrix(page, at) {
  await page.goto(`${at}/access/apps`)
  await tabTo(page, '.matrix td a')
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('ArrowRight')
  const cell = await focused(page)
  await page.keyboard.press('Enter')
  await page.waitForSelector('#panel h2')
  const { application, scope } = Object.fromEntries(new URL(cell, page.url()).searchParams)
  assert.equal(await page.innerText('#panel h2'), `Why ${application} gets ${scope}`)
  await page.keyboard.press('Escape')
  assert.equal(await page.locator('#panel').count(), 0)
  assert.equal(await focused(page), cell, 'the focus does not return')
}

// changes disables or enables a customer; with a script in a dialog.
export async function changes(page, customer, verb, dialog) {
  await page.goto(customer)
  await tabTo(page, `a[href$="/${verb}"]`)
  await page.keyboard.press('Enter')
  await page.waitForSelector(dialog ? 'dialog #reason' : 'main #reason')
  await tabTo(page, '#reason')
  await page.keyboard.type('asked by telephone')
  await tabTo(page, 'form:has(#reason) button[type=submit]')
  await page.keyboard.press('Enter')
  await page.waitForSelector('main [role=status]')
  assert.match(await page.innerText('main [role=status]'), verb === 'disable' ? /They are disabled/ : /They are enabled|They may sign in/)
  assert.equal(page.url().split('?')[0], customer.split('?')[0])
}

// makesASecret makes a client secret and a subscription, which are shown once, and ends
// the secret.
export async function makesASecret(page, at, see) {
  await page.goto(`${at}/applications/sunshare`)
  await tabTo(page, 'form[action$="/secrets"] button')
  await page.keyboard.press('Enter')
  await page.waitForURL('**/secrets')
  await see(page, 'a client secret, shown once')
  await page.goto(`${at}/applications/sunshare`)
  await tabTo(page, 'form[action$="/subscriptions"] button')
  await page.keyboard.press('Enter')
  await page.waitForURL('**/subscriptions')
  await see(page, 'subscription keys, shown once')
}

// without switches single keys off; the browser remembers.
export async function worksWithoutSingleKeys(page, at) {
  await page.goto(`${at}/customers`)
  await page.keyboard.press('?')
  await page.waitForSelector('dialog[open]')
  await tabTo(page, '#single-keys')
  await page.keyboard.press('Space')
  await page.keyboard.press('Escape')
  await page.goto(`${at}/customers`)
  await loose(page)
  for (const key of ['/', 'j', '?', 'g', 'k']) await page.keyboard.press(key)
  assert.equal(await focused(page), '', 'single keys act though they are off')
  assert.equal(page.url(), `${at}/customers`)
  await page.keyboard.press('Control+k')
  await page.waitForSelector('dialog.palette[open]')
}
