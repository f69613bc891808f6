// node dump.mjs FOLDER-WITH-node_modules FILE.parquet: the file as JSON, integers as strings of digits.
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { join } from 'node:path'
const require = createRequire(join(process.argv[2], 'x.js'))
const { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } = await import(pathToFileURL(require.resolve('hyparquet')))
const file = await asyncBufferFromFile(process.argv[3])
const metadata = await parquetMetadataAsync(file)
const rows = await parquetReadObjects({ file, metadata })
const notBigInt = new Set()
for (const row of rows) {
  for (const [name, value] of Object.entries(row)) {
    if (typeof value === 'bigint') row[name] = value.toString()
    else if (value === undefined) row[name] = null
    else if (typeof value === 'number') notBigInt.add(name)
  }
}
console.log(JSON.stringify({
  rows,
  not_bigint: [...notBigInt],
  metadata: Object.fromEntries(metadata.key_value_metadata.map(({ key, value }) => [key, value])),
  schema: metadata.schema.map(({ name, type, repetition_type, logical_type, converted_type }) =>
    [name, type ?? '', repetition_type ?? '', logical_type?.type ?? '', converted_type ?? ''].join(' ')),
  codecs: [...new Set(metadata.row_groups.flatMap(g => g.columns.map(c => c.meta_data.codec)))],
  encodings: [...new Set(metadata.row_groups.flatMap(g => g.columns.flatMap(c => c.meta_data.encodings)))].sort(),
}))
