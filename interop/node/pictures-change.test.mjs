// The pictures of a change that waits and of the cell that stops it, from a demo in which
// nothing was done yet. PICTURES names the folder.
import { test } from 'node:test'
import { join } from 'node:path'
import { ready } from './ready.mjs'
import { launch, setUp } from './tour/browser.mjs'

test('a change and a red cell', async () => {
  const browser = await launch()
  try {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, reducedMotion: 'reduce', timezoneId: 'UTC' })
    const page = await context.newPage()
    await setUp(page, process.env.SALLYPORT_OPERATOR_LINK, 'amir.saleh')
    for (const [name, path] of Object.entries({ change: 'production/changes/1', 'red-cell': 'preview/access/enterprise' })) {
      await page.goto(`${ready.url}/console/e/harbourlight/${path}`)
      await page.screenshot({ path: join(process.env.PICTURES, `${name}.png`) })
    }
  } finally {
    await browser.close()
  }
})
