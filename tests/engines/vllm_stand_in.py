"""Stands in for `python -m vllm.entrypoints.cli.main`: its command line and routes, without its model.

Words come from the tokenizer of the folder, drawn by a hash of what would decide them: adapter, prompt, seed, place.
Options are those that vLLM 0.31 has; another one is refused, as vLLM refuses it.
"""

import argparse
import hashlib
import json
import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar


def arguments(words: list[str]) -> argparse.Namespace:
    """The part of vLLM's command line that we use."""
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("command", choices=["serve"])
    parser.add_argument("model")
    for name in ("served-model-name", "host", "generation-config"):
        parser.add_argument(f"--{name}", required=True)
    for name in ("port", "max-model-len", "max-loras", "max-lora-rank", "seed"):
        parser.add_argument(f"--{name}", type=int, required=True)
    parser.add_argument("--gpu-memory-utilization", type=float, required=True)
    for name in ("enable-prefix-caching", "enable-lora", "enable-sleep-mode"):
        parser.add_argument(f"--{name}", action="store_true")
    return parser.parse_args(words)


class Handler(BaseHTTPRequestHandler):
    options: ClassVar[argparse.Namespace]
    words: ClassVar[list[int]]
    models: ClassVar[set[str]]
    is_asleep: ClassVar[bool] = False

    def do_GET(self) -> None:
        self._say(200 if self.path == "/health" else 404)

    def do_POST(self) -> None:
        data = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body: dict[str, Any] = json.loads(data) if data else {}
        route = self.path.partition("?")[0]
        if route in ("/sleep", "/wake_up"):
            Handler.is_asleep = route == "/sleep"
            self._say(200 if self.options.enable_sleep_mode else 500)
        elif route == "/v1/load_lora_adapter":
            whole = (Path(body["lora_path"]) / "adapter_model.safetensors").is_file()
            if not whole or os.environ.get("VLLM_ALLOW_RUNTIME_LORA_UPDATING") != "True":
                self._say(404, {"error": {"message": "no adapter found"}})
                return
            self.models.add(body["lora_name"])
            self._say(200)
        elif route == "/v1/unload_lora_adapter":
            known = body["lora_name"] in self.models
            self.models.discard(body["lora_name"])
            self._say(200 if known else 404)
        else:
            self._complete(body)

    def _complete(self, body: dict[str, Any]) -> None:
        if body["model"] not in self.models or self.is_asleep:
            self._say(404, {"error": {"message": f"no model {body['model']}, or it sleeps"}})
        elif len(body["prompt"]) + body["max_tokens"] > self.options.max_model_len:
            self._say(400, {"error": {"message": "too long"}})
        else:
            ids, reason = self._drawn(body), "length"
            if body.get("stream"):
                self._stream(ids, reason)
            else:
                self._say(200, {"choices": [{"token_ids": ids, "finish_reason": reason, "text": "unread"}]})

    def _drawn(self, body: dict[str, Any]) -> list[int]:
        seed = body["seed"] if body["temperature"] else 0
        known = json.dumps([body["model"], body["prompt"], seed])
        places = (hashlib.sha256(f"{known} {n}".encode()).digest() for n in range(body["max_tokens"]))
        return [self.words[int.from_bytes(each[:4]) % len(self.words)] for each in places]

    def _stream(self, ids: list[int], reason: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        for place, token in enumerate(ids):
            choice = {"token_ids": [token], "finish_reason": reason if place + 1 == len(ids) else None}
            self.wfile.write(f"data: {json.dumps({'choices': [choice]})}\n\n".encode())
        self.wfile.write(b"data: [DONE]\n\n")

    def _say(self, status: int, body: Any = None) -> None:
        data = json.dumps(body).encode() if body is not None else b""
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: Any) -> None:
        """Nothing."""


def main() -> None:
    """Serves until it is ended."""
    Handler.options = arguments(sys.argv[1:])
    folder = Path(Handler.options.model)
    if not (folder / "config.json").is_file():
        sys.exit(f"no model in {folder}")
    vocabulary = json.loads((folder / "tokenizer.json").read_text())["model"]["vocab"]
    Handler.words = sorted(
        number for word, number in vocabulary.items() if word.strip("Ġ").isalpha() and word.isascii()
    )
    Handler.models = {Handler.options.served_model_name}
    ThreadingHTTPServer((Handler.options.host, Handler.options.port), Handler).serve_forever()


if __name__ == "__main__":
    main()
