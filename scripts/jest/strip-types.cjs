// Jest sees the same JavaScript that the server runs: Node's own type stripping, which keeps every line and column.
const { stripTypeScriptTypes } = require('node:module')

module.exports = { process: (source) => ({ code: stripTypeScriptTypes(source) }) }
