// A row whose name is a link is opened from anywhere in it, unless text is being
// selected or something else in it is meant.
import { once } from './island'

export function rows(root: ParentNode): void {
  for (const row of once<HTMLTableRowElement>(root, '.table:not(.matrix) tbody tr:has(th a[href])', 'row')) {
    row.addEventListener('click', (event) => {
      const target = event.target instanceof Element ? event.target : null
      if (event.button !== 0 || target?.closest('a, button, input, select, label, summary') || getSelection()?.toString()) return
      const link = row.querySelector<HTMLAnchorElement>('th a[href]')
      if (event.ctrlKey || event.metaKey) open(link?.href)
      else link?.click()
    })
  }
}
