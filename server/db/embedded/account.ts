import { spawnSync } from 'node:child_process'
import { chown, cp, mkdir, rename, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { StartFailure } from '../../start-failure.ts'
import { type Binaries, binariesIn } from './binaries.ts'

/** How the programs of PostgreSQL are started here, so that they do not run as root: PostgreSQL refuses that. */
export type Account = {
  binaries: Binaries
  /** The command line that starts a program, with what goes before it. */
  command(program: string, args: string[]): [string, string[]]
  /** Gives a file or folder to the account, if it is another than our own. */
  own(path: string): Promise<void>
}

const NOBODY = 65534
/** Lets a process pass folders that its user may not enter, such as /root; nothing else of root's power. */
const PASS_FOLDERS = 'dac_override'
const TETHER = ['--pdeathsig', 'INT']

/**
 * Finds an account for PostgreSQL. Not root: our own. Root: first a user namespace, in which we are nobody, but the files stay root's;
 * where that is forbidden (a container's usual seccomp filter), the user nobody, with the one capability to pass our folders.
 * A data directory that is there already decides: its owner runs it.
 * @param dataDirectory PostgreSQL's, perhaps not yet made
 */
export async function chooseAccount(binaries: Binaries, dataDirectory: string): Promise<Account> {
  const uid = process.getuid?.()
  const owner = await ownerOf(dataDirectory)
  if (uid === undefined)
    throw new StartFailure('The embedded PostgreSQL does not run on this platform; set DATABASE_URL.')
  if (uid !== 0) {
    if (owner !== undefined && owner !== uid) {
      throw new StartFailure(
        `The database in ${dataDirectory} belongs to the user with id ${owner}, not to this one (${uid}); start as that user, or set DATA_DIR.`,
      )
    }
    return { binaries, command: commandAfter([]), own: async () => {} }
  }
  const inNamespace = ['--user']
  if ((owner === undefined || owner === 0) && works('unshare', [...inNamespace, binaries.postgres, '--version'])) {
    return { binaries, command: commandAfter(['unshare', ...inNamespace]), own: async () => {} }
  }
  return asUser(owner === undefined || owner === 0 ? NOBODY : owner, binaries, dataDirectory)
}

/**
 * Where the system can do it, a program that is started ends in order when we end, however that is: after kill -9 no PostgreSQL is
 * left behind. prctl(2), PR_SET_PDEATHSIG
 */
function commandAfter(prefix: string[]): Account['command'] {
  const tether = works('setpriv', [...TETHER, 'true']) ? ['setpriv', ...TETHER] : []
  return (program, args) => {
    const [command = program, ...rest] = [...prefix, ...tether, program, ...args]
    return [command, rest]
  }
}

async function asUser(uid: number, binaries: Binaries, dataDirectory: string): Promise<Account> {
  const become = [
    `--reuid=${uid}`,
    `--regid=${uid}`,
    '--clear-groups',
    `--inh-caps=-all,+${PASS_FOLDERS}`,
    `--ambient-caps=-all,+${PASS_FOLDERS}`,
  ]
  if (!works('setpriv', [...become, 'true'])) {
    throw new StartFailure(
      'PostgreSQL does not run as root, and neither `unshare --user` nor `setpriv` works here; start as another user, or set DATABASE_URL.',
    )
  }
  const own = (path: string) => chown(path, uid, uid)
  // Its files are root's, and it was asked to run as nobody only because the namespace is forbidden now.
  if ((await ownerOf(dataDirectory)) === 0) spawnSync('chown', ['-R', `${uid}:${uid}`, dataDirectory])
  return {
    binaries: await reachableCopy(binaries, uid),
    command: commandAfter(['setpriv', ...become]),
    own,
  }
}

/**
 * PostgreSQL asks access(2) whether its programs may be run, and that call does not count capabilities. So below a closed folder
 * they need a copy in an open one; root's, so that nobody else can change it.
 */
async function reachableCopy(binaries: Binaries, uid: number): Promise<Binaries> {
  if (works('setpriv', [`--reuid=${uid}`, `--regid=${uid}`, '--clear-groups', binaries.postgres, '--version'])) {
    return binaries
  }
  const folder = join(tmpdir(), `fylgje-postgresql-${binaries.packageVersion}`)
  const copied = binariesIn(folder, binaries.packageVersion)
  const found = await stat(folder).catch(() => undefined)
  if (found) {
    // Anyone may write to the temporary folder; what is not root's there is not ours.
    if (found.uid !== 0 || (found.mode & 0o022) !== 0) throw new StartFailure(`${folder} is not ours; remove it.`)
    return copied
  }
  const unfinished = `${folder}.${process.pid}`
  await mkdir(unfinished, { mode: 0o755 })
  await cp(binaries.folder, unfinished, { recursive: true, verbatimSymlinks: true })
  await rename(unfinished, folder).catch(() => rm(unfinished, { recursive: true, force: true }))
  return copied
}

const works = (command: string, args: string[]) => spawnSync(command, args, { stdio: 'ignore' }).status === 0
const ownerOf = (path: string) =>
  stat(path).then(
    ({ uid }) => uid,
    () => undefined,
  )
