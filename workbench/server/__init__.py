"""The chat server: Ollama's HTTP shape over the workbench's models; revision and composing as streams of events.

    settings        config/serve.yaml: which models have which names, limits
    ollama_api      what comes in and goes out, in Ollama's shape
    openai_api      the same in OpenAI's shape
    poems_api       a description in, title and poem out, and the other way round: bodies and events
    request_limits  token, size and pace of a body, strict JSON, before a route sees anything; what OpenAPI says of it
    model_client    the server's end of the pipe: starts the model's process, asks it, starts it again when it died
    model_process   the other end: a process of its own that owns the model
    model_poems     composing and describing in that process
    answers         one answer: its status, its lines, what happens when the client leaves; a session as events
    app             the routes
    command         `workbench serve`

A request passes `local_guard`, then the limits, then waits for its turn: one model, one answer at a time.
"""
