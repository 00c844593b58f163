/** AWS Signature Version 4, verified: what was signed is signed again, and has to come out the same. */
import { Sha256 } from "@aws-crypto/sha256-js"
import { SignatureV4 } from "@smithy/signature-v4"

export interface Identity {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  /** Of credentials that expire. Those who have one have to send it. */
  readonly sessionToken?: string
}

/** Names are in lower case. */
export type Headers = Readonly<Record<string, string>>

/** What a signature is for. AppSync has one for a connection too, which no request of this kind makes. */
export interface Signable {
  readonly path: string
  readonly body: string
}

export const region = "us-east-1"
export const service = "appsync"

/** How far a client's clock may be off, in milliseconds. */
const toleranceMillis = 5 * 60 * 1000

const algorithm = "AWS4-HMAC-SHA256"

const form = new RegExp(
  `^${algorithm} Credential=(\\w+)/([^,]+), ?SignedHeaders=([\\w;-]+), ?Signature=([0-9a-f]{64})$`
)

export const claimsSignature = (authorization: string): boolean =>
  authorization.startsWith(algorithm)

/** Whether one of those identities signed just this, lately. */
export const isSigned = async (
  identities: ReadonlyArray<Identity>,
  headers: Headers,
  { body, path }: Signable
): Promise<boolean> => {
  const [, accessKeyId, scope, names, signature] = form.exec(headers.authorization ?? "") ?? []
  const identity = identities.find((identity) => identity.accessKeyId === accessKeyId)
  const date = instant(headers["x-amz-date"])
  if (identity === undefined || names === undefined || date === undefined) return false
  if (Math.abs(Date.now() - date.getTime()) > toleranceMillis) return false
  if (headers["x-amz-security-token"] !== identity.sessionToken) return false

  const signed = names.split(";")
  if (!signed.includes("host")) return false
  const { headers: again } = await new SignatureV4({
    credentials: identity,
    region,
    service,
    sha256: Sha256,
    applyChecksum: false
  }).sign(
    {
      method: "POST",
      protocol: "https:",
      hostname: headers.host ?? "",
      path,
      headers: Object.fromEntries(signed.map((name) => [name, headers[name] ?? ""])),
      body
    },
    { signingDate: date, signableHeaders: new Set(signed) }
  )
  const [, , itsScope, itsNames, itsSignature] = form.exec(again.authorization ?? "") ?? []
  return scope === itsScope && names === itsNames && signature === itsSignature
}

/** Of a date such as 20150830T123600Z. */
const instant = (date: string | undefined): Date | undefined => {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(date ?? "")
  if (parts === null) return undefined
  const [, year, month, day, hour, minute, second] = parts
  return new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
}
