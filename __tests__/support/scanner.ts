/** The secrets that a text holds, in any form they travel in: as they are, in base64, percent-encoded. */
export function findSecrets(text: string, secrets: Iterable<string>): string[] {
  return [...secrets].filter((secret) => forms(secret).some((form) => text.includes(form)));
}

function forms(secret: string): string[] {
  return [secret, Buffer.from(secret).toString("base64"), encodeURIComponent(secret)];
}
