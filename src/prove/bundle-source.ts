// The files of a bundle as verification reads them, wherever they lie: in a folder, in one .tar, or in a browser's memory.

export interface BundleSource {
  names(): Promise<readonly string[]>;
  size(name: string): Promise<number>;
  /** From the first byte to the last, in pieces of any length. */
  stream(name: string): AsyncIterable<Uint8Array>;
}

export async function wholeFile(source: BundleSource, name: string): Promise<Uint8Array> {
  const whole = new Uint8Array(await source.size(name));
  let at = 0;
  for await (const part of source.stream(name)) {
    whole.set(part.subarray(0, whole.length - at), at);
    at += part.length;
  }
  return whole.subarray(0, at);
}

export function filesInMemory(files: ReadonlyMap<string, Uint8Array>): BundleSource {
  const file = (name: string): Uint8Array => files.get(name) ?? new Uint8Array();
  return {
    names: async () => [...files.keys()],
    size: async (name) => file(name).length,
    async *stream(name) {
      yield file(name);
    },
  };
}
