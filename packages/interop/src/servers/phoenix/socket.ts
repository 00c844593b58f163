/**
 * A connection to Phoenix: the channels that it has joined, by their topics. There is one to join, that of
 * Absinthe.
 */
import type { GraphQLSchema } from "graphql"
import * as Absinthe from "./absinthe.js"
import type { Message, Serializer } from "./serializer.js"

export interface Settings {
  readonly serializer: Serializer
  readonly schema: GraphQLSchema
  /** Of the payload of a join. */
  readonly isAuthorized: (payload: unknown) => boolean
  readonly send: (text: string) => void
}

export interface Socket {
  /** Throws for what is no message: who breaks the protocol ends the connection. */
  readonly receive: (text: string) => void
  readonly end: () => void
}

interface Channel {
  readonly joinRef: unknown
  readonly receive: (message: Message) => void
  /** Ends what runs in it, and says so unless the connection is gone. */
  readonly end: (how: "phx_close" | "phx_error" | "silently") => void
}

const controlTopic = "__absinthe__:control"

export const make = ({ isAuthorized, schema, send, serializer }: Settings): Socket => {
  const channels = new Map<string, Channel>()

  const write = (message: Message): void => send(serializer.encode(message))

  const reply = (
    { joinRef, ref, topic }: Pick<Message, "joinRef" | "ref" | "topic">,
    status: "ok" | "error",
    response: object
  ): void => write({ joinRef, ref, topic, event: "phx_reply", payload: { status, response } })

  const replyUnmatched = ({ ref, topic }: Message): void =>
    reply({ joinRef: null, ref, topic }, "error", { reason: "unmatched topic" })

  const join = (message: Message): void => {
    const { payload, topic } = message
    const former = channels.get(topic)
    if (!topic.startsWith("__absinthe__:")) replyUnmatched(message)
    // Absinthe's channel takes every such topic, and has a clause for one.
    else if (topic !== controlTopic) reply(message, "error", { reason: "join crashed" })
    else if (!isAuthorized(payload)) reply(message, "error", { reason: "unauthorized" })
    else {
      channels.set(topic, open(message))
      reply(message, "ok", {})
    }
    // The close of the one before comes after the reply: only its join_ref tells whose it is.
    former?.end("phx_close")
  }

  const open = ({ joinRef, ref: joinedBy, topic }: Message): Channel => {
    const absinthe = Absinthe.make(schema, (subscriptionId, result) =>
      write({
        joinRef: null,
        ref: null,
        topic: subscriptionId,
        event: "subscription:data",
        payload: { result, subscriptionId }
      })
    )
    let isOpen = true

    const end: Channel["end"] = (how) => {
      if (!isOpen) return
      isOpen = false
      if (channels.get(topic) === channel) channels.delete(topic)
      absinthe.endAll()
      if (how === "silently") return
      const payload = how === "phx_error" ? { reason: "channel_crash" } : {}
      write({ joinRef, ref: joinRef, topic, event: how, payload })
    }

    const handle = async ({ event, payload, ref }: Message): Promise<void> => {
      if (!isOpen) return
      const asked = { joinRef: joinRef ?? joinedBy, ref, topic }
      if (event === "phx_leave") {
        reply(asked, "ok", {})
        return end("phx_close")
      }
      try {
        const answer = await absinthe.handle(event, payload)
        if (isOpen) reply(asked, ...answer)
      } catch {
        end("phx_error")
      }
    }

    // One after the other, as a process takes them from its mailbox.
    let turn = Promise.resolve()
    const channel: Channel = {
      joinRef,
      receive: (message) => {
        turn = turn.then(() => handle(message))
      },
      end
    }
    return channel
  }

  return {
    receive: (text) => {
      const message = serializer.decode(text)
      const { event, joinRef, ref, topic } = message
      const channel = channels.get(topic)
      if (topic === "phoenix" && event === "heartbeat") {
        reply({ joinRef: null, ref, topic }, "ok", {})
      } else if (event === "phx_join") join(message)
      else if (channel === undefined) {
        if (event === "phx_leave") reply(message, "ok", {})
        else replyUnmatched(message)
      }
      // What was for an earlier join of the topic has come too late.
      else if (joinRef === null || joinRef === channel.joinRef) channel.receive(message)
    },
    end: () => {
      for (const channel of channels.values()) channel.end("silently")
    }
  }
}
