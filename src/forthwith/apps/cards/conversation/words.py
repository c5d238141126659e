"""What the bot says, whatever the language: every language has each of these sentences."""

from dataclasses import dataclass

from forthwith.apps.cards.conversation.commands import Field, Verb


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Everything that is said, in one language; braces are filled in."""

    say: dict[Verb, str]
    """The words of the quick replies."""
    fields: dict[Field, str]
    failures: dict[str, str]
    """Why a photo could not be read, by code."""
    advice: dict[str, str]
    welcome: str
    help: str
    batch_begun: str
    batch_runs: str
    no_batch: str
    batch_empty: str
    batch_done: str
    batch_forgotten: str
    done: str
    failed: str
    duplicates: str
    from_cache: str
    took: str
    seconds: str
    status: str
    in_batch: str
    waiting: str
    contacts: str
    photo_failed: str
    unexpected: str
    no_contacts: str
    nothing_found: str
    found: str
    ask_value: str
    ask_note: str
    cancelled: str
    not_valid: str
    corrected: str
    noted: str
    ask_delete: str
    deleted: str
    gone: str
    same_person: str
    merged: str
    kept_apart: str
    not_understood: str
    send_photo: str
    earlier: str
    read_before: str
    delete: str
    yes_delete: str
    merge: str
    keep: str
    save: str
    qr: str
    note: str
    notion: str
    notion_waiting: str
    notion_failed: str
    open: str
    more: str
    camera: str
    album: str
    unsure: str
    read_by: str
    readers: dict[str, str]
    """What is said in place of the name of who read a card."""
    no_links: str
