import { connect, type DetailedPeerCertificate } from "node:tls";
import type { ServedCertificate } from "../model/facts.ts";
import type { Observed } from "../model/observed.ts";

/** Milliseconds for a handshake: an address that nobody can reach from here must not hold the verdict up. */
const patience = 5_000;

/**
 * The certificate that a router serves. It is only looked at, so that one which nobody would trust can be told;
 * nothing is sent. Absent where the address can't be reached from here, as that of an internal load balancer.
 */
export function servedCertificate(
  host: string,
  port: number,
  name: string,
  signal: AbortSignal,
): Promise<Observed<ServedCertificate>> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, servername: name, rejectUnauthorized: false, timeout: patience });
    const end = (seen: Observed<ServedCertificate>) => {
      signal.removeEventListener("abort", away);
      socket.destroy();
      resolve(seen);
    };
    const away = () => end({ is: "absent" });
    signal.addEventListener("abort", away, { once: true });
    socket.once("error", away);
    socket.once("timeout", away);
    socket.once("secureConnect", () => {
      const { raw } = socket.getPeerCertificate(true) as Partial<DetailedPeerCertificate>;
      if (!raw) return away();
      const address = `${host}:${port}`;
      end({ is: "present", value: { address, certificate: pem(raw) } });
    });
  });
}

function pem(der: Buffer): string {
  const lines = der.toString("base64").replace(/.{64}(?=.)/g, "$&\n");
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
}
