// Who may file for vessels, from the portal's events: amqplib and a file.
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import amqp from "amqplib";

const file = process.env.STORE ?? "vessels.json";
const queue = `downstream.${process.env.SYSTEM ?? "vessels"}`;
const state = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : { applied: {}, captains: {}, history: [] };

// All or nothing: a rename is.
function save() {
  const next = openSync(`${file}.next`, "w");
  writeSync(next, JSON.stringify(state));
  fsyncSync(next);
  closeSync(next);
  renameSync(`${file}.next`, file);
}

// Your own part.
function handle(kind, event) {
  if (kind !== "accounts.AccountActivated" && kind !== "accounts.AccountFrozen") return;
  const active = kind === "accounts.AccountActivated";
  state.captains[event.account_id] = { name: event.account_name, active };
  state.history.push([event.account_id, kind]);
}

// The number of an account's last event is stored with the effect; what is not higher was applied before.
function apply(headers, event) {
  const subject = headers.cloudEvents_subject;
  const sequence = Number(headers.cloudEvents_sequence);
  if (sequence <= (state.applied[subject] ?? 0)) return;
  handle(headers.cloudEvents_type, event);
  state.applied[subject] = sequence;
  save();
}

const connection = await amqp.connect(process.env.AMQP_URL);
connection.on("close", () => process.exit(1)); // whatever starts this program starts it again
const channel = await connection.createChannel();
await channel.prefetch(50);
await channel.consume(queue, (message) => {
  if (message === null) process.exit(1); // the queue is gone
  let event;
  try {
    event = JSON.parse(message.content.toString());
  } catch {
    channel.reject(message, false); // a dead letter
    return;
  }
  apply(message.properties.headers, event); // an error ends the program: see README
  channel.ack(message);
});
