"""What is at hand in a studio of the tests."""

import time

import pytest

from workbench.export.passport import Check, Form, Limits, Passport
from workbench.types import content_id


def passport() -> Passport:
    form = Form(name="<b>trained", n_tokens=10, nll_nats=20.0, worse_percent=0.0, worse_low=0.0, worse_high=0.0,
                kl_nats=0.0, greedy_alike=8, greedy_gap_nats=0.0)  # fmt: skip
    check = Check(name="loads", passed=True, detail="<script>")
    return Passport(file="tiny-poet-Q4_K_M.gguf", sha256="0", facts={"task": "poet"}, forms=(form,), checks=(check,),
                    limits=Limits())  # fmt: skip


def rest(studio, engine):
    name = f"test.{content_id('test', engine)}"
    for _ in range(6000):
        if not studio.queue.live(name).is_at_work:
            return
        time.sleep(0.1)
    pytest.fail("still at work")
