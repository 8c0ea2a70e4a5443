export type Kind = "volume" | "snapshot";
export type Topic = Kind | "any" | "none";

// Many objects often change at once.
const TOGETHER_MS = 100;

/** Rings when something changed; what rings in a quick row is heard once. */
export class Bell {
  private readonly listeners = new Set<(kind: Kind) => void>();

  ring(...kinds: Kind[]): void {
    for (const listener of this.listeners) kinds.forEach(listener);
  }

  /** Calls `heard` after what rings for the topic, until the returned function is called. */
  listen(topic: Topic, heard: () => void): () => void {
    let timer: number | undefined;
    const listener = (kind: Kind) => {
      if (topic !== "any" && topic !== kind) return;
      timer ??= window.setTimeout(() => {
        timer = undefined;
        heard();
      }, TOGETHER_MS);
    };
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
      clearTimeout(timer);
    };
  }
}
