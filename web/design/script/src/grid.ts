// A matrix is one stop of the Tab key; arrow keys move about in it, Home and End
// along the row, and Enter follows the cell (ARIA APG, data grid).
import { once } from './island'

export function grids(root: ParentNode): void {
  for (const table of once<HTMLTableElement>(root, '.matrix table', 'grid')) {
    const cells = [...table.tBodies].flatMap((b) => [...b.rows]).map((row) => [...row.querySelectorAll<HTMLElement>('td > a')])
    const first = cells[0]?.[0]
    if (!first) continue
    table.setAttribute('role', 'grid')
    table.querySelectorAll('tbody td').forEach((cell) => cell.setAttribute('role', 'gridcell'))
    for (const cell of cells.flat()) cell.tabIndex = -1
    first.tabIndex = 0
    table.addEventListener('focusin', (event) => arrive(cells, event.target))
    table.addEventListener('keydown', (event) => move(cells, event))
  }
}

// arrive makes the focused cell the one that Tab returns to.
function arrive(cells: HTMLElement[][], target: EventTarget | null): void {
  const all = cells.flat()
  if (!(target instanceof HTMLElement) || !all.includes(target)) return
  for (const cell of all) cell.tabIndex = cell === target ? 0 : -1
}

function move(cells: HTMLElement[][], event: KeyboardEvent): void {
  if (event.altKey || event.metaKey) return
  const y = cells.findIndex((row) => row.some((cell) => cell === event.target))
  const row = cells[y]
  if (!row) return
  const x = row.findIndex((cell) => cell === event.target)
  const last = cells.length - 1
  const to: Record<string, [number, number] | undefined> = {
    ArrowLeft: [y, x - 1], ArrowRight: [y, x + 1], ArrowUp: [y - 1, x], ArrowDown: [y + 1, x],
    Home: [event.ctrlKey ? 0 : y, 0], End: [event.ctrlKey ? last : y, row.length - 1],
    PageUp: [Math.max(0, y - 10), x], PageDown: [Math.min(last, y + 10), x],
  }
  const goal = to[event.key]
  if (!goal) return
  event.preventDefault()
  const cell = cells[goal[0]]?.[goal[1]]
  cell?.focus()
  cell?.scrollIntoView({ block: 'nearest', inline: 'nearest' })
}
