"""From poems to what educator, poet and rhyme poet learn: tasks, seed set, quality gates, generation, datasets.

Start reading at `tasks`, the one table of everything that is taught; `types` is what flows.
"""
