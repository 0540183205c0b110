/** The WebSocket subprotocol that chooses the native dialect. */
export const subprotocol = "aoiworld.v1";

/** The version of the dialect that is spoken. */
export const version = 1;

/** The first message id that is a game's own. */
export const firstGameId = 10_000;

/** The ids of the dialect's messages. */
export const ids = {
  hello: 1000,
  move: 1001,
  say: 1002,
  gesture: 1003,
  ping: 1004,
  pong: 1005,
  goodbye: 1006,
  hide: 1007,
  welcome: 1100,
  tick: 1101,
  ack: 1102,
  chat: 1103,
  notice: 1104,
  error: 1105,
  world: 1106,
} as const;
