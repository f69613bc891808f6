// node dump.mjs FOLDER-WITH-node_modules FILE.parquet: the file as JSON, integers and timestamps as strings of digits.
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { join } from 'node:path'
const require = createRequire(join(process.argv[2], 'x.js'))
const { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } = await import(pathToFileURL(require.resolve('hyparquet')))
const file = await asyncBufferFromFile(process.argv[3])
const metadata = await parquetMetadataAsync(file)
const whole = v => v // as they are, not as a Date, which has no ns
const parsers = { timestampFromMilliseconds: whole, timestampFromMicroseconds: whole, timestampFromNanoseconds: whole }
const compressors = { ZSTD: (input, size) => require('fzstd').decompress(input, new Uint8Array(size)) }
const rows = await parquetReadObjects({ file, metadata, parsers, compressors })
for (const row of rows) {
  for (const [name, value] of Object.entries(row)) {
    if (typeof value === 'bigint') row[name] = value.toString()
    else if (value === undefined) row[name] = null
  }
}
console.log(JSON.stringify({
  rows,
  schema: metadata.schema.slice(1).map(({ name, type, repetition_type, logical_type }) =>
    [name, type, repetition_type, logical_type?.type ?? '', logical_type?.unit ?? '', logical_type?.isAdjustedToUTC ?? ''].join(' ').trim()),
  groups: metadata.row_groups.length,
}))
