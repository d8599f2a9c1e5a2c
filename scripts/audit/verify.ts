/**
 * Proves that the audit is what was written: works the hash of every record out again.
 *
 *   npm run audit:verify                              of the database of DATABASE_URL, or of the server that runs on DATA_DIR
 *   npm run audit:verify -- --seal 2026-11-01:123:4:… a head that was kept elsewhere (the log tells one a minute) must be there too
 *   --json                                            the result as one line of JSON
 *
 * Exits with 0 when all is as it was written, with 1 when something was changed or is missing, with 2 when it could not look.
 */
import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Head } from '../../server/audit/record.ts'
import { verifyAudit } from '../../server/audit/verify.ts'
import { runningDatabaseUrl } from '../../server/db/embedded/running.ts'
import { DATABASE, startEmbedded } from '../../server/db/embedded.ts'
import { openPool } from '../../server/db/pool.ts'
import { openLog } from '../../server/log.ts'
import { readConfig } from '../../server/settings/config.ts'

const { values: options } = parseArgs({
  options: { seal: { type: 'string', multiple: true, default: [] }, json: { type: 'boolean', default: false } },
})
const say = (line: string) => void (options.json || process.stdout.write(`${line}\n`))

try {
  process.exitCode = await run(options.seal.map(parseHead))
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 2
}

async function run(known: Head[]): Promise<number> {
  const { databaseUrl, dataDir } = readConfig(process.env)
  const running = databaseUrl ?? (await runningDatabaseUrl(dataDir, DATABASE))
  if (running !== undefined) return verify(running, known)
  // No server is running there, so its database is started for as long as this takes. One that is not there is not made.
  await access(join(dataDir, 'postgres'))
  const embedded = await startEmbedded({ dataDir, log: openLog('error') })
  try {
    return await verify(embedded.databaseUrl, known)
  } finally {
    await embedded.stop()
  }
}

async function verify(databaseUrl: string, known: Head[]): Promise<number> {
  const pool = openPool(databaseUrl, 2, 'fylgje-audit-verify')
  try {
    const began = performance.now()
    const verified = await verifyAudit(pool, known, (blocks) => process.stdout.isTTY && say(`  ${blocks} blocks`))
    const { months, chains, blocks, records, findings } = verified
    const seconds = ((performance.now() - began) / 1000).toFixed(1)
    if (options.json) process.stdout.write(`${JSON.stringify(verified)}\n`)
    for (const { kind, where, what } of findings) say(`${kind}: ${where}: ${what}`)
    say(`${records} records in ${blocks} blocks of ${chains} chains, ${months.length} months, in ${seconds} s`)
    say(
      findings.length === 0
        ? 'Everything is as it was written.'
        : `${findings.length} findings: the audit is NOT as it was written.`,
    )
    return findings.length === 0 ? 0 : 1
  } finally {
    await pool.end()
  }
}

function parseHead(text: string): Head {
  const [, month, chain, block, hash] = /^(\d{4}-\d\d-01):(\d{1,19}):(\d{1,9}):([\w-]{43})$/.exec(text) ?? []
  if (!month || !chain || !hash) throw new Error(`--seal is month:chain:block:hash, as the log has it, not ${text}.`)
  return [month, chain, Number(block), hash]
}
