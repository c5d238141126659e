"""The seed's pattern: Flask, a row in the database, and a thread for each order.

Runs in the venv of requirements/bench-flask.lock under gunicorn. The thread does the least that
its order can need, two updates: neither speech nor LINE.
"""

import os
import threading
from typing import Any

from flask import Flask, jsonify, request  # type: ignore[import-not-found]
from psycopg.types.json import Jsonb  # type: ignore[import-not-found]
from psycopg_pool import ConnectionPool  # type: ignore[import-not-found]

POOL_SIZE = 15  # connections: what the others may open
pool = ConnectionPool(os.environ["DATABASE_URL"], min_size=1, max_size=POOL_SIZE, open=True)
app = Flask(__name__)

with pool.connection() as first:
    first.execute(
        "create table if not exists public.seed_orders (id bigserial primary key,"
        " store_name varchar not null, items jsonb not null, total numeric not null,"
        " status varchar not null, created_at timestamptz not null default now())"
    )


@app.post("/api/orders/quick")  # type: ignore[untyped-decorator]
def create_quick_order() -> Any:
    """Check the request, write the order, start its thread, answer."""
    body = request.get_json()
    for member in ("store_name", "items", "total_amount"):
        if not body.get(member):
            return jsonify({"error": f"{member} is missing"}), 400
    with pool.connection() as connection:
        row = connection.execute(
            "insert into public.seed_orders (store_name, items, total, status)"
            " values (%s, %s, %s, 'pending') returning id",
            (body["store_name"], Jsonb(body["items"]), body["total_amount"]),
        ).fetchone()
    threading.Thread(target=process_order_background, args=(row[0],), daemon=True).start()
    url = f"/api/orders/status/{row[0]}"
    return jsonify({"order_id": row[0], "status": "pending", "polling_url": url}), 202


def process_order_background(order_id: int) -> None:
    """Work on an order in this process."""
    for status in ("processing", "completed"):
        with pool.connection() as connection:
            connection.execute(
                "update public.seed_orders set status = %s where id = %s", (status, order_id)
            )
