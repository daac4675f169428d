// The durable work the house needs of a job library. Jobs carry ids only; the truth is in our own tables, a lost job is sent again.

export interface EngineHandlers {
  /** Holds the lane until it is drained, lost or stopped. `signal` aborts on shutdown. */
  drain(lane: string, signal: AbortSignal): Promise<void>;
  /** Idempotent reconciler of one run. */
  advance(run: string): Promise<void>;
  /** Re-proofs and residual clocks that are due. */
  housekeep(): Promise<void>;
}

export interface Engine {
  /** Starts this process as a worker. */
  work(handlers: EngineHandlers): Promise<void>;
  /** Joins the current transaction: committed work is never lost, rolled back work never runs. */
  sendLane(lane: string): Promise<void>;
  sendAdvance(run: string, afterSeconds?: number): Promise<void>;
  /** Waits for lanes in hand to reach a safe point (≤ 30 s), then lets go. */
  stop(): Promise<void>;
}
