// What people take elsewhere gets a button that copies it.
import { make, once, say } from './island'

export function copyButtons(root: ParentNode): void {
  if (!navigator.clipboard) return // no secure context: there is nothing to offer
  for (const holder of once<HTMLElement>(root, '[data-copy]', 'copy')) {
    const button = make('button', { type: 'button', 'aria-label': `Copy ${holder.dataset['copyLabel'] ?? ''}`.trim() }, 'Copy')
    button.addEventListener('click', () => void copy(holder.dataset['copy'] ?? '', button))
    if (holder.classList.contains('listing')) holder.prepend(button)
    else holder.append(button)
  }
}

async function copy(text: string, button: HTMLButtonElement): Promise<void> {
  let outcome = 'Copied'
  try {
    await navigator.clipboard.writeText(text)
  } catch {
    outcome = 'Not copied'
  }
  button.textContent = outcome
  say(outcome)
  setTimeout(() => { button.textContent = 'Copy' }, 2000)
}
