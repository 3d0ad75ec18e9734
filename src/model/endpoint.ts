/** `true` for a URL that may be asked: https, or plain http where nothing leaves the machine (`design.md` 4). */
export function isSafe(url: URL): boolean {
  const local = ["127.0.0.1", "localhost", "[::1]"].includes(url.hostname);
  return url.protocol === "https:" || (url.protocol === "http:" && local);
}
