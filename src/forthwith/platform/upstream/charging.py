"""The lines of the ledger: of a call that was made, and of one that was saved."""

from typing import Any

from forthwith.platform.upstream.attempt import Attempt
from forthwith.platform.upstream.costs import ONE_CALL, Charge, Outcome, Source
from forthwith.platform.upstream.operations import Operation
from forthwith.platform.upstream.request import Request
from forthwith.platform.upstream.vendor import Vendor


def made(
    vendor: Vendor,
    request: Request[Any],
    attempt: Attempt,
    outcome: Outcome,
    *,
    is_paid: bool,
    seconds: float,
) -> Charge:
    """What a call cost: as the vendor told, else as estimated; nothing where it said no."""
    model = attempt.model or request.model
    price = vendor.price_of(model)
    usage = (attempt.usage or request.estimate) if is_paid else ONE_CALL
    return Charge(
        vendor=vendor.name,
        operation=request.operation,
        outcome=outcome,
        usage=usage,
        micros=price.of(usage) if is_paid else 0,
        currency=price.currency,
        latency_ms=round(seconds * 1000),
        model=model,
        key=attempt.key,
        prompt_version=request.prompt_version,
        owner=request.owner,
        app=request.app,
    )


def saved(vendor: Vendor, request: Request[Any], operation: Operation, source: str) -> Charge:
    """What a call would have cost that a tier, or the call of another, made needless."""
    usage = operation.likely_usage(request.model, request.estimate)
    return Charge(
        vendor=vendor.name,
        operation=request.operation,
        outcome=Outcome.ANSWERED,
        source=Source(source),
        usage=usage,
        micros=request.price.of(usage),
        currency=request.price.currency,
        model=request.model,
        prompt_version=request.prompt_version,
        owner=request.owner,
        app=request.app,
    )
