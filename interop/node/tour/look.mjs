// How one page is looked at: by day and by night, wide and on the narrowest telephone,
// by two readers of the accessibility rules, and along every stop of the keyboard.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

const source = (name) => readFileSync(createRequire(import.meta.url).resolve(name), 'utf8')
// They come by the debugger, which the page's policy does not bind, so the policy stays on.
const readers = source('axe-core/axe.min.js') + '\n;' + source('@pa11y/html_codesniffer/build/HTMLCS.js')

const looks = [
  { name: 'light', colorScheme: 'light', viewport: { width: 1280, height: 800 } },
  { name: 'dark', colorScheme: 'dark', viewport: { width: 1280, height: 800 } },
  { name: 'narrow dark', colorScheme: 'dark', viewport: { width: 320, height: 640 } },
  { name: 'narrow', colorScheme: 'light', viewport: { width: 320, height: 640 } },
]

// By night only colours are others.
const onlyColours = { type: 'rule', values: ['color-contrast'] }
const everything = { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }

// brief is enough for pages of one column: narrow by day, and wide by night.
export const brief = [looks[3], looks[1]]

// look checks all of it and leaves the page as it was.
export async function look(page, name, hows = looks) {
  const wrong = []
  const slow = new Promise((_, refuse) => { setTimeout(refuse, 120_000, new Error(`${name}: it was not read within two minutes`)).unref() })
  await Promise.race([slow, lookAt(page, name, hows, wrong)])
  return wrong
}

async function lookAt(page, name, hows, wrong) {
  await page.evaluate(readers)
  for (const { name: how, colorScheme, viewport } of hows) {
    await page.setViewportSize(viewport)
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    const found = await page.evaluate(read, colorScheme === 'dark' ? onlyColours : everything)
    if (how === (hows === brief ? 'narrow' : 'light')) found.push(...await stops(page, 'Tab'))
    if (how === 'narrow' && hows === looks) found.push(...await stops(page, 'Shift+Tab'))
    wrong.push(...found.map((text) => `${name}, ${how}: ${text}`))
  }
  await page.setViewportSize(looks[0].viewport)
}

// read runs in the page.
async function read(runOnly) {
  const wrong = []
  const { axe, HTMLCS, document, innerWidth } = window
  const { violations, passes } = await axe.run(document, { runOnly, resultTypes: ['violations'] })
  if (passes.length === 0) wrong.push('axe read nothing')
  for (const v of violations) wrong.push(`${v.id}: ${v.help}\n  ${v.nodes.map((n) => n.html).join('\n  ')}`)
  // Its errors count; its warnings and notices ask for a person's judgement.
  await new Promise((done) => HTMLCS.process('WCAG2AA', document, done))
  const said = HTMLCS.getMessages()
  if (said.length === 0) wrong.push('HTML_CodeSniffer read nothing')
  for (const m of said) if (m.type === HTMLCS.ERROR) wrong.push(`${m.code}: ${m.msg}\n  ${m.element.outerHTML?.slice(0, 200)}`)
  if (document.documentElement.scrollWidth > innerWidth) wrong.push(`it is ${document.documentElement.scrollWidth} pixels wide in a window of ${innerWidth}`)
  if (document.title.trim() === '') wrong.push('it has no title')
  if (document.querySelectorAll('h1').length !== 1) wrong.push(`it has ${document.querySelectorAll('h1').length} first headings`)
  return wrong
}

// stops goes along the page by keyboard until it begins again.
async function stops(page, key) {
  const expected = await page.evaluate(begin)
  await page.keyboard.press(key)
  await press(page, key, expected + 4)
  // Behind its last stop and before its first the page loses the keyboard for a moment, and
  // with it what is pressed then: that is pressed again, one by one.
  for (let more = expected + 5; more > 0 && await page.evaluate(() => window.stopsLeft()) > 0; more--) await page.keyboard.press(key)
  return (await page.evaluate(end)).map((text) => `${key}: ${text}`)
}

// press presses the tabulator many times, with Shift held or without. The browser is not
// waited for between two, which would draw the page for each; it takes them in order all
// the same.
export async function press(page, key, times) {
  const back = key === 'Shift+Tab'
  if (back) await page.keyboard.down('Shift')
  await Promise.all(Array.from({ length: times }, () => page.keyboard.press('Tab')))
  if (back) await page.keyboard.up('Shift')
}

// begin runs in the page: it counts what the keyboard must reach and notes what it does.
function begin() {
  const { document, getComputedStyle } = window
  const shown = (e) => e.checkVisibility({ visibilityProperty: true }) && !e.closest('[inert], details:not([open]) > :not(summary)')
  const all = [...document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex], [contenteditable]')]
    .filter((e) => shown(e) && !e.disabled && e.type !== 'hidden' && e.getAttribute('aria-hidden') !== 'true')
  const chosen = (e) => e.type !== 'radio' || e === (document.querySelector(`input[name="${e.name}"]:checked`) ?? document.querySelector(`input[name="${e.name}"]`))
  // Arrows lead about in a matrix, which is one stop.
  const wanted = all.filter((e) => e.tabIndex >= 0 && chosen(e))
  const unreachable = all.filter((e) => e.tabIndex < 0 && !e.closest('.matrix') && !e.matches('main, h1, [role=alert], [role=status]') && e.matches('a, button, input, select, textarea'))
  const met = new Map()
  const words = (e) => e.outerHTML.replace(/\s+/g, ' ').slice(0, 160)
  const ring = (e) => { const s = getComputedStyle(e); return `${s.outlineStyle} ${s.outlineWidth} ${s.outlineColor} ${s.boxShadow} ${s.borderColor}` }
  document.activeElement?.blur()
  window.getSelection()?.removeAllRanges()
  const before = new Map(all.map((e) => [e, ring(e)]))
  const note = ({ target: e }) => {
    const wrong = []
    const style = getComputedStyle(e)
    if (ring(e) === before.get(e) && (style.outlineStyle === 'none' || parseFloat(style.outlineWidth) < 2)) wrong.push(`the focus is not seen: ${ring(e)}`)
    const box = e.getBoundingClientRect()
    // A link may go over two lines, with its middle on neither.
    const points = [...e.getClientRects()].flatMap((box) =>
      [[.5, .5], [.1, .5], [.9, .5], [.5, .15], [.5, .85]].map(([x, y]) => [box.left + box.width * x, box.top + box.height * y]))
    const seen = points.some(([x, y]) => { const top = document.elementFromPoint(x, y); return top && (e.contains(top) || top.contains(e) && top.matches('label, summary, td, th, li')) })
    if (box.width && box.height && !seen) wrong.push(`the focus is covered at ${Math.round(box.left)},${Math.round(box.top)} by ${words(document.elementFromPoint(...points[0]) ?? document.body)}`)
    met.set(e, wrong)
  }
  document.addEventListener('focusin', note)
  window.stopsLeft = () => wanted.filter((e) => !met.has(e)).length
  window.endOfStops = () => {
    document.removeEventListener('focusin', note)
    document.activeElement?.blur()
    return [
      ...wanted.filter((e) => !met.has(e)).map((e) => `not reached: ${words(e)}`),
      ...unreachable.map((e) => `out of reach: ${words(e)}`),
      ...[...met].flatMap(([e, wrong]) => wrong.map((text) => `${text}: ${words(e)}`)),
    ]
  }
  return wanted.length
}

function end() { return window.endOfStops() }

export const none = (wrong) => assert.equal(wrong.length, 0, `${wrong.length} things are wrong:\n${wrong.join('\n')}`)
