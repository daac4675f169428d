// Adds up the test reports of a CI run and the steps that are not tests; prints the total on a line of its own and fails when anything failed or a lab suite was skipped.
import { existsSync, readFileSync } from 'node:fs';

const [steps = '0', ...files] = process.argv.slice(2);
let passed = 0;
let failed = Number(steps);
for (const file of files) {
  let suites;
  try {
    suites = JSON.parse(readFileSync(file, 'utf8')).testResults;
  } catch {
    console.log(`no report in ${file}: its suite did not run to the end`);
    failed++;
    continue;
  }
  for (const suite of suites.map((first) => settled(first, file))) {
    const tests = suite.assertionResults;
    passed += tests.filter((test) => test.status === 'passed').length;
    failed += tests.filter((test) => test.status === 'failed').length;
    if (suite.status === 'failed' && tests.every((test) => test.status !== 'failed')) failed++;
    // Contract rows a connector has no situation for say so by name; everything else that is skipped here is a hole.
    // The npm suite has no servers: what needs them is run, and must not be skipped, in the lab suite.
    for (const test of file.includes('lab') ? tests : []) {
      if (!['pending', 'skipped'].includes(test.status)) continue;
      const name = `${suite.name.split('/').slice(-2).join('/')}: ${test.fullName}`;
      if (name.includes('contract')) continue;
      console.log(`skipped: ${name}`);
      failed++;
    }
  }
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);

/** A suite that failed and was run once more counts as it ended then, and is named: an unsteady test is a finding, not a pass. */
function settled(first, file) {
  const again = file.replace(/\.json$/, '-again.json');
  if (first.status !== 'failed' || !existsSync(again)) return first;
  const second = JSON.parse(readFileSync(again, 'utf8')).testResults.find((suite) => suite.name === first.name);
  if (second === undefined || second.status === 'failed') return second ?? first;
  const tests = first.assertionResults.filter((test) => test.status === 'failed').map((test) => test.fullName);
  console.log(
    `unsteady: ${first.name.split('/').slice(-2).join('/')} failed once, then passed: ${tests.join('; ') || 'the suite as a whole'}`,
  );
  return second;
}
