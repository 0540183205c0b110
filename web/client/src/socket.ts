/** A Socket is as much of a WebSocket as a client needs: a browser's, Node's own from version 22 on, or that of a library. */
export interface Socket {
  binaryType: string;
  readonly protocol: string;
  onopen: ((event: never) => void) | null;
  onmessage: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
  onerror: ((event: never) => void) | null;
  send(bytes: Uint8Array<ArrayBuffer>): void;
  close(code?: number, reason?: string): void;
}

/** SocketClass makes sockets. */
export type SocketClass = new (url: string, protocol: string) => Socket;

/** What a client is told by its socket. */
export interface SocketHandlers {
  open(): void;
  message(bytes: Uint8Array): void;
  close(code: number, reason: string): void;
}

/** openSocket connects. The handlers are called until close was, or what the function that comes with the socket is for: let go. */
export function openSocket(make: SocketClass, url: string, protocol: string, handlers: SocketHandlers): [Socket, () => void] {
  const socket = new make(url, protocol);
  socket.binaryType = "arraybuffer";
  const letGo = () => {
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.onerror = () => {}; // some throw where nobody listens
  };
  letGo();
  socket.onopen = () => handlers.open();
  socket.onmessage = ({ data }: { data: unknown }) => {
    if (data instanceof ArrayBuffer) handlers.message(new Uint8Array(data)); // the server sends no text
  };
  socket.onclose = ({ code, reason }: { code: number; reason: string }) => {
    letGo();
    handlers.close(code, reason);
  };
  return [socket, letGo];
}
