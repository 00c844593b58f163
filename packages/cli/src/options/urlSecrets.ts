/** What may be secret in a URL, in every form in which a server may send it back. */

/** The password and the values of the query: as they stand there, decoded, and as a header has them. */
export const secretsOf = (url: URL): ReadonlyArray<string> => {
  const { password, search, username } = url
  const raw = [
    // A name alone is a token; beside a password it is in many a result.
    password === "" ? username : password,
    ...search
      .slice(1)
      .split("&")
      .map((pair) => pair.slice(pair.indexOf("=") + 1))
  ]
  const all = [...raw, ...raw.map(decode), ...url.searchParams.values(), basic(url)]
  return Array.from(new Set(all)).filter((part) => part !== "")
}

const decode = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** User and password as the upgrade to a WebSocket carries them (RFC 7617). */
const basic = ({ password, username }: URL): string =>
  username === "" && password === ""
    ? ""
    : Buffer.from(`${decode(username)}:${decode(password)}`).toString("base64")
