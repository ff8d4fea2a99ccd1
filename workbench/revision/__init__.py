"""The revision loop: an educator and a poet, brief, draft, critique and revision, and a ledger of all of it.

Read in this order: `session` (the loop itself, one generator), `drivers` (who answers it), `settings`, then the texts
(`brief_text`, `replies`, `critique_text`), the judgements (`draft_checks`, `ledger`), `store`.
"""
