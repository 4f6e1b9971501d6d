import { generateKeyPairSync, sign } from "node:crypto";

/** A certificate that signs itself, for a name, with its key; both as PEM. Made anew, so that no key lies in the repository. */
export function selfSigned(name: string): { readonly cert: string; readonly key: string } {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const subject = sequence(tagged(0x31, sequence(oid(COMMON_NAME), tagged(0x0c, Buffer.from(name)))));
  const signature = sequence(oid(ECDSA_SHA256));
  const altName = sequence(oid(SUBJECT_ALT_NAME), tagged(0x04, sequence(tagged(0x82, Buffer.from(name)))));
  const isAuthority = sequence(
    oid(BASIC_CONSTRAINTS),
    tagged(0x04, sequence(tagged(0x01, Buffer.from([0xff])))),
  );
  const body = sequence(
    tagged(0xa0, tagged(0x02, Buffer.from([2]))),
    tagged(0x02, Buffer.from([1])),
    signature,
    subject,
    sequence(tagged(0x17, Buffer.from("000101000000Z")), tagged(0x18, Buffer.from("21000101000000Z"))),
    subject,
    publicKey.export({ type: "spki", format: "der" }),
    tagged(0xa3, sequence(isAuthority, altName)),
  );
  const signed = tagged(0x03, Buffer.concat([Buffer.from([0]), sign("sha256", body, privateKey)]));
  const base64 = sequence(body, signature, signed).toString("base64");
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${base64.replaceAll(/.{64}/g, "$&\n")}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  };
}

/** Object identifiers as their bytes. */
const COMMON_NAME = "550403";
const SUBJECT_ALT_NAME = "551d11";
const BASIC_CONSTRAINTS = "551d13";
const ECDSA_SHA256 = "2a8648ce3d040302";

const oid = (hex: string): Buffer => tagged(0x06, Buffer.from(hex, "hex"));
const sequence = (...parts: Buffer[]): Buffer => tagged(0x30, Buffer.concat(parts));

function tagged(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}
