"""Coalescing over processes and hosts: equal calls in the air are one call."""

from forthwith.platform.upstream.flights.coalesce import coalesced
from forthwith.platform.upstream.flights.flight import Flight, Flights, FlightsAway, Listening
from forthwith.platform.upstream.flights.postgres_flights import PostgresFlights

__all__ = [
    "Flight",
    "Flights",
    "FlightsAway",
    "Listening",
    "PostgresFlights",
    "coalesced",
]
