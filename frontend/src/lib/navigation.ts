/** An address inside the app, or `/`: `next` comes from the URL, so it may not lead elsewhere. */
export function safeNext(next: unknown): string {
  return typeof next === 'string' && /^\/(?![/\\])/.test(next) ? next : '/'
}
