"""The chat server: Ollama's HTTP shape over the workbench's models, and revision as a stream of events.

    settings       config/serve.yaml: which models have which names, limits
    wire           what comes in and goes out, in Ollama's shape
    gate           token and body limit, before anything is read
    model_link     the server's end of the pipe: starts the model's process, asks it, starts it again when it died
    model_process  the other end: a process of its own that owns the model
    answers        one answer: its status, its lines, and what happens when the client leaves
    revising       a revision session as events
    description    what OpenAPI says of the bodies
    app            the routes
    command        `python -m workbench serve`

A request passes `local_guard`, then the gate, then waits for its turn: one model, one answer at a time.
"""
