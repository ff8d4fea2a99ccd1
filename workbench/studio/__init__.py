"""Revision with a person: steps, the queue, the worker process with the models, chats."""
