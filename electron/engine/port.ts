/** Two ends of a line between processes: Electron's parent port, a forked process, or a message channel in tests. */
export interface Port {
  send(frame: unknown): void
  receive(listener: (frame: unknown) => void): void
}
