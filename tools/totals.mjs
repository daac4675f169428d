// Adds up the test reports of a CI run and the steps that are not tests; prints the total on a line of its own and fails when anything failed or a lab suite was skipped.
import { readFileSync } from 'node:fs';

const [steps = '0', ...files] = process.argv.slice(2);
let passed = 0;
let failed = Number(steps);
for (const file of files) {
  let report;
  try {
    report = JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    console.log(`no report in ${file}: its suite did not run to the end`);
    failed++;
    continue;
  }
  passed += report.numPassedTests;
  failed +=
    report.numFailedTests + report.testResults.filter((suite) => suite.status === 'failed' && suite.assertionResults.length === 0).length;
  const skipped = report.testResults.flatMap((suite) =>
    suite.assertionResults
      .filter((test) => test.status === 'pending' || test.status === 'skipped')
      .map((test) => `${suite.name.split('/').slice(-2).join('/')}: ${test.fullName}`),
  );
  // Contract rows a connector has no situation for say so by name; everything else that is skipped here is a hole.
  // The npm suite has no servers: what needs them is run, and must not be skipped, in the lab suite.
  const holes = file.includes('lab') ? skipped.filter((name) => !name.includes('contract')) : [];
  for (const hole of holes) console.log(`skipped: ${hole}`);
  failed += holes.length;
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
