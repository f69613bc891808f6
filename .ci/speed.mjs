// The same work by DuckDB or polars: the column of times changed, all others as they are. Usage: speed.mjs ENGINE IN OUT.
import { existsSync, statSync } from "node:fs";
const [engine, from, to] = process.argv.slice(2);
const time = "timestamp [ns]";
const [ref, offset, drift] = ["1780000000000000000", "840000000", "0.000012"];
const map = (t) => `CAST(${t} + ${offset} + CAST(round((${t} - ${ref}) * ${drift}::DOUBLE) AS BIGINT) AS BIGINT)`;

if (engine === "polars") {
  const { default: pl } = await import("nodejs-polars");
  const t = pl.col(time);
  const shift = t.sub(pl.lit(BigInt(ref)).cast(pl.Int64)).cast(pl.Float64).mul(pl.lit(+drift)).cast(pl.Int64);
  const frame = pl.scanCSV(from).withColumn(t.add(pl.lit(+offset).cast(pl.Int64)).add(shift).alias(time));
  await frame.sinkCSV(to).collect(); // without it nothing is written
} else {
  const { DuckDBInstance } = await import("@duckdb/node-api");
  const db = await (await DuckDBInstance.create(":memory:")).connect();
  if (engine === "duckdb") {
    await db.run(`COPY (SELECT * REPLACE (${map(`"${time}"::BIGINT`)} AS "${time}") FROM read_csv('${from}', all_varchar=true, header=true)) TO '${to}' (HEADER)`);
  } else {
    await db.run(`COPY (SELECT * REPLACE (${map(`"${time}"`)} AS "${time}") FROM read_csv('${from}', header=true)) TO '${to}' (FORMAT parquet, COMPRESSION zstd)`);
  }
}
if (!existsSync(to) || statSync(to).size === 0) throw new Error(to + ": nothing was written");
