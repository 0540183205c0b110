// A client that is sent testdata/native/*.bin believes what the text beside it says: after each tick whom it sees, unless those
// are many, and in the end everybody.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fromBinary } from "@bufbuild/protobuf";
import { ids } from "../src/ids.js";
import { AckSchema, ChatSchema, WelcomeSchema } from "../src/pb/native/native_pb.js";
import { Lattice, type Place } from "../src/place.js";
import { Replica, type Entity } from "../src/replica.js";
import { frames } from "../src/wire.js";

const golden = new URL("../../../../testdata/native/", import.meta.url);
const recordings = readdirSync(golden).filter((name) => name.endsWith(".bin"));
const few = 12; // how many entities are listed after each tick

test("there are recordings", () => assert.ok(recordings.length >= 4));

for (const name of recordings) {
  test(`golden recording ${name}`, () => {
    const want = readFileSync(new URL(name.replace(".bin", ".txt"), golden), "utf8");
    assert.equal(tell(readFileSync(new URL(name, golden))), want);
  });
}

/** tell puts a recording into words. */
function tell(recording: Uint8Array): string {
  let out = "";
  let replica = new Replica();
  for (const { id, payload } of frames(recording)) {
    switch (id) {
      case ids.welcome: {
        const { player, at, tick, world } = fromBinary(WelcomeSchema, payload);
        replica = new Replica({}, world && new Lattice(world).extent());
        out += `welcome: player ${player} at ${at?.x},${at?.y},${at?.z} heading ${at?.heading} in tick ${tick}\n`;
        break;
      }
      case ids.tick:
        replica.apply(payload);
        out += `tick ${replica.number}: looks from cell ${replica.cell} and sees ${replica.entities.size}\n`;
        if (replica.entities.size <= few) out += list(replica);
        break;
      case ids.chat: {
        const { id, tick, player, name, text } = fromBinary(ChatSchema, payload);
        out += `chat ${id} in tick ${tick}: player ${player} (${quoted(name)}) says ${quoted(text)}\n`;
        break;
      }
      case ids.ack: {
        const { sequence, refused } = fromBinary(AckSchema, payload);
        out += `ack of move ${sequence}, refused ${refused}\n`;
        break;
      }
      default:
        out += `message ${id}: ${quoted(new TextDecoder().decode(payload))}\n`;
    }
  }
  return `${out}in the end:\n${list(replica)}`;
}

/** list is everybody in view by id. */
function list(replica: Replica): string {
  return [...replica.entities.values()].sort((a, b) => a.id - b.id).map((entity) => line(entity, replica.place(entity))).join("");
}

/** line is what is believed of one entity. */
function line({ id, kind, name, attributes }: Entity, at: Place): string {
  const place = `  ${id} at ${at.x},${at.y},${at.z} heading ${at.heading}`;
  const bare = kind === 0 && name === "" && attributes.length === 0;
  const worn = new TextDecoder().decode(attributes);
  return bare ? `${place}\n` : `${place} kind ${kind} name ${quoted(name)} attributes ${quoted(worn)}\n`;
}

/** quoted is a text in quotes. The recordings have no text that would have to be escaped otherwise than in JSON. */
function quoted(text: string): string {
  return JSON.stringify(text);
}
