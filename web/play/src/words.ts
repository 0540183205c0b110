/** A Language is one that the page speaks. */
export type Language = "en" | "zh";

const english = {
  lead: "Walk about among everybody who is near.",
  name: "Your name",
  anonymous: "or nothing, and be a guest",
  join: "Join",
  joining: "Joining …",
  again: "Join again",
  language: "中文",
  hints: ["Walk: arrow keys, WASD, or press where you want to go", "Talk: Enter · to the world or nearby: Tab", "Hop: Space · grid: G · zoom: + and −"],
  world: "World",
  nearby: "Nearby",
  toWorld: "Say to everybody in the world",
  toNearby: "Say to everybody near",
  send: "Send",
  grid: "Grid",
  hop: "Hop",
  zoomIn: "Closer",
  zoomOut: "Farther",
  leave: "Leave",
  ping: "ping",
  traffic: "received",
  frames: "frames/s",
  players: "in view",
  stage: "The world round you. Arrow keys walk, Enter talks, Space hops, G shows the grid.",
  playing: (name: string) => `You are ${name}`,
  connecting: "Connecting …",
  waiting: "Connection lost",
  ended: "Not connected",
  welcome: (name: string) => `Welcome, ${name}`,
  lost: (why: string, seconds: number) => `Connection lost (${why}). Trying again in ${seconds} s`,
  resumed: (name: string) => `Back again: you are still ${name}`,
  renewed: (name: string) => `It took too long: you begin anew, as ${name}`,
  corrected: "That did not count: you are back where you were",
  tooLong: (size: number, most: number) => `That is too long: ${size} bytes of ${most}`,
  refused: (why: string) => `That had no effect: ${why}`,
  noConnection: "Not now: there is no connection",
  left: "You have left.",
  kicked: (why: string, code: string) => `The server has ended it: ${why} (${code}).`,
  failed: (why: string) => `No way in: ${why}.`,
  server: "Server",
};

const chinese: typeof english = {
  lead: "在世界里走一走，看看身边的每一个人。",
  name: "你的名字",
  anonymous: "不填就是访客",
  join: "进入",
  joining: "正在进入……",
  again: "再次进入",
  language: "English",
  hints: ["行走：方向键、WASD，或按住想去的地方", "聊天：回车 · 切换世界与附近：Tab", "跳跃：空格 · 网格：G · 缩放：+ 和 −"],
  world: "世界",
  nearby: "附近",
  toWorld: "对全世界说",
  toNearby: "对附近的人说",
  send: "发送",
  grid: "网格",
  hop: "跳跃",
  zoomIn: "放大",
  zoomOut: "缩小",
  leave: "离开",
  ping: "延迟",
  traffic: "接收",
  frames: "帧/秒",
  players: "可见",
  stage: "你周围的世界。方向键行走，回车聊天，空格跳跃，G 显示网格。",
  playing: (name) => `你是 ${name}`,
  connecting: "正在连接……",
  waiting: "连接已断开",
  ended: "未连接",
  welcome: (name) => `欢迎，${name}`,
  lost: (why, seconds) => `连接已断开（${why}），${seconds} 秒后重试`,
  resumed: (name) => `已恢复：你仍是 ${name}`,
  renewed: (name) => `断开太久：你以 ${name} 重新开始`,
  corrected: "这一步无效：你回到了原处",
  tooLong: (size, most) => `太长了：${size} 字节，最多 ${most} 字节`,
  refused: (why) => `没有生效：${why}`,
  noConnection: "现在没有连接",
  left: "你已离开。",
  kicked: (why, code) => `服务器结束了连接：${why}（${code}）。`,
  failed: (why) => `无法进入：${why}。`,
  server: "服务器",
};

/** Words are all texts of the page in a language. */
export type Words = typeof english;

const all: Record<Language, Words> = { en: english, zh: chinese };

/** preferred returns the language that was chosen before, or that the browser asks for. */
export function preferred(): Language {
  const chosen = localStorage.getItem("language");
  if (chosen === "en" || chosen === "zh") return chosen;
  return navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en";
}

/** wordsOf returns the texts in a language. */
export function wordsOf(language: Language): Words {
  return all[language];
}
