// How somebody goes through pages with a keyboard alone: by the tabulator, by letters,
// and by Enter and Space.
import assert from 'node:assert/strict'
import { press } from '../tour/look.mjs'

export class Hand {
  constructor(page) { this.page = page }

  // to goes by the tabulator to what selector finds.
  async to(selector) {
    const { page } = this
    const wanted = page.locator(selector).first()
    await wanted.waitFor()
    await press(page, 'Tab', await wanted.evaluate(ahead))
    for (let i = 0; i < 90; i++) {
      if (await wanted.evaluate((e) => e === document.activeElement)) return
      await page.keyboard.press('Tab')
    }
    assert.fail(`the keyboard does not lead to ${selector} at ${page.url()}`)
  }

  async type(selector, text) {
    await this.to(selector)
    await this.page.keyboard.press('Control+a')
    await this.page.keyboard.insertText(text)
  }

  // choose goes by the arrows to one of several.
  async choose(selector) {
    const wanted = this.page.locator(selector)
    await this.to(`input[name="${await wanted.getAttribute('name')}"]:checked`)
    for (let i = 0; i < 10; i++) {
      if (await wanted.isChecked()) return
      await this.page.keyboard.press('ArrowDown')
    }
    assert.fail(`the arrows do not lead to ${selector}`)
  }

  // tick ticks a box.
  async tick(selector) {
    await this.to(selector)
    await this.page.keyboard.press('Space')
  }

  // press presses a button or follows a link, and waits for the page that comes.
  async press(selector) {
    await this.to(selector)
    const came = this.page.waitForNavigation()
    await this.page.keyboard.press('Enter')
    await came
  }
}

// ahead runs in the page: how many stops lie for certain between where somebody is and an
// element. They need not look at each of them; the rest of the way they go step by step.
function ahead(wanted) {
  const { document } = window
  const stops = [...document.querySelectorAll('a[href], button, input:not([type=hidden], [type=radio]), select, textarea, summary')]
    .filter((e) => e.tabIndex === 0 && !e.disabled && e.checkVisibility({ visibilityProperty: true }))
  const from = document.activeElement === document.body ? -1 : stops.indexOf(document.activeElement)
  return Math.max(stops.indexOf(wanted) - from - 2, 0)
}
