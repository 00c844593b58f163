/** A self-signed certificate for an address, made of what Node has: keys, signatures, and bytes. */
import { generateKeyPairSync, sign } from "node:crypto"

/** DER: a tag, the length, the content. (ITU-T X.690) */
const der = (tag: number, ...contents: ReadonlyArray<Uint8Array>): Buffer => {
  const content = Buffer.concat(contents)
  const { length } = content
  const header =
    length < 0x80
      ? [tag, length]
      : length < 0x100
        ? [tag, 0x81, length]
        : [tag, 0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from(header), content])
}

const sequence = (...contents: ReadonlyArray<Uint8Array>) => der(0x30, ...contents)
const set = (...contents: ReadonlyArray<Uint8Array>) => der(0x31, ...contents)
const integer = (value: number) => der(0x02, Buffer.of(value))
const bits = (bytes: Uint8Array) => der(0x03, Buffer.of(0), bytes)
const identifier = (hex: string) => der(0x06, Buffer.from(hex, "hex"))
const time = (date: Date) =>
  der(0x17, Buffer.from(`${date.toISOString().replace(/\D/g, "").slice(2, 14)}Z`))

const ecdsaWithSha256 = sequence(identifier("2a8648ce3d040302"))
const commonName = (name: string) =>
  sequence(set(sequence(identifier("550403"), der(0x0c, Buffer.from(name)))))

export interface Options {
  /** IPv4; default 127.0.0.1. */
  readonly address?: readonly [number, number, number, number]
  /** In days from now; default yesterday to in forty days. */
  readonly from?: number
  readonly to?: number
}

/** The structure of RFC 5280, section 4.1. */
export const selfSigned = ({ address = [127, 0, 0, 1], from = -1, to = 40 }: Options = {}): {
  readonly cert: string
  readonly key: string
} => {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" })
  const name = commonName("somebody")
  const day = 24 * 60 * 60 * 1000
  const subjectAltName = sequence(
    identifier("551d11"),
    der(0x04, sequence(der(0x87, Buffer.of(...address))))
  )
  const tbs = sequence(
    der(0xa0, integer(2)),
    integer(1),
    ecdsaWithSha256,
    name,
    sequence(time(new Date(Date.now() + from * day)), time(new Date(Date.now() + to * day))),
    name,
    publicKey.export({ type: "spki", format: "der" }),
    der(0xa3, sequence(subjectAltName))
  )
  const certificate = sequence(tbs, ecdsaWithSha256, bits(sign("sha256", tbs, privateKey)))
  const base64 = certificate.toString("base64").replace(/.{64}/g, "$&\n")
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: "pkcs8", format: "pem" }).toString()
  }
}
