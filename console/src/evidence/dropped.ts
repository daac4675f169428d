// The files of a bundle that somebody chose or dropped: a folder, a .tar, or the files themselves.
/** An archive is opened where it is checked: by the worker. */
export type Chosen = { readonly archive: Uint8Array<ArrayBuffer> } | { readonly files: ReadonlyMap<string, Uint8Array<ArrayBuffer>> };

/** A tab holds a bundle in memory; beyond this the command, which streams, is the right tool. */
const largest = 1024 * 1024 * 1024;

export async function bundleOf(chosen: readonly File[]): Promise<Chosen> {
  const size = chosen.reduce((sum, file) => sum + file.size, 0);
  if (size > largest) throw new Error('this bundle is larger than 1 GiB: check it with rekey evidence verify DIR');
  const [only] = chosen;
  if (only !== undefined && chosen.length === 1 && only.name.endsWith('.tar')) return { archive: await bytesOf(only) };
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  for (const file of chosen) {
    if (files.has(file.name)) throw new Error(`${file.name} is there twice: choose the folder of one bundle`);
    files.set(file.name, await bytesOf(file));
  }
  return { files };
}

/** What was dropped, folders opened one level deep: a bundle is flat. */
export async function filesDropped(transfer: DataTransfer): Promise<File[]> {
  // The entries are gone after the first await.
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
  const files = await Promise.all(entries.map(filesIn));
  return files.flat();
}

async function filesIn(entry: FileSystemEntry): Promise<File[]> {
  if (isFile(entry)) return [await new Promise<File>((resolve, reject) => entry.file(resolve, reject))];
  const reader = (entry as FileSystemDirectoryEntry).createReader(); // an entry is one or the other
  const inside: FileSystemEntry[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) break;
    inside.push(...some);
  }
  return Promise.all(inside.filter(isFile).map((file) => new Promise<File>((resolve, reject) => file.file(resolve, reject))));
}

const isFile = (entry: FileSystemEntry): entry is FileSystemFileEntry => entry.isFile;

async function bytesOf(file: File): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await file.arrayBuffer());
}
