// What the JavaScript clients of Ollama and OpenAI do with a server: node foreign_clients.mjs URL, in a folder with both.
// One line of JSON a trial: client, trial, error ("" = right). Started by `python -m bench.clients`.
import { Ollama } from "ollama";
import OpenAI from "openai";

const url = process.argv[2];
const ollama = new Ollama({ host: url });
const openai = new OpenAI({ baseURL: `${url}/v1`, apiKey: "none", maxRetries: 0 });
const messages = [{ role: "user", content: "Name one sea." }];
const options = { temperature: 0, num_predict: 6 };
const drawn = { model: "base", messages, temperature: 0, max_tokens: 6 };

const chat = async () => (await ollama.chat({ model: "base", messages, options })).message.content;
const joined = async (parts, text) => {
  let all = "";
  for await (const part of await parts) all += text(part) ?? "";
  return all;
};
const same = (first, second) => {
  if (!first) throw new Error("no text");
  if (first !== second) throw new Error(`${JSON.stringify(first)} is not ${JSON.stringify(second)}`);
};
const refused = async (ask, words) => {
  try {
    await ask();
  } catch (error) {
    if (!String(error).includes(words)) throw error;
    return;
  }
  throw new Error("it was not refused");
};

const trials = {
  "ollama (JavaScript)": {
    list: async () => same((await ollama.list()).models[0].model, "base:latest"),
    show: async () => same((await ollama.show({ model: "base" })).details.format, "gguf"),
    chat: async () => same(await chat(), await chat()),
    "chat streamed": async () =>
      same(await joined(ollama.chat({ model: "base", messages, options, stream: true }), (p) => p.message.content), await chat()),
    generate: async () =>
      same((await ollama.generate({ model: "base", prompt: "Name one sea.", options })).response, await chat()),
    "generate streamed": async () =>
      same(await joined(ollama.generate({ model: "base", prompt: "Name one sea.", options, stream: true }), (p) => p.response), await chat()),
    ps: async () => same((await ollama.ps()).models[0].model, "base:latest"),
    version: async () => same(typeof (await ollama.version()).version, "string"),
    "abort in mid-stream": async () => {
      const stream = await ollama.chat({ model: "base", messages, options: { num_predict: -1 }, stream: true });
      try {
        for await (const _ of stream) stream.abort();
      } catch (error) {
        if (error.name !== "AbortError") throw error;
      }
      same(await chat(), await chat());
    },
    "embed refused": () => refused(() => ollama.embed({ model: "base", input: "sea" }), "no embeddings"),
    "unknown model": () => refused(() => ollama.chat({ model: "absent", messages }), "this server has"),
  },
  "openai (JavaScript)": {
    list: async () => same((await openai.models.list()).data[0].id, "base"),
    chat: async () => same((await openai.chat.completions.create(drawn)).choices[0].message.content, await chat()),
    "chat streamed": async () =>
      same(await joined(openai.chat.completions.create({ ...drawn, stream: true }), (p) => p.choices[0]?.delta.content), await chat()),
    completion: async () =>
      same((await openai.completions.create({ model: "base", prompt: "Name one sea.", temperature: 0, max_tokens: 6 })).choices[0].text, await chat()),
    "embeddings refused": () => refused(() => openai.embeddings.create({ model: "base", input: "sea" }), "no embeddings"),
    "unknown model": () => refused(() => openai.chat.completions.create({ ...drawn, model: "absent" }), "this server has"),
  },
};

for (const [client, own] of Object.entries(trials))
  for (const [trial, ask] of Object.entries(own)) {
    let error = "";
    await ask().catch((found) => (error = String(found).slice(0, 400)));
    console.log(JSON.stringify({ client, trial, error }));
  }
