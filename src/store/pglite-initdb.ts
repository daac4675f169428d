// Runs as a child process: writes a new database into the folder of its first argument. In process it would keep 800 MB for good.
import { PGlite } from '@electric-sql/pglite';

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('usage: pglite-initdb FOLDER');
const db = await PGlite.create({ dataDir: folder });
await db.exec('checkpoint');
await db.close();
process.exit(0);
