// Prints the test files that failed in a report, one a line; nothing when the report is missing: then no suite can be told from another.
import { existsSync, readFileSync } from 'node:fs';
import { relative } from 'node:path';

const [file = ''] = process.argv.slice(2);
const suites = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).testResults : [];
for (const suite of suites) if (suite.status === 'failed') console.log(relative(process.cwd(), suite.name));
