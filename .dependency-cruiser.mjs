// Import rules of the house. Each rule says what to do instead.
const rule = (name, comment, from, to) => ({ name, severity: 'error', comment, from, to });
const phases = '^src/(inventory|plan|approve|execute|verify|deliver|prove|notify|trigger)/';
export default {
  forbidden: [
    rule('no-circular', 'Move the shared type to domain/ or kit/, or let the caller pass the function in.', {}, { circular: true }),
    rule(
      'domain-imports-nothing',
      'domain/ is pure: pass values in, return values out.',
      { path: '^src/domain/', pathNot: '\\.test\\.ts$' },
      { pathNot: '^src/domain/' },
    ),
    rule(
      'kit-imports-domain-only',
      'What a connector may see comes from domain/ alone.',
      { path: '^src/kit/', pathNot: '\\.test\\.ts$' },
      { path: '^src/(?!kit/|domain/)' },
    ),
    rule(
      'connector-stands-alone',
      'A connector imports kit/, protocols/, its own folder and its own driver: what two connectors speak goes to protocols/.',
      { path: '^src/connectors/([^/]+)/', pathNot: '\\.test\\.ts$' },
      { path: '^src/', pathNot: '^src/(kit|domain|protocols)/|^src/connectors/$1/' },
    ),
    rule(
      'protocols-know-no-product',
      'A protocol speaks to a server: it knows secrets of kit/ and nothing of connectors or phases.',
      { path: '^src/protocols/', pathNot: '\\.test\\.ts$' },
      { path: '^src/(?!protocols/|kit/|domain/)' },
    ),
    rule(
      'plan-is-pure',
      'A plan is a function of snapshots: read them through plan/port.ts.',
      { path: '^src/plan/', pathNot: '\\.test\\.ts$' },
      { path: '^src/(?!plan/|domain/|kit/|estate/)' },
    ),
    rule(
      'phases-meet-in-records',
      'Phases do not call each other: they meet through stored records or are wired in app.ts.',
      // prove/verify-in-browser.ts is a composition of its own: what cli/commands/evidence.ts joins, joined for a browser.
      {
        path: '^src/(inventory|approve|execute|verify|deliver|prove|notify|trigger)/',
        pathNot: '\\.test\\.ts$|^src/prove/verify-in-browser\\.ts$',
      },
      { path: phases, pathNot: '^src/$1/|/[a-z-]*port\\.ts$' },
    ),
    rule(
      'browser-verifier-has-no-node',
      'The console runs this code: take what the platform gives from cryptography/port.ts, and files from prove/bundle-source.ts.',
      { path: '^src/prove/verify-in-browser\\.ts$' },
      { path: '^(node:)?(buffer|child_process|crypto|fs|fs/promises|http|net|os|path|process|stream|url|util)$', reachable: true },
    ),
    rule(
      'phases-below-doors',
      'Phases know nothing of HTTP, the CLI or the store: declare a port.',
      { path: phases, pathNot: '\\.test\\.ts$' },
      { path: '^src/(http|cli|store|engine|connectors)/' },
    ),
    rule(
      'engine-store-seal-low',
      'engine/, store/ and seal/ import domain/, kit/ types and ports only, never each other.',
      { path: '^src/(engine|store|seal)/', pathNot: '\\.test\\.ts$' },
      { path: '^src/', pathNot: '^src/$1/|^src/(domain|kit)/|/[a-z-]*port\\.ts$' },
    ),
    rule(
      'http-calls-services',
      'A route calls a service of http/services.ts; app.ts wires it.',
      { path: '^src/http/', pathNot: '\\.test\\.ts$' },
      { path: '^src/(store|connectors|seal|engine|cli)/' },
    ),
    rule(
      'serve-is-a-door',
      'src/serve/ listens and serves http/: what it needs of the store or the seal is given to it by app.ts.',
      { path: '^src/serve/', pathNot: '\\.test\\.ts$' },
      { path: '^src/(?!serve/|http/|domain/)' },
    ),
    rule(
      'cli-is-a-client',
      'A command calls the API. Offline work (evidence verify, signing with a local key) is the only exception.',
      { path: '^src/cli/', pathNot: '\\.test\\.ts$|^src/cli/open\\.ts$' },
      { path: '^src/(store|connectors|seal|engine|inventory|plan|execute|verify|deliver|notify|trigger)/' },
    ),
    rule('no-barrels', 'Import the file that has the thing. Only kit/kit.ts and generated files re-export.', {}, { path: '/index\\.ts$' }),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { extensions: ['.ts', '.js', '.json'] },
  },
};
