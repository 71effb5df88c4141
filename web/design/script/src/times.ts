// Instants come in UTC. They are shown in the reader's zone, and the title says
// what they are in UTC.
import { once } from './island'

const shown = new Intl.DateTimeFormat(undefined, {
  year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23',
})

export function times(root: ParentNode): void {
  for (const time of once<HTMLTimeElement>(root, 'time[datetime]', 'time')) {
    const at = new Date(time.dateTime)
    if (Number.isNaN(at.getTime())) continue
    time.title = time.textContent?.trim() ?? ''
    time.textContent = local(at)
  }
}

// local writes 2026-11-22 10:42:05 whatever the reader's language, so that
// columns stand and what is read out on the telephone is understood.
function local(at: Date): string {
  const parts = new Map(shown.formatToParts(at).map((p) => [p.type, p.value]))
  const part = (type: Intl.DateTimeFormatPartTypes): string => parts.get(type) ?? ''
  return `${part('year')}-${part('month')}-${part('day')} ${part('hour')}:${part('minute')}:${part('second')}`
}
