/** What `npm start` and the image give to every process (docs/decisions/0061), and what one gets that only works. */
const SMALL = '--max-semi-space-size=6'
const LARGE = '--max-semi-space-size=16'

type Start = { role: string | undefined; execArgv: readonly string[]; argv: readonly string[] }

/**
 * The command line with which a process that only works (`ROLE=worker`) is to be started instead. What decisions leave behind is collected at
 * 11–17 % less of its time with a larger young generation; the large requests for which it is small are none of its work (docs/decisions/0092).
 * @returns undefined for other processes, and where whoever starts it has chosen another size
 */
export function commandOfWorker({ role, execArgv, argv }: Start): string[] | undefined {
  if (role !== 'worker' || !execArgv.includes(SMALL)) return undefined
  const [program = '', ...rest] = argv
  return [program, ...execArgv.map((one) => (one === SMALL ? LARGE : one)), ...rest]
}

/**
 * Begins such a process anew, in its place: V8 takes the size from the command line alone. It keeps its number, its place among processes and
 * what it was given to write to. Where the system cannot do it, it goes on as it is.
 */
export function beginAnewAsWorker(): void {
  const command = commandOfWorker({ role: process.env.ROLE, execArgv: process.execArgv, argv: process.argv })
  if (command && process.platform !== 'win32') process.execve?.(process.execPath, command, process.env)
}
