/** Lets a task never run twice at once: asked for meanwhile, it runs once more afterwards. */
export function inTurn(task: () => Promise<void>): () => void {
  let running = false;
  let due = false;
  return async () => {
    due = true;
    if (running) return;
    running = true;
    while (due) {
      due = false;
      await task();
    }
    running = false;
  };
}
