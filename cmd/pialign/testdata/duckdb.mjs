// Runs the statement in a file by DuckDB and prints the rows as JSON. Usage: duckdb.mjs FOLDER FILE; FOLDER is where @duckdb/node-api is installed.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
const [folder, file] = process.argv.slice(2);
const { DuckDBInstance } = createRequire(folder + "/")("@duckdb/node-api");
const db = await (await DuckDBInstance.create(":memory:")).connect();
const result = await db.runAndReadAll(readFileSync(file, "utf8"));
console.log(JSON.stringify(result.getRowObjectsJson()));
