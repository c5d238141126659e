"""What every route shares: answers, problems, limits, pages, streams, idempotency."""

from forthwith.platform.http.access import Db, Sealing, require, require_operator, scopes
from forthwith.platform.http.answers import (
    NOT_CHANGED,
    POLL_SECONDS,
    Answer,
    accepted,
    envelope,
    plain,
    tagged,
)
from forthwith.platform.http.bodies import BodyLimit
from forthwith.platform.http.direct import DirectWays
from forthwith.platform.http.gateway import Gateway
from forthwith.platform.http.idempotency import (
    KEY_RULE,
    AlreadyAnswered,
    IdempotencyKey,
    answer_once,
    idempotency_key,
    keep_answer,
)
from forthwith.platform.http.json_body import JsonBody
from forthwith.platform.http.pagination import PageRequest, page_request
from forthwith.platform.http.problems import Problem
from forthwith.platform.http.problems import install as install_problems
from forthwith.platform.http.routing import Router
from forthwith.platform.http.sse import EventStream, ServerSentEvent, last_event_id
from forthwith.platform.http.uploads import upload_schema, uploaded_file

__all__ = [
    "KEY_RULE",
    "NOT_CHANGED",
    "POLL_SECONDS",
    "AlreadyAnswered",
    "Answer",
    "BodyLimit",
    "Db",
    "DirectWays",
    "EventStream",
    "Gateway",
    "IdempotencyKey",
    "JsonBody",
    "PageRequest",
    "Problem",
    "Router",
    "Sealing",
    "ServerSentEvent",
    "accepted",
    "answer_once",
    "envelope",
    "idempotency_key",
    "install_problems",
    "keep_answer",
    "last_event_id",
    "page_request",
    "plain",
    "require",
    "require_operator",
    "scopes",
    "tagged",
    "upload_schema",
    "uploaded_file",
]
