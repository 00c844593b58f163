/**
 * Signature Version 4 as a server computes it, from what AWS's reference says of it: of a request as it came,
 * with the secret of whoever says that it is theirs.
 *
 * Source: AWS Identity and Access Management User Guide, "Create a signed AWS API request".
 */
import { createHash, createHmac } from "node:crypto"

export interface Received {
  readonly method: string
  readonly url: URL
  /** By names in any case. */
  readonly headers: { readonly [name: string]: string }
  readonly body: string
}

export interface Claim {
  readonly accessKeyId: string
  readonly date: string
  readonly region: string
  readonly service: string
  readonly signedHeaders: ReadonlyArray<string>
  readonly signature: string
}

const form =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/

/** What an `authorization` header says. */
export const claimOf = (authorization: string): Claim => {
  const match = form.exec(authorization)
  if (match === null) throw new Error(`this is no claim: ${authorization}`)
  const [, accessKeyId = "", date = "", region = "", service = "", names = "", signature = ""] =
    match
  return { accessKeyId, date, region, service, signedHeaders: names.split(";"), signature }
}

/** The signature that it should bear. */
export const signatureOf = (
  received: Received,
  { date, region, service, signedHeaders }: Omit<Claim, "accessKeyId" | "signature">,
  secretAccessKey: string
): string => {
  const headers = new Map(
    Object.entries(received.headers).map(([name, value]) => [name.toLowerCase(), value])
  )
  const canonicalRequest = [
    received.method,
    // Once more than the URL has it: that is so for all services but one.
    received.url.pathname.split("/").map(encode).join("/"),
    canonicalQuery(received.url),
    ...signedHeaders.map((name) => `${name}:${collapsed(headers.get(name) ?? "")}`),
    "",
    signedHeaders.join(";"),
    sha256(received.body)
  ].join("\n")
  const scope = [date, region, service, "aws4_request"]
  const stringToSign = [
    "AWS4-HMAC-SHA256",
    headers.get("x-amz-date"),
    scope.join("/"),
    sha256(canonicalRequest)
  ].join("\n")
  const signingKey = scope.reduce<string | Buffer>(hmac, `AWS4${secretAccessKey}`)
  return hmac(signingKey, stringToSign).toString("hex")
}

const canonicalQuery = ({ search }: URL): string =>
  Array.from(new URLSearchParams(search), ([name, value]) => [encode(name), encode(value)] as const)
    .sort(([a, x], [b, y]) => compare(a, b) || compare(x, y))
    .map((parameter) => parameter.join("="))
    .join("&")

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** All but the unreserved characters (RFC 3986, section 2.3). */
const encode = (text: string): string =>
  encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`
  )

const collapsed = (value: string): string => value.trim().replaceAll(/ +/g, " ")

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex")

const hmac = (key: string | Buffer, text: string): Buffer =>
  createHmac("sha256", key).update(text).digest()
