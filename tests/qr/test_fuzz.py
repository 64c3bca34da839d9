"""20,000 bent payloads, judged as a second opinion judges them; 200,000 in benchmarks/qr_fuzz.py."""

from app.qr import build, details, explain, inspect, parse
from app.qr.kinds import FOREIGN_KINDS, NAPAS_KINDS, Kind
from tests.qr.fuzzing import bent_payloads
from tests.qr.oracle import acceptable, beneficiary


def disagreement(payload: str) -> str:
    """What is wrong about the room's opinion of a payload, empty if nothing; raises whatever the room raises."""
    code = inspect(payload)
    sentence = explain(payload)
    long_names = code.kind in FOREIGN_KINDS or code.kind is Kind.EVN
    if code.valid != acceptable(payload, long_names=long_names):
        return f"valid={code.valid}"
    if not code.valid:
        return "" if (code.errors and "đừng dùng" in sentence) or code.kind is Kind.NOT_PAYMENT else "no reason given"
    if build(parse(payload)) != payload:
        return "not lossless"
    said = details(code)
    if code.kind in NAPAS_KINDS and beneficiary(payload) != (said.bin, said.account):
        return f"beneficiary {said.bin} {said.account}"
    return ""


def test_no_bent_payload_is_wrongly_accepted_or_wrongly_refused() -> None:
    accepted = 0
    for payload in bent_payloads(20_000, seed=20261122):
        assert disagreement(payload) == "", payload
        accepted += inspect(payload).valid
    assert accepted > 500
