// The script of operators' pages. Everything here improves pages that work
// without it; what it does not find, it leaves alone.
import { copyButtons } from './copy'
import { dialogs } from './dialog'
import { grids } from './grid'
import { htmxStarts } from './htmx'
import { enhance, island } from './island'
import { keys } from './keys'
import { palette } from './palette'
import { panel } from './panel'
import { rows } from './rows'
import { selections } from './selection'
import { times } from './times'
import { tokenReaders } from './token'

island(times)
island(copyButtons)
island(rows)
island(selections)
island(grids)
island(tokenReaders)

htmxStarts()
dialogs()
panel()
palette()
keys()
enhance(document)
