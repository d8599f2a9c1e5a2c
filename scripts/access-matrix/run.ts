// The access matrix in full: `node scripts/access-matrix/run.ts [probes, 20000] [seed, random]`. Ends with 1 where the server and the model differ.
import { runMatrix } from './matrix.ts'

const [probes = '20000', seed = String(Math.floor(Math.random() * 2 ** 31))] = process.argv.slice(2)
const startedAt = performance.now()
const result = await runMatrix(Number(seed), Number(probes), (text) => console.error(text))
const { differences, ...counted } = result
for (const difference of differences.slice(0, 20)) console.log(JSON.stringify(difference))
console.log(
  JSON.stringify({
    ...counted,
    differences: differences.length,
    seconds: Math.round((performance.now() - startedAt) / 1000),
    node: process.version,
  }),
)
process.exit(differences.length > 0 ? 1 : 0)
