// Runs several generators side by side, so many at once, and passes on what each yields as it comes.

export async function* merged<T>(starts: readonly (() => AsyncGenerator<T>)[], atOnce: number): AsyncGenerator<T> {
  const waiting = [...starts];
  const running = new Map<AsyncGenerator<T>, Promise<{ readonly from: AsyncGenerator<T>; readonly result: IteratorResult<T> }>>();
  const advance = (from: AsyncGenerator<T>): void => {
    running.set(
      from,
      from.next().then((result) => ({ from, result })),
    );
  };
  const fill = (): void => {
    while (running.size < atOnce) {
      const start = waiting.shift();
      if (!start) return;
      advance(start());
    }
  };
  try {
    for (fill(); running.size > 0; fill()) {
      const { from, result } = await Promise.race(running.values());
      running.delete(from);
      if (result.done) continue;
      advance(from);
      yield result.value;
    }
  } finally {
    await Promise.allSettled([...running.keys()].map((generator) => generator.return(undefined)));
  }
}
