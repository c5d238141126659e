"""What models cost, by the list that pydantic-ai brings along (genai-prices)."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Final

from forthwith.platform.upstream import Price

_MILLION: Final = 1_000_000
_FREE: Final = Price()


class Prices(Mapping[str, Price]):
    """Prices of a provider's models, looked up at first use: the list takes half a second.

    A model that the list does not know, or any without the extra `llm`, counts as free: its
    tokens are still told.
    """

    def __init__(self, provider: str, *models: str) -> None:
        """`provider` as genai-prices names it: `google`, `openai`."""
        self._provider = provider
        self._found: dict[str, Price | None] = dict.fromkeys(models)

    def __getitem__(self, model: str) -> Price:
        found = self._found[model]
        if found is None:
            found = self._found[model] = _price(self._provider, model)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)


def _price(provider: str, model: str) -> Price:
    try:
        from genai_prices import Usage, calc_price  # noqa: PLC0415 - of the extra, and slow
    except ImportError:
        return _FREE
    try:
        per_in = calc_price(Usage(input_tokens=_MILLION), model, provider_id=provider)
        per_out = calc_price(Usage(output_tokens=_MILLION), model, provider_id=provider)
    except LookupError:
        return _FREE
    return Price(
        per_million_tokens_in=_micros(per_in.total_price),
        per_million_tokens_out=_micros(per_out.total_price),
    )


def _micros(dollars: Decimal) -> int:
    return int(dollars * _MILLION)
